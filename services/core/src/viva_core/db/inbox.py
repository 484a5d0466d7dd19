"""The inbox: a message's effect and the mark that it happened commit together, so it happens once."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from viva_core.db.tables import inbox


class Inbox:
    """Remembers which messages a consumer has taken effect of."""

    @staticmethod
    async def claim(session: AsyncSession | AsyncConnection, consumer: str, message_id: str) -> bool:
        """Mark the message in the session's transaction; False when its effect was committed before.

        While another transaction holds the same mark this waits for it to end. Commit, and the mark stands; roll
        back, and a redelivery may claim it again.
        """
        claimed = await session.execute(
            insert(inbox)
            .values(consumer=consumer, message_id=message_id)
            .on_conflict_do_nothing()
            .returning(inbox.c.message_id)
        )
        return claimed.first() is not None

    @staticmethod
    async def forget(session: AsyncSession | AsyncConnection, before: datetime) -> int:
        """Remove marks older than `before`; returns how many. Keep them longer than dead letters live (30 days): a
        retried one carries its old id.
        """
        result = await session.execute(delete(inbox).where(inbox.c.claimed_at < before))
        return cast("CursorResult[Any]", result).rowcount
