"""Interviews in PostgreSQL: an aggregate is loaded whole, changed by a command, and saved with everything that follows
from the change — its events, its messages for the bus, its timers — in the same transaction.

Every query names the tenant: a row of another tenant is not found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from typing import cast as typed
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CursorResult,
    Select,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from viva_core.bus import subjects
from viva_core.bus.topology import SAYS, Role
from viva_core.db import Outbox

from viva_session.adapters import documents, tables
from viva_session.adapters.translate import commands, events
from viva_session.domain.interview import Candidate, Interview, Outcome, State
from viva_session.domain.outcome import AskQuestion, Timer
from viva_session.domain.overview import overview_of

WATCH_CHANNEL = "viva_watch"
"""Notified with "<interview id>" whenever an interview's log grows, and with `board_key` whenever a row of the tenant's
list changes."""


def board_key(tenant_id: UUID) -> str:
    """What is told of a tenant's list."""
    return f"tenant/{tenant_id}"


_NO_TURN = UUID(int=0)
_SAID = frozenset(SAYS[Role.SESSION])


@dataclass(frozen=True)
class Stored:
    """An interview as it stands in the database; `sequence` is that of its newest event."""

    interview: Interview
    sequence: int
    tenant_name: str


@dataclass(frozen=True)
class CommandTimes:
    """How long a command on the bus is worth doing, seconds; set like the patience of the rules."""

    question: float
    evaluation: float


