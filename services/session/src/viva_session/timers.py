"""What nobody says: a question that does not come, a score that does not come, time that is up.

Timers are rows, so a crash loses none; several processes share them with SKIP LOCKED. A timer fires at or after its
time, once: its row goes in the transaction of its effect. The rules ignore a timer that has become pointless. One that
fails is put off, so that it neither ends the process nor holds up the others.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import ColumnElement, Row, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from viva_core.bus.subjects import event_subject
from viva_core.bus.topology import EVENTS
from viva_core.db import transaction
from viva_core.errors import Transient
from viva_core.health import Health
from viva_core.telemetry.logs import get_logger

from viva_session.adapters import tables
from viva_session.application.erasure import Erasure, Purge
from viva_session.application.interviews import Command, Interviews
from viva_session.domain.hearing import Hearing
from viva_session.domain.outcome import TimerKind
from viva_session.domain.rules import Rules

_PART = "timers"
_SOON = timedelta(seconds=1)
_LATER = timedelta(minutes=1)
"""How long a timer that failed is put off: for what passes by itself, and for a fault."""

_log = get_logger("viva.timers")
_Call = Callable[[UUID, int], Command]
_Removal = Callable[[AsyncSession, UUID, UUID], Awaitable[None]]


class Timers:
    """Fires what is due. `look` is the time between two looks, and so how late a timer may be."""

    def __init__(
        self,
        interviews: Interviews,
        erasure: Erasure,
        rules: Rules,
        hearing: Hearing,
        health: Health,
        registry: CollectorRegistry,
        purge: Purge,
        *,
        look: float = 0.5,
    ) -> None:
        self._interviews = interviews
        self._purge = purge
        self._health = health
        self._look = look
        self._stopping = asyncio.Event()
        self._fired = Counter("viva_timers_fired_total", "Timers that fired", ["kind"], registry=registry)
        self._failed = Counter("viva_timers_failed_total", "Timers that failed", ["kind"], registry=registry)
        self._calls: dict[TimerKind, _Call] = {
            TimerKind.INVITATION_EXPIRES: lambda _, __: lambda interview, now: rules.expire(interview, now),
            TimerKind.QUESTION_OVERDUE: lambda turn, _: lambda i, now: rules.question_overdue(i, turn, now),
            TimerKind.EVALUATION_OVERDUE: lambda turn, n: lambda i, now: rules.evaluation_overdue(i, turn, n, now),
            TimerKind.SPEECH_OVERDUE: lambda turn, n: lambda i, now: hearing.speech_overdue(i, turn, n, now),
            TimerKind.TIME_UP: lambda _, __: lambda interview, now: rules.time_up(interview, now),
            TimerKind.REVIEW_OVER: lambda _, __: lambda interview, now: rules.review_over(interview, now),
        }

        # These change no interview: they take from the streams.
        self._removals: dict[TimerKind, _Removal] = {
            TimerKind.ERASURE_SWEEP: erasure.sweep,
            TimerKind.EXPRESSIONS_REVOKED: self._remove_expressions,
        }

    async def run(self) -> None:
        """Look until `stop`."""
        while not self._stopping.is_set():
            try:
                while await self.fire_one():
                    pass
                self._health.set(_PART, True)
            except Transient as error:
                self._health.set(_PART, False, error.message)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._look)

    async def stop(self, _: float = 0) -> None:
        """Look no more."""
        self._stopping.set()

    async def fire_one(self) -> bool:
        """Fire the timer that is due longest; False when none is. Raises Transient when the database is away."""
        due: Row[Any] | None = None
        try:
            async with transaction(self._interviews.sessions) as session:
                now = self._interviews.clock.now()
                due = await _longest_due(session, now)
                if due is None:
                    return False
                # The row was read without a lock of its own: that it is still there decides who fires it.
                gone = await session.execute(delete(tables.timers).where(_is(due)).returning(tables.timers.c.due_at))
                if gone.scalar() is not None:
                    await self._fire(session, due)
        except Exception as error:
            if due is None:
                raise
            await self._put_off(due, error)
        return True

    async def _fire(self, session: AsyncSession, due: Row[Any]) -> None:
        kind = TimerKind(due.kind)
        if kind in self._removals:
            await self._removals[kind](session, due.tenant_id, due.interview_id)
            self._fired.labels(kind.value).inc()
            return
        stored = await self._interviews.store.load(session, due.tenant_id, due.interview_id, lock=True)
        assert stored is not None, "its row is locked"
        after = await self._interviews.apply(session, stored, self._calls[kind](due.turn_id, due.revision))
        if after.sequence != stored.sequence:
            self._fired.labels(kind.value).inc()
            _log.info("a timer fired", timer=kind.value, interview_id=str(due.interview_id), turn_id=str(due.turn_id))

    async def _remove_expressions(self, _: AsyncSession, tenant_id: UUID, interview_id: UUID) -> None:
        await self._purge(EVENTS.name, event_subject(tenant_id, interview_id, "expressions-seen"))

    async def _put_off(self, due: Row[Any], error: Exception) -> None:
        transient = isinstance(error, Transient)
        later = self._interviews.clock.now() + (_SOON if transient else _LATER)
        async with transaction(self._interviews.sessions) as session:
            await session.execute(update(tables.timers).where(_is(due)).values(due_at=later))
        self._failed.labels(due.kind).inc()
        _log.log(
            logging.WARNING if transient else logging.ERROR,
            "a timer failed and was put off",
            timer=due.kind,
            interview_id=str(due.interview_id),
            reason=type(error).__name__,
            exc_info=None if transient else error,
        )


async def _longest_due(session: AsyncSession, now: datetime) -> Row[Any] | None:
    """The timer that is due longest among those whose interview nobody is changing, and the interview locked.

    The interview is locked first, as whoever changes or erases one does: no two can wait for each other.
    """
    timer, interview = tables.timers.c, tables.interviews.c
    query = (
        select(tables.timers, interview.tenant_id)
        .join(tables.interviews, interview.interview_id == timer.interview_id)
        .where(timer.due_at <= now)
        .order_by(timer.due_at)
        .limit(1)
        .with_for_update(of=tables.interviews, skip_locked=True)
    )
    return (await session.execute(query)).first()


def _is(due: Row[Any]) -> ColumnElement[bool]:
    timer = tables.timers.c
    return and_(
        timer.interview_id == due.interview_id,
        timer.kind == due.kind,
        timer.turn_id == due.turn_id,
        timer.revision == due.revision,
        timer.due_at == due.due_at,
    )
