"""Accounts in PostgreSQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from viva_core.db import reading, transaction
from viva_core.errors import Conflict, NotFound

from viva_gateway.adapters.tables import accounts, refresh_tokens
from viva_gateway.domain.principal import Account, Role, ordered

# Asked at every request by bearer token: built once.
_SIGNED_IN = select(accounts).where(
    accounts.c.id == bindparam("account_id"),
    accounts.c.disabled_at.is_(None),
    exists().where(
        refresh_tokens.c.family_id == bindparam("family_id"),
        refresh_tokens.c.account_id == accounts.c.id,
        refresh_tokens.c.revoked_at.is_(None),
    ),
)


@dataclass(frozen=True)
class Change:
    """What of an account is changed; None leaves it."""

    name: str | None = None
    roles: frozenset[Role] | None = None
    disabled: bool | None = None
    password_hash: str | None = None


class Accounts:
    """Finds, makes and changes accounts."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def create(
        self,
        account_id: UUID,
        tenant_id: UUID,
        email: str,
        name: str,
        roles: Iterable[Role],
        password_hash: str | None,
    ) -> Account:
        """Make an account; raises Conflict when the e-mail address has one."""
        try:
            async with transaction(self._sessions) as session:
                row = await session.execute(
                    insert(accounts)
                    .values(
                        id=account_id,
                        tenant_id=tenant_id,
                        email=email.lower(),
                        name=name,
                        roles=ordered(roles),
                        password_hash=password_hash,
                    )
                    .returning(accounts)
                )
                return _account(row.one())
        except IntegrityError:
            raise Conflict("an account with this e-mail address exists already", reason="ACCOUNT_EXISTS") from None

    async def by_email(self, email: str) -> tuple[Account, str | None] | None:
        """The account and its password's hash."""
        async with transaction(self._sessions) as session:
            row = (await session.execute(select(accounts).where(accounts.c.email == email.lower()))).one_or_none()
        return None if row is None else (_account(row), row.password_hash)

    async def by_id(self, account_id: UUID) -> tuple[Account, str | None] | None:
        """The account and its password's hash."""
        async with reading(self._sessions) as session:
            row = (await session.execute(select(accounts).where(accounts.c.id == account_id))).one_or_none()
        return None if row is None else (_account(row), row.password_hash)

    async def signed_in(self, account_id: UUID, family_id: UUID) -> Account | None:
        """The account, if it is not disabled and this family of its refresh tokens was not revoked."""
        async with reading(self._sessions) as session:
            row = (await session.execute(_SIGNED_IN, {"account_id": account_id, "family_id": family_id})).one_or_none()
        return None if row is None else _account(row)

    async def by_oidc(self, issuer: str, subject: str) -> Account | None:
        """The account that is linked with a subject of an identity provider."""
        async with transaction(self._sessions) as session:
            wanted = select(accounts).where(accounts.c.oidc_issuer == issuer, accounts.c.oidc_subject == subject)
            row = (await session.execute(wanted)).one_or_none()
        return None if row is None else _account(row)

    async def link_oidc(self, account_id: UUID, issuer: str, subject: str) -> bool:
        """Link an account that is linked with nobody yet; False when it is."""
        async with transaction(self._sessions) as session:
            done = await session.execute(
                update(accounts)
                .where(accounts.c.id == account_id, accounts.c.oidc_subject.is_(None))
                .values(oidc_issuer=issuer, oidc_subject=subject)
                .returning(accounts.c.id)
            )
            return done.one_or_none() is not None

    async def page(self, tenant_id: UUID, after: UUID | None, limit: int) -> list[Account]:
        """The tenant's accounts in the order of their making (ids are UUIDv7), after an id."""
        wanted = select(accounts).where(accounts.c.tenant_id == tenant_id).order_by(accounts.c.id).limit(limit)
        if after is not None:
            wanted = wanted.where(accounts.c.id > after)
        async with transaction(self._sessions) as session:
            return [_account(row) for row in await session.execute(wanted)]

    async def get(self, tenant_id: UUID, account_id: UUID) -> Account:
        """One account of the tenant; raises NotFound."""
        found = await self.by_id(account_id)
        if found is None or found[0].tenant_id != tenant_id:
            raise NotFound("there is no such account")
        return found[0]

    async def change(self, tenant_id: UUID, account_id: UUID, change: Change) -> Account:
        """Change an account of the tenant; raises NotFound, or Conflict when its last admin would be gone."""
        values: dict[str, Any] = {}
        if change.name is not None:
            values["name"] = change.name
        if change.roles is not None:
            values["roles"] = ordered(change.roles)
        if change.disabled is not None:
            values["disabled_at"] = func.now() if change.disabled else None
        if change.password_hash is not None:
            values["password_hash"] = change.password_hash
        mine = (accounts.c.tenant_id == tenant_id) & (accounts.c.id == account_id)
        async with transaction(self._sessions) as session:
            # All of the tenant's rows, in one order: two admins who demote each other must not both succeed.
            locked = select(accounts).where(accounts.c.tenant_id == tenant_id).order_by(accounts.c.id)
            rows = list(await session.execute(locked.with_for_update()))
            if all(row.id != account_id for row in rows):
                raise NotFound("there is no such account")
            if values:
                await session.execute(update(accounts).where(mine).values(**values))
            after = list(await session.execute(select(accounts).where(accounts.c.tenant_id == tenant_id)))
            if any(_is_admin(row) for row in rows) and not any(_is_admin(row) for row in after):
                raise Conflict("this is the last admin: make another one first", reason="LAST_ADMIN")
            return _account(next(row for row in after if row.id == account_id))

    async def rehash(self, account_id: UUID, password_hash: str) -> None:
        """Keep a password's hash with newer parameters."""
        async with transaction(self._sessions) as session:
            await session.execute(
                update(accounts).where(accounts.c.id == account_id).values(password_hash=password_hash)
            )


def _is_admin(row: Row[Any]) -> bool:
    return Role.ADMIN.value in row.roles and row.disabled_at is None


def _account(row: Row[Any]) -> Account:
    created_at: datetime = row.created_at
    return Account(
        id=row.id,
        tenant_id=row.tenant_id,
        email=row.email,
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles),
        has_password=row.password_hash is not None,
        disabled=row.disabled_at is not None,
        created_at=created_at,
    )
