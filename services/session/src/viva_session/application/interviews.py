"""Changing and reading interviews: load, ask the one place that decides who may, let the rules decide, save, commit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from viva_core.clock import Clock
from viva_core.db import Inbox, reading, transaction

from viva_session.adapters.interviews import InterviewStore, Stored
from viva_session.adapters.records import Records
from viva_session.domain.access import Action, Actor, Resource, authorize
from viva_session.domain.interview import Interview, Outcome, State

Command = Callable[[Interview, datetime], Outcome]

Sessions = async_sessionmaker[AsyncSession]


def resource_of(stored: Stored | None) -> Resource | None:
    """What `authorize` needs to know of what was found."""
    if stored is None:
        return None
    return Resource(stored.interview.tenant_id, stored.interview.interview_id)


class Interviews:
    """Interviews for people (checked by `authorize`), for workers (counted once by the inbox) and for timers."""

    def __init__(self, sessions: Sessions, store: InterviewStore, records: Records, clock: Clock) -> None:
        self.sessions = sessions
        self.store = store
        self.records = records
        self.clock = clock

    async def read(self, actor: Actor, action: Action, interview_id: UUID, *, audited: bool = False) -> Stored:
        """The interview, if the actor may see it. Raises NotFound, Denied."""
        async with transaction(self.sessions) if audited else reading(self.sessions) as session:
            return await self.find(session, actor, action, interview_id, audited=audited)

    async def find(
        self,
        session: AsyncSession,
        actor: Actor,
        action: Action,
        interview_id: UUID,
        *,
        lock: bool = False,
        audited: bool = False,
    ) -> Stored:
        """As `read`, within a transaction that goes on."""
        stored = await self.store.load(session, actor.tenant_id, interview_id, lock=lock)
        authorize(actor, action, resource_of(stored))
        assert stored is not None, "authorize refuses what was not found"
        if audited:
            await self.records.log(session, actor, action, interview_id, self.clock.now(), interview_id=interview_id)
        return stored

    async def change(
        self, actor: Actor, action: Action, interview_id: UUID, command: Command, *, audited: bool = False
    ) -> Stored:
        """Change the interview by a command. Raises NotFound, Denied, and what the command raises."""
        async with transaction(self.sessions) as session:
            stored = await self.find(session, actor, action, interview_id, lock=True, audited=audited)
            return await self.apply(session, stored, command)

    async def apply(self, session: AsyncSession, stored: Stored, command: Command) -> Stored:
        """Change a loaded and locked interview within a transaction that goes on."""
        now = self.clock.now()
        outcome = command(stored.interview, now)
        sequence = await self.store.save(session, stored, outcome, now)
        return replace(stored, interview=outcome.interview, sequence=sequence)

    async def by_worker(
        self, tenant_id: UUID, interview_id: UUID, consumer: str, message_id: str, command: Command
    ) -> bool:
        """Let a worker's event take effect, once however often it comes; False when it had, or when there is no such
        interview any more."""
        async with transaction(self.sessions) as session:
            if not await Inbox.claim(session, consumer, message_id):
                return False
            stored = await self.store.load(session, tenant_id, interview_id, lock=True)
            if stored is None or stored.interview.state is State.ERASED:
                return False
            await self.apply(session, stored, command)
            return True

    async def for_worker(self, tenant_id: UUID, interview_id: UUID) -> Interview | None:
        """The interview as it stands, for what comes from the bus; None when the tenant has none of that id."""
        async with reading(self.sessions) as session:
            stored = await self.store.load(session, tenant_id, interview_id)
        return None if stored is None else stored.interview
