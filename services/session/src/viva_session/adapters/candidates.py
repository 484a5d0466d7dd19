"""Lists of candidates, in PostgreSQL: one row an interview, as `domain.overview` left it.

A list is watched by transaction: a row bears the id of the transaction that changed it, and a look tells below which id
everything had ended (`pg_snapshot_xmin`). What is still under way at a look has an id that is not below it, so the next
look finds it, in whatever order transactions commit. https://www.postgresql.org/docs/current/functions-info.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Float, Select, Text, and_, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from viva_session.adapters import documents, tables
from viva_session.domain.interview import Candidate, State
from viva_session.domain.overview import Overview
from viva_session.domain.review import OPENED_BY, Decision, Reader

_TABLE = tables.interviews
_VERDICTS = _TABLE.c.overview["verdicts"]
_RESULTS = _TABLE.c.overview["results"]
_STATES = list(State)


class Order(StrEnum):
    """What candidates are sorted by."""

    INVITED = "unspecified"
    NAME = "name"
    STATE = "state"
    CHANGED = "changed"
    SCORE = "score"
    COMPETENCY = "competency"


@dataclass(frozen=True)
class Wanted:
    """Which candidates, in which order. Empty, None and 0: all. `min_weight_scored`: percent of the report's coverage,
    so that whoever has no report is left out by any above 0."""

    position_id: UUID | None = None
    states: tuple[State, ...] = ()
    decision: Decision | None = None
    search: str = ""
    min_weight_scored: int = 0
    order: Order = Order.INVITED
    competency_id: str = ""
    descending: bool = False


@dataclass(frozen=True)
class Row:
    """One candidate."""

    interview_id: UUID
    position_id: UUID
    state: State
    candidate: Candidate | None
    created_at: datetime
    changed_at: datetime
    changed_tx: int
    overview: Overview


class Candidates:
    """Reads within a session; every query names the tenant."""

    async def cursor(self, session: AsyncSession) -> int:
        """Below it every transaction has ended."""
        found = await session.scalar(
            select(cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), Text), BigInteger))
        )
        return int(found or 0)

    async def without_row(self, session: AsyncSession, tenant_id: UUID, limit: int) -> list[UUID]:
        """Interviews from before there were rows."""
        query = select(_TABLE.c.interview_id).where(_TABLE.c.tenant_id == tenant_id, _TABLE.c.overview.is_(None))
        return list((await session.execute(query.limit(limit))).scalars())

    async def page(
        self, session: AsyncSession, tenant_id: UUID, wanted: Wanted, reader: Reader, *, limit: int, offset: int
    ) -> tuple[list[Row], int]:
        """A page and how many there are on all."""
        where = list(_conditions(tenant_id, wanted, reader))
        total = await session.scalar(select(func.count()).select_from(_TABLE).where(*where))
        rows = await session.execute(_rows().where(*where).order_by(*_order(wanted)).limit(limit).offset(offset))
        return [_row(row) for row in rows], int(total or 0)

    async def changed(
        self, session: AsyncSession, tenant_id: UUID, position_id: UUID | None, since: tuple[int, UUID], limit: int
    ) -> list[Row]:
        """Rows whose newest transaction is not below a cursor, in that order, after (transaction, interview)."""
        tx, after = since
        query = _rows().where(
            _TABLE.c.tenant_id == tenant_id,
            _TABLE.c.overview.is_not(None),
            or_(
                _TABLE.c.changed_tx > tx,
                and_(_TABLE.c.changed_tx == tx, _TABLE.c.interview_id > after),
            ),
        )
        if position_id is not None:
            query = query.where(_TABLE.c.position_id == position_id)
        rows = await session.execute(query.order_by(_TABLE.c.changed_tx, _TABLE.c.interview_id).limit(limit))
        return [_row(row) for row in rows]


def _rows() -> Select[Any]:
    table = _TABLE.c
    return select(
        table.interview_id,
        table.position_id,
        table.state,
        table.candidate_name,
        table.candidate_email,
        table.created_at,
        table.changed_at,
        table.changed_tx,
        table.overview,
    )


def _conditions(tenant_id: UUID, wanted: Wanted, reader: Reader) -> Sequence[ColumnElement[bool]]:
    table = _TABLE.c
    found = [table.tenant_id == tenant_id, table.overview.is_not(None)]
    if wanted.position_id is not None:
        found.append(table.position_id == wanted.position_id)
    if wanted.states:
        found.append(table.state.in_([state.value for state in wanted.states]))
    if wanted.decision is not None:
        found.append(_VERDICTS["newest"].astext == wanted.decision.value)
        if reader.decides:  # or the filter would tell what is sealed
            reviewers = _VERDICTS["reviewers"]
            found.append(or_(func.jsonb_array_length(reviewers) >= OPENED_BY, reviewers.has_key(reader.account)))
    if wanted.search:
        pattern = f"%{_escaped(wanted.search)}%"
        found.append(
            or_(table.candidate_name.ilike(pattern, escape="\\"), table.candidate_email.ilike(pattern, escape="\\"))
        )
    if wanted.min_weight_scored:
        scored = cast(_RESULTS["coverage"]["weight_scored"].astext, Float)
        found.append(scored >= wanted.min_weight_scored)
    return found


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _order(wanted: Wanted) -> Sequence[ColumnElement[Any]]:
    table = _TABLE.c
    key: ColumnElement[Any] | None = None
    match wanted.order:
        case Order.NAME:
            key = table.candidate_name
        case Order.STATE:
            key = case({state.value: place for place, state in enumerate(_STATES)}, value=table.state)
        case Order.CHANGED:
            key = table.changed_at
        case Order.SCORE:
            key = cast(_RESULTS["score"].astext, Float)
        case Order.COMPETENCY:
            path = "$[*] ? (@.competency_id == $id).score"
            first = func.jsonb_path_query_first(
                _RESULTS["cells"], cast(path, JSONPATH), func.jsonb_build_object("id", wanted.competency_id)
            )
            key = cast(func.nullif(cast(first, Text), "null"), Float)
    newest = (
        table.interview_id.asc() if wanted.order is Order.INVITED and wanted.descending else table.interview_id.desc()
    )
    if key is None:
        return [newest]
    return [(key.desc() if wanted.descending else key.asc()).nulls_last(), newest]


def _row(row: Any) -> Row:
    name = row.candidate_name
    return Row(
        row.interview_id,
        row.position_id,
        State(row.state),
        None if name is None else Candidate(name, row.candidate_email),
        row.created_at,
        row.changed_at,
        row.changed_tx,
        documents.load_overview(row.overview),
    )
