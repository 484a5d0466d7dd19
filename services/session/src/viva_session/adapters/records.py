"""Links, the audit log and erasure receipts, in PostgreSQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from viva_session.adapters import tables
from viva_session.domain.access import Action, Actor, Kind
from viva_session.domain.invitation import Invitation


@dataclass(frozen=True)
class AuditRow:
    """Who did what to what, when."""

    number: int
    at: datetime
    actor_kind: Kind
    actor_id: str
    actor_name: str
    action: str
    object: str
    interview_id: UUID | None


@dataclass(frozen=True)
class Receipt:
    """Proof of an erasure: (store, what, how many)."""

    receipt_id: UUID
    interview_id: UUID
    erased_at: datetime
    requested_by: Kind
    stores: tuple[tuple[str, str, int], ...]


class Records:
    """Loads and saves within a session that the caller commits."""

    async def add_invitation(self, session: AsyncSession, invitation: Invitation) -> None:
        """A new link; the interview's older ones are void."""
        table = tables.invitations
        await session.execute(update(table).where(table.c.interview_id == invitation.interview_id).values(revoked=True))
        await session.execute(
            insert(table).values(
                token_sha256=invitation.token_sha256,
                interview_id=invitation.interview_id,
                tenant_id=invitation.tenant_id,
                expires_at=invitation.expires_at,
                revoked=False,
            )
        )

    async def invitation(self, session: AsyncSession, token_sha256: str) -> Invitation | None:
        """The link of that hash, locked; None when there is none."""
        table = tables.invitations
        query = select(table).where(table.c.token_sha256 == token_sha256).with_for_update()
        row = (await session.execute(query)).mappings().first()
        return None if row is None else Invitation(**row)

    async def save_redeemed(self, session: AsyncSession, invitation: Invitation) -> None:
        """The link was used."""
        table = tables.invitations
        where = table.c.token_sha256 == invitation.token_sha256
        used = {"redeemed_at": invitation.redeemed_at, "attempt_sha256": invitation.attempt_sha256}
        await session.execute(update(table).where(where).values(used))

    async def revoke_invitations(self, session: AsyncSession, interview_id: UUID) -> None:
        """All links of an interview are void."""
        table = tables.invitations
        await session.execute(update(table).where(table.c.interview_id == interview_id).values(revoked=True))

    async def log(
        self,
        session: AsyncSession,
        actor: Actor,
        action: Action,
        about: UUID | str,
        now: datetime,
        *,
        interview_id: UUID | None = None,
    ) -> None:
        """A line of the audit log. A candidate's name is not in it: the interview tells, as long as it may."""
        await session.execute(
            insert(tables.audit).values(
                tenant_id=actor.tenant_id,
                at=now,
                actor_kind=actor.kind.value,
                actor_id=actor.subject_id,
                actor_name="" if actor.kind is Kind.CANDIDATE else actor.name,
                action=action.value,
                object=str(about),
                interview_id=interview_id,
            )
        )

    async def audit(
        self, session: AsyncSession, tenant_id: UUID, *, limit: int, before: int | None, interview_id: UUID | None
    ) -> list[AuditRow]:
        """The audit log, newest first."""
        table = tables.audit.c
        query = select(tables.audit).where(table.tenant_id == tenant_id)
        if before is not None:
            query = query.where(table.id < before)
        if interview_id is not None:
            query = query.where(table.interview_id == interview_id)
        rows = (await session.execute(query.order_by(table.id.desc()).limit(limit))).mappings()
        return [_audit(row) for row in rows]

    async def receipt(
        self, session: AsyncSession, tenant_id: UUID, interview_id: UUID, *, lock: bool = False
    ) -> Receipt | None:
        """The receipt of an erasure; None when there was none. `lock` it to change it."""
        table = tables.receipts
        query = select(table).where(table.c.tenant_id == tenant_id, table.c.interview_id == interview_id)
        row = (await session.execute(query.with_for_update() if lock else query)).mappings().first()
        if row is None:
            return None
        stores = tuple((store, what, count) for store, what, count in row["stores"])
        requested_by = Kind(row["requested_by"])
        return Receipt(row["receipt_id"], row["interview_id"], row["erased_at"], requested_by, stores)

    async def save_receipt(self, session: AsyncSession, tenant_id: UUID, receipt: Receipt) -> None:
        """The receipt, with what is known by now."""
        stores = [list(store) for store in receipt.stores]
        statement = upsert(tables.receipts).values(
            interview_id=receipt.interview_id,
            receipt_id=receipt.receipt_id,
            tenant_id=tenant_id,
            erased_at=receipt.erased_at,
            requested_by=receipt.requested_by.value,
            stores=stores,
        )
        await session.execute(statement.on_conflict_do_update(index_elements=["interview_id"], set_={"stores": stores}))


def _audit(row: Any) -> AuditRow:
    return AuditRow(
        row["id"],
        row["at"],
        Kind(row["actor_kind"]),
        row["actor_id"],
        row["actor_name"],
        row["action"],
        row["object"],
        row["interview_id"],
    )
