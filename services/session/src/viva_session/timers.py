"""What nobody says: a question that does not come, a score that does not come, time that is up.

Timers are rows, so a crash loses none; several processes share them with SKIP LOCKED. A timer fires at or after its
time, once: its row goes in the transaction of its effect. The rules ignore a timer that has become pointless.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from viva_core.db import transaction
from viva_core.errors import Transient
from viva_core.health import Health
from viva_core.telemetry.logs import get_logger

from viva_session.adapters import tables
from viva_session.application.interviews import Command, Interviews
from viva_session.domain.outcome import TimerKind
from viva_session.domain.rules import Rules

_PART = "timers"
_log = get_logger("viva.timers")
_Call = Callable[[UUID, int], Command]


class Timers:
    """Fires what is due. `look` is the time between two looks, and so how late a timer may be."""

    def __init__(
        self, interviews: Interviews, rules: Rules, health: Health, registry: CollectorRegistry, *, look: float = 0.5
    ) -> None:
        self._interviews = interviews
        self._health = health
        self._look = look
        self._stopping = asyncio.Event()
        self._fired = Counter("viva_timers_fired_total", "Timers that fired", ["kind"], registry=registry)
        self._calls: dict[TimerKind, _Call] = {
            TimerKind.INVITATION_EXPIRES: lambda _, __: lambda interview, now: rules.expire(interview, now),
            TimerKind.QUESTION_OVERDUE: lambda turn, _: lambda i, now: rules.question_overdue(i, turn, now),
            TimerKind.EVALUATION_OVERDUE: lambda turn, n: lambda i, now: rules.evaluation_overdue(i, turn, n, now),
            TimerKind.TIME_UP: lambda _, __: lambda interview, now: rules.time_up(interview, now),
            TimerKind.REVIEW_OVER: lambda _, __: lambda interview, now: rules.review_over(interview, now),
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
        """Fire the timer that is due longest; False when none is."""
        table = tables.timers.c
        async with transaction(self._interviews.sessions) as session:
            now = self._interviews.clock.now()
            row = (
                await session.execute(
                    select(tables.timers)
                    .where(table.due_at <= now)
                    .order_by(table.due_at)
                    .limit(1)
                    .with_for_update(skip_locked=True)
                )
            ).first()
            if row is None:
                return False
            await session.execute(
                delete(tables.timers).where(
                    table.interview_id == row.interview_id,
                    table.kind == row.kind,
                    table.turn_id == row.turn_id,
                    table.revision == row.revision,
                )
            )
            await self._fire(session, row.interview_id, TimerKind(row.kind), row.turn_id, row.revision, now)
        return True

    async def _fire(
        self, session: AsyncSession, interview_id: UUID, kind: TimerKind, turn_id: UUID, revision: int, now: datetime
    ) -> None:
        tenant_id = await session.scalar(
            select(tables.interviews.c.tenant_id).where(tables.interviews.c.interview_id == interview_id)
        )
        if tenant_id is None:
            return
        stored = await self._interviews.store.load(session, tenant_id, interview_id, lock=True)
        if stored is None:
            return
        after = await self._interviews.apply(session, stored, self._calls[kind](turn_id, revision))
        if after.sequence != stored.sequence:
            self._fired.labels(kind.value).inc()
            _log.info("a timer fired", timer=kind.value, interview_id=str(interview_id), turn_id=str(turn_id))
