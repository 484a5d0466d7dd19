"""Erasing a person: PostgreSQL first, in one transaction, then the streams; the receipt lists both.

When the bus is away after the commit, the data in PostgreSQL is gone already and the receipt says so; the same call
again goes on with the streams. Late messages find an erased interview and take no effect.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

from viva_core.db import transaction
from viva_core.errors import NotFound
from viva_core.ids import IdFactory

from viva_session.adapters.records import Receipt
from viva_session.application.interviews import Interviews, resource_of
from viva_session.domain.access import Action, Actor, authorize
from viva_session.domain.interview import State
from viva_session.domain.rules import Rules

PurgeStreams = Callable[[UUID, UUID], Awaitable[dict[str, int]]]
"""Takes tenant and interview; returns how many messages went, by stream."""

_STREAMS = "jetstream"


class Erasure:
    """Erases interviews and keeps the proof."""

    def __init__(self, interviews: Interviews, rules: Rules, purge: PurgeStreams, new_id: IdFactory) -> None:
        self._interviews = interviews
        self._rules = rules
        self._purge = purge
        self._new_id = new_id

    async def erase(self, actor: Actor, interview_id: UUID) -> Receipt:
        """Remove all personal data; twice gives the same receipt. Raises NotFound, Denied, Transient."""
        receipt = await self._erase_rows(actor, interview_id)
        if any(store == _STREAMS for store, _, _ in receipt.stores):
            return receipt
        purged = await self._purge(actor.tenant_id, interview_id)
        streams = tuple((_STREAMS, stream, count) for stream, count in sorted(purged.items()))
        complete = replace(receipt, stores=receipt.stores + streams)
        async with transaction(self._interviews.sessions) as session:
            await self._interviews.records.save_receipt(session, actor.tenant_id, complete)
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
            await interviews.apply(session, stored, lambda interview, _: self._rules.erase(interview, receipt_id))
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