class InterviewStore:
    """Loads and saves within a session that the caller commits."""

    def __init__(self, outbox: Outbox, times: CommandTimes) -> None:
        self._outbox = outbox
        self._times = times

    async def load(
        self, session: AsyncSession, tenant_id: UUID, interview_id: UUID, *, lock: bool = False
    ) -> Stored | None:
        """The interview, locked against other writers if asked; None when the tenant has none of that id."""
        wanted = {"tenant_id": tenant_id, "interview_id": interview_id}
        if not lock:
            row = (await session.execute(_WHOLE, wanted)).mappings().first()
            return None if row is None else _stored(row, row["turns"], row["resume"])
        # Two steps: a statement that waited for the lock has its picture of other tables from before the wait.
        row = (await session.execute(_LOCKED, wanted)).mappings().first()
        if row is None:
            return None
        turns = await session.execute(
            select(tables.turns.c.document)
            .where(tables.turns.c.interview_id == interview_id)
            .order_by(tables.turns.c.number)
        )
        resume = await session.scalar(
            select(tables.resumes.c.document).where(tables.resumes.c.interview_id == interview_id)
        )
        return _stored(row, list(turns.scalars()), resume)

    async def page(
        self,
        session: AsyncSession,
        tenant_id: UUID,
        *,
        limit: int,
        before: UUID | None,
        position_id: UUID | None,
        state: State | None,
    ) -> list[Stored]:
        """Interviews without their turns, newest first, those before `before`."""
        table = tables.interviews.c
        query = _joined().where(table.tenant_id == tenant_id)
        if before is not None:
            query = query.where(table.interview_id < before)
        if position_id is not None:
            query = query.where(table.position_id == position_id)
        if state is not None:
            query = query.where(table.state == state.value)
        rows = (await session.execute(query.order_by(table.interview_id.desc()).limit(limit))).mappings()
        return [_stored(row, [], None) for row in rows]

    async def add(self, session: AsyncSession, outcome: Outcome, now: datetime) -> int:
        """A new interview with what follows; returns its sequence."""
        interview = outcome.interview
        candidate = interview.candidate
        await session.execute(
            insert(tables.interviews).values(
                interview_id=interview.interview_id,
                tenant_id=interview.tenant_id,
                position_id=interview.position_id,
                state=interview.state.value,
                sequence=0,
                candidate_name=None if candidate is None else candidate.name,
                candidate_email=None if candidate is None else candidate.email,
                document=documents.dump_interview(interview),
                created_at=interview.created_at,
                **_row(interview, now),
            )
        )
        await self._tell(session, board_key(interview.tenant_id))
        return await self._follow(session, outcome, 0, now)

    async def save(self, session: AsyncSession, before: Stored, outcome: Outcome, now: datetime) -> int:
        """The changed interview with what follows; returns its newest sequence. Unchanged: nothing is written."""
        if not outcome.changed:
            return before.sequence
        old, new = before.interview, outcome.interview
        candidate = new.candidate
        document = documents.dump_interview(new)
        # A draft is typed once a second and changes no row of a list.
        shows = bool(outcome.events) or document != documents.dump_interview(old)
        await session.execute(
            update(tables.interviews)
            .where(tables.interviews.c.interview_id == new.interview_id)
            .values(
                state=new.state.value,
                candidate_name=None if candidate is None else candidate.name,
                candidate_email=None if candidate is None else candidate.email,
                document=document,
                **(_row(new, now) if shows else {}),
            )
        )
        if shows:
            await self._tell(session, board_key(new.tenant_id))
        await self._save_turns(session, old, new)
        if new.resume is not old.resume:
            await self._save_resume(session, new)
        return await self._follow(session, outcome, before.sequence, now)

    async def refresh_row(self, session: AsyncSession, stored: Stored) -> None:
        """Compute the row for lists of an interview that has none, without a change of the interview."""
        row = documents.dump_overview(overview_of(stored.interview))
        where = tables.interviews.c.interview_id == stored.interview.interview_id
        await session.execute(update(tables.interviews).where(where).values(overview=row))

    async def _save_turns(self, session: AsyncSession, old: Interview, new: Interview) -> None:
        known = {turn.turn_id: turn for turn in old.turns}
        changed = [turn for turn in new.turns if known.get(turn.turn_id) is not turn]
        if changed:
            statement = upsert(tables.turns).values(
                [
                    {
                        "interview_id": new.interview_id,
                        "turn_id": turn.turn_id,
                        "number": turn.number,
                        "document": documents.dump_turn(turn),
                    }
                    for turn in changed
                ]
            )
            await session.execute(
                statement.on_conflict_do_update(constraint="pk_turns", set_={"document": statement.excluded.document})
            )
        gone = known.keys() - {turn.turn_id for turn in new.turns}
        if gone:
            await session.execute(
                delete(tables.turns).where(
                    tables.turns.c.interview_id == new.interview_id, tables.turns.c.turn_id.in_(gone)
                )
            )

    async def _save_resume(self, session: AsyncSession, interview: Interview) -> None:
        table = tables.resumes
        if interview.resume is None:
            await session.execute(delete(table).where(table.c.interview_id == interview.interview_id))
            return
        document = documents.dump_resume(interview.resume)
        statement = upsert(table).values(interview_id=interview.interview_id, document=document)
        await session.execute(
            statement.on_conflict_do_update(index_elements=["interview_id"], set_={"document": document})
        )

    async def _follow(self, session: AsyncSession, outcome: Outcome, sequence: int, now: datetime) -> int:
        """What follows from a change: the log, the bus, the timers."""
        interview = outcome.interview
        for event in outcome.events:
            message = events.event_message(interview, event, now)
            sequence += 1
            await session.execute(
                insert(tables.interview_events).values(
                    interview_id=interview.interview_id,
                    sequence=sequence,
                    occurred_at=now,
                    type=message.DESCRIPTOR.full_name,
                    payload=message.SerializeToString(),
                )
            )
            name = subjects.event_name(message.DESCRIPTOR)
            if name in _SAID:  # others were on the bus already when they led to this change
                subject = subjects.event_subject(interview.tenant_id, interview.interview_id, name)
                await self._outbox.add(session, subject, message)
        await self._command(session, outcome, now)
        await self._set_timers(session, interview, outcome.timers)
        if outcome.events:
            table = tables.interviews
            await session.execute(
                update(table).where(table.c.interview_id == interview.interview_id).values(sequence=sequence)
            )
            await self._tell(session, str(interview.interview_id))
        return sequence

    async def _tell(self, session: AsyncSession, key: str) -> None:
        await session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": WATCH_CHANNEL, "payload": key})

    async def _command(self, session: AsyncSession, outcome: Outcome, now: datetime) -> None:
        interview = outcome.interview
        for request in outcome.requests:
            turn = interview.turn(request.turn_id)
            if isinstance(request, AskQuestion):
                role, worth = Role.QUESTION_GEN, self._times.question
                message: Any = commands.generate_request(interview, turn, request.request_id, now)
            else:
                role, worth = Role.EVALUATOR, self._times.evaluation
                message = commands.evaluate_request(interview, turn, request.request_id)
            await self._outbox.add(
                session,
                subjects.command_subject(role.value, interview.tenant_id, interview.interview_id),
                message,
                event_id=request.request_id,
                expires_at=datetime.fromtimestamp(now.timestamp() + worth, tz=now.tzinfo),
            )

    async def _set_timers(self, session: AsyncSession, interview: Interview, wanted: Sequence[Timer]) -> None:
        for timer in wanted:
            statement = upsert(tables.timers).values(
                interview_id=interview.interview_id,
                kind=timer.kind.value,
                turn_id=timer.turn_id or _NO_TURN,
                revision=timer.revision,
                due_at=timer.due_at,
            )
            await session.execute(
                statement.on_conflict_do_update(constraint="pk_timers", set_={"due_at": timer.due_at})
            )

    async def sequence(self, session: AsyncSession, interview_id: UUID) -> int:
        """That of the newest event; 0 when there is no such interview."""
        table = tables.interviews.c
        return await session.scalar(select(table.sequence).where(table.interview_id == interview_id)) or 0

    async def changes(
        self, session: AsyncSession, interview_id: UUID, after: int, limit: int
    ) -> list[tuple[int, datetime, str, bytes]]:
        """The log after a sequence: (sequence, time, type, payload), oldest first."""
        table = tables.interview_events.c
        rows = await session.execute(
            select(table.sequence, table.occurred_at, table.type, table.payload)
            .where(table.interview_id == interview_id, table.sequence > after)
            .order_by(table.sequence)
            .limit(limit)
        )
        return [(row.sequence, row.occurred_at, row.type, row.payload) for row in rows]

    async def forget(self, session: AsyncSession, interview_id: UUID) -> dict[str, int]:
        """Remove what a person said, wrote or is, beyond what saving the erased aggregate removes; counts by table.

        The log's rows stay with their numbers and types, so that who watches sees no gap; their payloads go.
        """
        counts = {}
        for table in (tables.turns, tables.resumes, tables.timers, tables.invitations):
            result = await session.execute(delete(table).where(table.c.interview_id == interview_id))
            counts[table.name] = _count(result)
        log = tables.interview_events
        result = await session.execute(update(log).where(log.c.interview_id == interview_id).values(payload=b""))
        counts[log.name] = _count(result)
        waiting = await session.execute(text("DELETE FROM outbox WHERE key LIKE :key"), {"key": f"%.{interview_id}"})
        counts["outbox"] = _count(waiting)
        await session.execute(
            update(tables.audit)
            .where(tables.audit.c.interview_id == interview_id, tables.audit.c.actor_kind == "candidate")
            .values(actor_name="")
        )
        return counts


