"""Refresh tokens in PostgreSQL: each is good once, and a second use ends the whole family (RFC 9700, 4.14.2)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from viva_core.clock import Clock
from viva_core.db import transaction
from viva_core.errors import Unauthenticated
from viva_core.ids import IdFactory
from viva_core.telemetry.logs import get_logger

from viva_gateway.adapters.tables import refresh_tokens
from viva_gateway.domain.secrets import new_token, token_hash

_log = get_logger("viva.gateway.tokens")


@dataclass(frozen=True)
class Issued:
    """A refresh token and the family it belongs to."""

    token: str
    family_id: UUID
    account_id: UUID


class RefreshTokens:
    """Issues, exchanges and revokes."""

    def __init__(
        self, database: async_sessionmaker[AsyncSession], life: timedelta, clock: Clock, new_id: IdFactory
    ) -> None:
        self._database = database
        self._life = life
        self._clock = clock
        self._new_id = new_id

    async def issue(self, account_id: UUID) -> Issued:
        """The first token of a new family."""
        async with transaction(self._database) as session:
            return await self._add(session, account_id, self._new_id())

    async def _add(self, session: AsyncSession, account_id: UUID, family_id: UUID) -> Issued:
        token = new_token("vrt")
        await session.execute(
            insert(refresh_tokens).values(
                id=self._new_id(),
                family_id=family_id,
                account_id=account_id,
                token_hash=token_hash(token),
                expires_at=self._clock.now() + self._life,
            )
        )
        return Issued(token, family_id, account_id)

    async def exchange(self, token: str) -> Issued:
        """The next token of the family; raises Unauthenticated. A token that was used before ends the family."""
        now = self._clock.now()
        async with transaction(self._database) as session:
            wanted = select(refresh_tokens).where(refresh_tokens.c.token_hash == token_hash(token)).with_for_update()
            row = (await session.execute(wanted)).one_or_none()
            stolen = row is not None and row.used_at is not None
            if row is not None and stolen:
                await _revoke(session, row.family_id, self._clock)
            elif row is not None and row.revoked_at is None and row.expires_at > now:
                await session.execute(update(refresh_tokens).where(refresh_tokens.c.id == row.id).values(used_at=now))
                return await self._add(session, row.account_id, row.family_id)
        if row is not None and stolen:
            _log.warning("a refresh token came twice: its family is revoked", account_id=row.account_id)
        raise Unauthenticated("this refresh token is not good, or no longer: sign in again", reason="TOKEN_INVALID")

    async def revoke(self, token: str) -> None:
        """End the token's family; an unknown token is no error (RFC 7009, 2.2)."""
        async with transaction(self._database) as session:
            wanted = select(refresh_tokens.c.family_id).where(refresh_tokens.c.token_hash == token_hash(token))
            family_id = (await session.execute(wanted)).scalar_one_or_none()
            if family_id is not None:
                await _revoke(session, family_id, self._clock)

    async def revoke_family(self, family_id: UUID) -> None:
        """End one family."""
        async with transaction(self._database) as session:
            await _revoke(session, family_id, self._clock)

    async def revoke_all(self, account_id: UUID) -> None:
        """End every family of an account."""
        async with transaction(self._database) as session:
            await session.execute(
                update(refresh_tokens)
                .where(refresh_tokens.c.account_id == account_id, refresh_tokens.c.revoked_at.is_(None))
                .values(revoked_at=self._clock.now())
            )

    async def live_families(self, families: Collection[UUID]) -> set[UUID]:
        """Which of the families are not revoked."""
        async with transaction(self._database) as session:
            wanted = (
                select(refresh_tokens.c.family_id)
                .where(refresh_tokens.c.family_id.in_(families), refresh_tokens.c.revoked_at.is_(None))
                .distinct()
            )
            return set((await session.execute(wanted)).scalars())

    async def sweep(self) -> None:
        """Remove what has run out."""
        async with transaction(self._database) as session:
            await session.execute(delete(refresh_tokens).where(refresh_tokens.c.expires_at <= self._clock.now()))


async def _revoke(session: AsyncSession, family_id: UUID, clock: Clock) -> None:
    await session.execute(
        update(refresh_tokens)
        .where(refresh_tokens.c.family_id == family_id, refresh_tokens.c.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
