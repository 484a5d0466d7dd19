"""What the gateway itself keeps of an interview, and its removal."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from viva_core.db import transaction

from viva_gateway.adapters.tables import erasures, idempotency_keys, sessions


@dataclass(frozen=True)
class Removed:
    """How much was removed of an interview here."""

    sessions: int
    responses: int


class Erasures:
    """Removes, and remembers how much."""

    def __init__(self, database: async_sessionmaker[AsyncSession]) -> None:
        self._database = database

    async def erase(self, tenant_id: UUID, interview_id: UUID) -> Removed:
        """Remove the candidate's sessions and every stored response that mentions the interview. Twice is no error;
        the numbers add up."""
        async with transaction(self._database) as session:
            ended = await session.execute(
                delete(sessions).where(sessions.c.interview_id == interview_id).returning(sessions.c.id)
            )
            forgotten = await session.execute(
                delete(idempotency_keys)
                .where(idempotency_keys.c.mentions.contains([interview_id]), idempotency_keys.c.status.is_not(None))
                .returning(idempotency_keys.c.key)
            )
            removed = Removed(len(ended.all()), len(forgotten.all()))
            row = insert(erasures).values(
                interview_id=interview_id,
                tenant_id=tenant_id,
                sessions=removed.sessions,
                responses=removed.responses,
            )
            kept = await session.execute(
                row.on_conflict_do_update(
                    index_elements=[erasures.c.interview_id],
                    set_={
                        "sessions": erasures.c.sessions + row.excluded.sessions,
                        "responses": erasures.c.responses + row.excluded.responses,
                    },
                ).returning(erasures.c.sessions, erasures.c.responses)
            )
            total = kept.one()
        return Removed(total.sessions, total.responses)

    async def find(self, tenant_id: UUID, interview_id: UUID) -> Removed | None:
        """What was removed; None when nothing was erased."""
        mine = (erasures.c.tenant_id == tenant_id) & (erasures.c.interview_id == interview_id)
        async with transaction(self._database) as session:
            row = (await session.execute(select(erasures).where(mine))).one_or_none()
        return None if row is None else Removed(row.sessions, row.responses)
