"""Cookie sessions in PostgreSQL: the value is kept as a hash, and is replaced by a new one every so often."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from viva.common.v1.types_pb2 import Actor
from viva_core.clock import Clock
from viva_core.db import reading, transaction
from viva_core.ids import IdFactory

from viva_gateway.adapters.tables import accounts, sessions
from viva_gateway.domain.principal import Account, Principal, Role
from viva_gateway.domain.secrets import new_token, token_hash

_GRACE = timedelta(seconds=30)
_SEEN_EVERY = timedelta(seconds=60)


@dataclass(frozen=True)
class Lifetimes:
    """How long sessions live, and when their value changes."""

    staff: timedelta
    staff_idle: timedelta
    candidate: timedelta
    rotation: timedelta


@dataclass(frozen=True)
class Opened:
    """A session, and the cookie value if it is new."""

    principal: Principal
    token: str | None


class Sessions:
    """Opens, recognises, rotates and ends sessions."""

    def __init__(
        self, database: async_sessionmaker[AsyncSession], lifetimes: Lifetimes, clock: Clock, new_id: IdFactory
    ) -> None:
        self._database = database
        self._lifetimes = lifetimes
        self._clock = clock
        self._new_id = new_id

    async def open_staff(self, account: Account) -> Opened:
        """A new session of an account."""
        return await self._open(
            "vst",
            self._lifetimes.staff,
            account_id=account.id,
            tenant_id=account.tenant_id,
            interview_id=None,
            subject_id=str(account.id),
            display_name=account.name,
        )

    async def open_candidate(self, actor: Actor) -> Opened:
        """A new session of a candidate; the ones before it end, so that a stolen cookie dies with a new link."""
        interview_id = UUID(actor.interview_id)
        async with transaction(self._database) as session:
            await session.execute(delete(sessions).where(sessions.c.interview_id == interview_id))
        return await self._open(
            "vcd",
            self._lifetimes.candidate,
            account_id=None,
            tenant_id=UUID(actor.tenant_id),
            interview_id=interview_id,
            subject_id=actor.subject_id,
            display_name=actor.display_name,
        )

    async def _open(self, prefix: str, life: timedelta, **values: Any) -> Opened:
        token, now = new_token(prefix), self._clock.now()
        async with transaction(self._database) as session:
            await session.execute(
                insert(sessions).values(
                    id=self._new_id(),
                    token_hash=token_hash(token),
                    rotated_at=now,
                    seen_at=now,
                    expires_at=now + life,
                    **values,
                )
            )
            row = await _find(session, token_hash(token), now)
            assert row is not None
        return Opened(_principal(row), token)

    async def recognise(self, token: str, *, rotate: bool = True) -> Opened | None:
        """Whose value it is; None for nobody's any more. A value that has grown old comes back renewed.

        The value before stays good until the new one has been seen, and a little longer: a response that was lost on
        its way, with the new cookie in it, must not lock a candidate out of a link that can be used once.
        """
        now, digest = self._clock.now(), token_hash(token)
        async with reading(self._database) as session:
            row = await _find(session, digest, now)
        if row is None or (row.account_id is not None and now - row.seen_at > self._lifetimes.staff_idle):
            return None
        if not self._changes(row, digest, now, rotate=rotate):
            return Opened(_principal(row), None)
        renewed = None
        async with transaction(self._database) as session:
            if rotate and self._is_due(row, digest, now):
                renewed = await self._rotate(session, row, digest, token.partition("_")[0], now)
            elif row.token_hash == digest and row.previous_hash is not None and row.previous_until is None:
                await _change(session, row, previous_until=now + _GRACE)
            if now - row.seen_at > _SEEN_EVERY:
                await _change(session, row, seen_at=now)
        return Opened(_principal(row), renewed)

    def _changes(self, row: Row[Any], digest: bytes, now: datetime, *, rotate: bool) -> bool:
        """Whether recognising it writes anything: most requests only read."""
        arrived = row.token_hash == digest and row.previous_hash is not None and row.previous_until is None
        return arrived or now - row.seen_at > _SEEN_EVERY or (rotate and self._is_due(row, digest, now))

    def _is_due(self, row: Row[Any], digest: bytes, now: datetime) -> bool:
        """Whether the value is replaced now: it is old, or it is the one before and the new one never arrived."""
        age = now - row.rotated_at
        if row.token_hash == digest:
            return bool(age >= self._lifetimes.rotation)
        return row.previous_until is None and age > _GRACE

    async def _rotate(
        self, session: AsyncSession, row: Row[Any], digest: bytes, prefix: str, now: datetime
    ) -> str | None:
        """The new value; None when a request beside this one was quicker."""
        renewed = new_token(prefix)
        done = await session.execute(
            update(sessions)
            .where(sessions.c.id == row.id, sessions.c.token_hash == row.token_hash)
            .values(token_hash=token_hash(renewed), previous_hash=digest, previous_until=None, rotated_at=now)
            .returning(sessions.c.id)
        )
        return renewed if done.one_or_none() is not None else None

    async def end(self, session_id: UUID) -> None:
        """End one session."""
        async with transaction(self._database) as session:
            await session.execute(delete(sessions).where(sessions.c.id == session_id))

    async def end_all(self, account_id: UUID, *, but: UUID | None = None) -> None:
        """End every session of an account."""
        async with transaction(self._database) as session:
            await session.execute(
                delete(sessions).where(sessions.c.account_id == account_id, sessions.c.id.is_distinct_from(but))
            )

    async def still_open(self, ids: Collection[UUID]) -> set[UUID]:
        """Which of the sessions have not ended: for sockets that outlive their handshake."""
        async with transaction(self._database) as session:
            wanted = (
                select(sessions.c.id)
                .outerjoin(accounts, accounts.c.id == sessions.c.account_id)
                .where(
                    sessions.c.id.in_(ids),
                    sessions.c.expires_at > self._clock.now(),
                    or_(sessions.c.account_id.is_(None), accounts.c.disabled_at.is_(None)),
                )
            )
            return set((await session.execute(wanted)).scalars())

    async def sweep(self) -> None:
        """Remove what has run out."""
        async with transaction(self._database) as session:
            await session.execute(delete(sessions).where(sessions.c.expires_at <= self._clock.now()))


async def _change(session: AsyncSession, row: Row[Any], **values: Any) -> None:
    await session.execute(update(sessions).where(sessions.c.id == row.id).values(**values))


_NOT_OVER = or_(sessions.c.previous_until.is_(None), sessions.c.previous_until > bindparam("now"))
# Asked at every request with a cookie: built once.
_KNOWN = (
    select(sessions, accounts.c.roles, accounts.c.name)
    .outerjoin(accounts, accounts.c.id == sessions.c.account_id)
    .where(
        or_(
            sessions.c.token_hash == bindparam("digest"),
            and_(sessions.c.previous_hash == bindparam("digest"), _NOT_OVER),
        ),
        sessions.c.expires_at > bindparam("now"),
        or_(sessions.c.account_id.is_(None), accounts.c.disabled_at.is_(None)),
    )
)


async def _find(session: AsyncSession, digest: bytes, now: datetime) -> Row[Any] | None:
    return (await session.execute(_KNOWN, {"digest": digest, "now": now})).one_or_none()


def _principal(row: Row[Any]) -> Principal:
    staff = row.account_id is not None
    return Principal(
        kind="staff" if staff else "candidate",
        tenant_id=row.tenant_id,
        subject_id=row.subject_id,
        display_name=row.name if staff else row.display_name,
        roles=frozenset(Role(role) for role in row.roles or ()),
        interview_id=row.interview_id,
        via="cookie",
        login_id=row.id,
        expires_at=row.expires_at,
    )
