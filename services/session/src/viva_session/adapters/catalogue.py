"""What recruiters define, in PostgreSQL: tenants, rubrics, positions. Every query names the tenant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from viva_core.errors import Conflict

from viva_session.adapters import documents, tables
from viva_session.domain.bank import Language
from viva_session.domain.position import Plan, PositionSpec, PublishState
from viva_session.domain.rubric import Criterion, Rubric, canonical_hash


@dataclass(frozen=True)
class RubricRow:
    """One version of a rubric."""

    rubric: Rubric
    title: str
    language: Language
    state: PublishState
    created_at: datetime
    published_at: datetime | None


@dataclass(frozen=True)
class PositionRow:
    """A position; `plan` is there once it is published."""

    position_id: UUID
    revision: int
    state: PublishState
    spec: PositionSpec
    plan: Plan | None
    created_at: datetime
    published_at: datetime | None


class Catalogue:
    """Loads and saves within a session that the caller commits."""

    async def add_tenant(
        self, session: AsyncSession, tenant_id: UUID, name: str, now: datetime
    ) -> tuple[str, datetime]:
        """Make a tenant, or leave the one of that id; returns its name and time of birth."""
        table = tables.tenants
        statement = upsert(table).values(tenant_id=tenant_id, name=name, created_at=now).on_conflict_do_nothing()
        await session.execute(statement)
        row = (await session.execute(select(table).where(table.c.tenant_id == tenant_id))).one()
        return row.name, row.created_at

    async def has_tenant(self, session: AsyncSession, tenant_id: UUID) -> bool:
        """Whether there is such a tenant."""
        table = tables.tenants
        return await session.scalar(select(table.c.tenant_id).where(table.c.tenant_id == tenant_id)) is not None

    async def rubric(
        self, session: AsyncSession, tenant_id: UUID, rubric_id: UUID, version: int = 0, *, lock: bool = False
    ) -> RubricRow | None:
        """A version of a rubric; 0 for the newest. None when the tenant has none."""
        table = tables.rubrics
        query = select(table).where(table.c.tenant_id == tenant_id, table.c.rubric_id == rubric_id)
        if version:
            query = query.where(table.c.version == version)
        query = query.order_by(table.c.version.desc()).limit(1)
        row = (await session.execute(query.with_for_update() if lock else query)).mappings().first()
        return None if row is None else _rubric(row)

    async def published_rubrics(
        self, session: AsyncSession, tenant_id: UUID, wanted: set[tuple[UUID, int]]
    ) -> dict[tuple[UUID, int], Rubric]:
        """The published versions that are wanted, by (id, version) as they were wanted: version 0 is the newest."""
        table = tables.rubrics
        query = select(table).where(
            table.c.tenant_id == tenant_id,
            table.c.rubric_id.in_({rubric_id for rubric_id, _ in wanted}),
            table.c.state == PublishState.PUBLISHED.value,
        )
        found: dict[tuple[UUID, int], Rubric] = {}
        for row in (await session.execute(query.order_by(table.c.version))).mappings():
            rubric = _rubric(row).rubric
            found[rubric.rubric_id, rubric.version] = rubric
            found[rubric.rubric_id, 0] = rubric
        return {key: rubric for key, rubric in found.items() if key in wanted}

    async def rubrics(
        self, session: AsyncSession, tenant_id: UUID, *, limit: int, before: UUID | None
    ) -> list[RubricRow]:
        """The newest version of each rubric, newest rubric first."""
        table = tables.rubrics
        newest = (
            select(table.c.rubric_id, func.max(table.c.version).label("version"))
            .where(table.c.tenant_id == tenant_id)
            .group_by(table.c.rubric_id)
            .subquery()
        )
        on = and_(table.c.rubric_id == newest.c.rubric_id, table.c.version == newest.c.version)
        query = select(table).join(newest, on)
        if before is not None:
            query = query.where(table.c.rubric_id < before)
        rows = (await session.execute(query.order_by(table.c.rubric_id.desc()).limit(limit))).mappings()
        return [_rubric(row) for row in rows]

    async def add_rubric(self, session: AsyncSession, tenant_id: UUID, row: RubricRow) -> None:
        """A new version, a draft."""
        await session.execute(
            insert(tables.rubrics).values(
                rubric_id=row.rubric.rubric_id, version=row.rubric.version, tenant_id=tenant_id, **_rubric_values(row)
            )
        )

    async def save_rubric(self, session: AsyncSession, row: RubricRow) -> None:
        """The version as it stands now."""
        table = tables.rubrics.c
        await session.execute(
            update(tables.rubrics)
            .where(table.rubric_id == row.rubric.rubric_id, table.version == row.rubric.version)
            .values(**_rubric_values(row))
        )

    async def position(
        self, session: AsyncSession, tenant_id: UUID, position_id: UUID, *, lock: bool = False
    ) -> PositionRow | None:
        """A position; None when the tenant has none of that id."""
        table = tables.positions
        query = select(table).where(table.c.tenant_id == tenant_id, table.c.position_id == position_id)
        row = (await session.execute(query.with_for_update() if lock else query)).mappings().first()
        return None if row is None else _position(row)

    async def positions(
        self, session: AsyncSession, tenant_id: UUID, *, limit: int, before: UUID | None, state: PublishState | None
    ) -> list[PositionRow]:
        """Positions, newest first."""
        table = tables.positions.c
        query = select(tables.positions).where(table.tenant_id == tenant_id)
        if before is not None:
            query = query.where(table.position_id < before)
        if state is not None:
            query = query.where(table.state == state.value)
        rows = (await session.execute(query.order_by(table.position_id.desc()).limit(limit))).mappings()
        return [_position(row) for row in rows]

    async def add_position(self, session: AsyncSession, tenant_id: UUID, row: PositionRow) -> None:
        """A new draft."""
        values = _position_values(row)
        await session.execute(
            insert(tables.positions).values(position_id=row.position_id, tenant_id=tenant_id, **values)
        )

    async def save_position(self, session: AsyncSession, row: PositionRow) -> None:
        """The position as it stands now."""
        where = tables.positions.c.position_id == row.position_id
        await session.execute(update(tables.positions).where(where).values(**_position_values(row)))


def check_revision(row: PositionRow, expected: int) -> None:
    """Raise Conflict when the position changed since the caller read it."""
    if row.revision != expected:
        raise Conflict(f"the position is at revision {row.revision} by now: load it again", reason="STALE_REVISION")


def check_hash(row: RubricRow, expected: str) -> None:
    """Raise Conflict when the rubric changed since the caller read it."""
    if row.rubric.sha256 != expected:
        raise Conflict("the rubric has changed meanwhile: load it again", reason="STALE_REVISION")


def _rubric_values(row: RubricRow) -> dict[str, Any]:
    criteria: tuple[Criterion, ...] = row.rubric.criteria
    return {
        "title": row.title,
        "language": row.language,
        "state": row.state.value,
        "criteria": documents.dump_criteria(criteria),
        "sha256": canonical_hash(criteria),
        "created_at": row.created_at,
        "published_at": row.published_at,
    }


def _position_values(row: PositionRow) -> dict[str, Any]:
    return {
        "revision": row.revision,
        "state": row.state.value,
        "spec": documents.dump_spec(row.spec),
        "plan": None if row.plan is None else documents.dump_plan(row.plan),
        "created_at": row.created_at,
        "published_at": row.published_at,
    }


def _rubric(row: Any) -> RubricRow:
    return RubricRow(
        Rubric(row["rubric_id"], row["version"], documents.load_criteria(row["criteria"])),
        row["title"],
        row["language"],
        PublishState(row["state"]),
        row["created_at"],
        row["published_at"],
    )


def _position(row: Any) -> PositionRow:
    return PositionRow(
        row["position_id"],
        row["revision"],
        PublishState(row["state"]),
        documents.load_spec(row["spec"]),
        None if row["plan"] is None else documents.load_plan(row["plan"]),
        row["created_at"],
        row["published_at"],
    )
