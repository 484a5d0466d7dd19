"""Erasing a person: PostgreSQL first, in one transaction, then the streams; the receipt lists both.

When the bus is away after the commit, the data in PostgreSQL is gone already and the receipt says so; the same call
again goes on with the streams. They are searched at each call: a backup that was restored may have brought back what
was erased since. A worker that was at it may still speak up or give up afterwards, and quote that person:
its events are removed when they come in, and a timer sweeps the streams once more when no worker can be at it any more.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from viva_core.db import Inbox, transaction
from viva_core.errors import NotFound
from viva_core.ids import IdFactory
from viva_core.telemetry.logs import get_logger

from viva_session.adapters.records import Receipt
from viva_session.application.interviews import Interviews, resource_of
from viva_session.domain.access import Action, Actor, authorize
from viva_session.domain.interview import State
from viva_session.domain.outcome import Timer, TimerKind
from viva_session.domain.rules import Rules

PurgeStreams = Callable[[UUID, UUID], Awaitable[dict[str, int]]]
"""Takes tenant and interview; returns how many messages went, by stream."""

Purge = Callable[[str, str], Awaitable[int]]
"""Takes a stream and a subject; returns how many messages went."""

SoundGone = Callable[[UUID, UUID, str, str, Mapping[str, int]], Awaitable[None]]
"""Takes tenant, interview, consumer, message and what media destroyed: see `Erasure.sound_gone`."""

_STREAMS = "jetstream"
_MEDIA = "media"
_log = get_logger("viva.erasure")


class Erasure:
    """Erases interviews and keeps the proof."""

    def __init__(
        self, interviews: Interviews, rules: Rules, purge: PurgeStreams, new_id: IdFactory, *, sweep_after: timedelta
    ) -> None:
        self._interviews = interviews
        self._sweep_after = sweep_after
        self._rules = rules
        self._purge = purge
        self._new_id = new_id

    async def erase(self, actor: Actor, interview_id: UUID) -> Receipt:
        """Remove all personal data; twice gives the same receipt, with what the streams held again. Raises NotFound,
        Denied, Transient."""
        receipt = await self._erase_rows(actor, interview_id)
        purged = await self._purge(actor.tenant_id, interview_id)
        async with transaction(self._interviews.sessions) as session:
            return await self._note(session, actor.tenant_id, receipt, _STREAMS, purged)

    async def sweep(self, session: AsyncSession, tenant_id: UUID, interview_id: UUID) -> None:
        """Remove from the streams what came after the erasure, or what the erasure could not reach, and put it on the
        receipt. Raises Transient."""
        receipt = await self._interviews.records.receipt(session, tenant_id, interview_id)
        if receipt is None:
            return
        purged = await self._purge(tenant_id, interview_id)
        await self._note(session, tenant_id, receipt, _STREAMS, purged)
        if any(purged.values()):
            _log.info("messages came after an erasure and were removed", interview_id=str(interview_id), **purged)

    async def sound_gone(
        self, tenant_id: UUID, interview_id: UUID, consumer: str, message_id: str, removed: Mapping[str, int]
    ) -> None:
        """Put on the receipt what media destroyed, once however often its event comes. Raises Transient."""
        async with transaction(self._interviews.sessions) as session:
            if not await Inbox.claim(session, consumer, message_id):
                return
            receipt = await self._interviews.records.receipt(session, tenant_id, interview_id)
            if receipt is not None:
                await self._note(session, tenant_id, receipt, _MEDIA, removed)

    async def _note(
        self, session: AsyncSession, tenant_id: UUID, receipt: Receipt, store: str, removed: Mapping[str, int]
    ) -> Receipt:
        """Add to what the receipt says by now of one store."""
        # Media's word may come in while the streams are purged: neither may overwrite the other's.
        known = await self._interviews.records.receipt(session, tenant_id, receipt.interview_id, lock=True)
        receipt = known or receipt
        counts = Counter(removed)
        counts.update({what: count for where, what, count in receipt.stores if where == store})
        others = tuple(entry for entry in receipt.stores if entry[0] != store)
        complete = replace(receipt, stores=others + tuple((store, what, counts[what]) for what in sorted(counts)))
        await self._interviews.records.save_receipt(session, tenant_id, complete)
        return complete

    async def _erase_rows(self, actor: Actor, interview_id: UUID) -> Receipt:
        interviews = self._interviews
        async with transaction(interviews.sessions) as session:
            stored = await interviews.store.load(session, actor.tenant_id, interview_id, lock=True)
            authorize(actor, Action.INTERVIEW_ERASE, resource_of(stored))
            assert stored is not None, "authorize refuses what was not found"
            known = await interviews.records.receipt(session, actor.tenant_id, interview_id)
            if stored.interview.state is State.ERASED and known is not None:
                return known
            receipt_id = self._new_id()
            now = interviews.clock.now()
            counts = await interviews.store.forget(session, interview_id)
            sweep = Timer(TimerKind.ERASURE_SWEEP, now + self._sweep_after)
            await interviews.apply(
                session, stored, lambda one, _: replace(self._rules.erase(one, receipt_id), timers=(sweep,))
            )
            stores = tuple(("postgresql", what, count) for what, count in sorted(counts.items()))
            receipt = Receipt(receipt_id, interview_id, now, actor.kind, (*stores, ("postgresql", "candidate", 1)))
            await interviews.records.save_receipt(session, actor.tenant_id, receipt)
            await interviews.records.log(
                session, actor, Action.INTERVIEW_ERASE, interview_id, now, interview_id=interview_id
            )
            return receipt

    async def receipt(self, actor: Actor, interview_id: UUID) -> Receipt:
        """The receipt of an erasure. Raises NotFound, Denied."""
        async with transaction(self._interviews.sessions) as session:
            stored = await self._interviews.store.load(session, actor.tenant_id, interview_id)
            authorize(actor, Action.INTERVIEW_ERASE, resource_of(stored))
            found = await self._interviews.records.receipt(session, actor.tenant_id, interview_id)
        if found is None:
            raise NotFound("this interview was not erased")
        return found