def _row(interview: Interview, now: datetime) -> dict[str, Any]:
    """What lists know of it, and which transaction made it so."""
    return {
        "overview": documents.dump_overview(overview_of(interview)),
        "changed_at": now,
        "changed_tx": cast(cast(func.pg_current_xact_id(), Text), BigInteger),
    }


def _count(result: Any) -> int:
    return typed("CursorResult[Any]", result).rowcount


def _joined() -> Select[Any]:
    return (
        select(
            tables.interviews,
            tables.positions.c.plan.label("plan"),
            tables.tenants.c.name.label("tenant_name"),
        )
        .join(tables.positions, tables.positions.c.position_id == tables.interviews.c.position_id)
        .join(tables.tenants, tables.tenants.c.tenant_id == tables.interviews.c.tenant_id)
    )


_ONE = _joined().where(
    tables.interviews.c.tenant_id == bindparam("tenant_id"),
    tables.interviews.c.interview_id == bindparam("interview_id"),
)
_LOCKED = _ONE.with_for_update(of=tables.interviews)
# In one statement, so that all of it is of one moment.
_WHOLE = _ONE.add_columns(
    select(
        func.coalesce(func.jsonb_agg(aggregate_order_by(tables.turns.c.document, tables.turns.c.number)), text("'[]'"))
    )
    .where(tables.turns.c.interview_id == tables.interviews.c.interview_id)
    .scalar_subquery()
    .label("turns"),
    select(tables.resumes.c.document)
    .where(tables.resumes.c.interview_id == tables.interviews.c.interview_id)
    .scalar_subquery()
    .label("resume"),
)


def _stored(row: Any, turns: list[dict[str, Any]], resume: dict[str, Any] | None) -> Stored:
    name = row["candidate_name"]
    candidate = None if name is None else Candidate(name, row["candidate_email"])
    interview = documents.load_interview(row["document"], row["plan"], candidate, resume, turns)
    return Stored(interview, row["sequence"], row["tenant_name"])
