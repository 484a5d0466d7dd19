"""Lists of candidates: a status board, and a table to compare by competency."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from viva_core.db import reading, transaction

from viva_session.adapters.candidates import Candidates, Row, Wanted
from viva_session.adapters.catalogue import Catalogue
from viva_session.application.interviews import Interviews
from viva_session.domain.access import Action, Actor, Resource, authorize
from viva_session.domain.review import Reader

_BATCH = 500
_FILLED_AT_ONCE = 100
_FIRST = UUID(int=0)


@dataclass(frozen=True)
class CandidatePage:
    """One page; `cursor` is where a watch goes on from it."""

    rows: list[Row]
    total: int
    cursor: int


class CandidateLists:
    """Reads rows for staff."""

    def __init__(self, interviews: Interviews, catalogue: Catalogue, rows: Candidates) -> None:
        self._interviews = interviews
        self._catalogue = catalogue
        self._rows = rows

    async def page(self, actor: Actor, wanted: Wanted, reader: Reader, *, limit: int, offset: int) -> CandidatePage:
        """A page of the tenant's candidates. Raises NotFound for a position that is not theirs, Denied."""
        await self._admit(actor, wanted.position_id)
        await self._fill(actor.tenant_id)
        async with reading(self._interviews.sessions) as session:
            cursor = await self._rows.cursor(session)  # first: what changes meanwhile is told again, and never missed
            rows, total = await self._rows.page(session, actor.tenant_id, wanted, reader, limit=limit, offset=offset)
        return CandidatePage(rows, total, cursor)

    async def open_watch(self, actor: Actor, position_id: UUID | None) -> int:
        """Where a watch begins. Raises NotFound, Denied."""
        await self._admit(actor, position_id)
        async with reading(self._interviews.sessions) as session:
            return await self._rows.cursor(session)

    async def since(self, actor: Actor, position_id: UUID | None, cursor: int) -> AsyncIterator[tuple[list[Row], int]]:
        """Batches of what has changed since a cursor; with each, the cursor from which the next look goes on."""
        async with reading(self._interviews.sessions) as session:
            following = await self._rows.cursor(session)
        if cursor > following:  # it is of another life of the database: everything is new
            cursor = 0
        last = (cursor, _FIRST)
        while True:
            async with reading(self._interviews.sessions) as session:
                rows = await self._rows.changed(session, actor.tenant_id, position_id, last, _BATCH)
            more = len(rows) == _BATCH
            yield rows, cursor if more else following
            if not more:
                return
            last = (rows[-1].changed_tx, rows[-1].interview_id)

    async def _admit(self, actor: Actor, position_id: UUID | None) -> None:
        authorize(actor, Action.INTERVIEW_LIST, Resource(actor.tenant_id))
        if position_id is None:
            return
        async with reading(self._interviews.sessions) as session:
            found = await self._catalogue.position(session, actor.tenant_id, position_id)
        authorize(actor, Action.INTERVIEW_LIST, None if found is None else Resource(actor.tenant_id))

    async def _fill(self, tenant_id: UUID) -> None:
        """Rows of interviews that are older than rows are: once, whenever the tenant's first list is asked for."""
        while True:
            async with transaction(self._interviews.sessions) as session:
                missing = await self._rows.without_row(session, tenant_id, _FILLED_AT_ONCE)
                for interview_id in missing:
                    stored = await self._interviews.store.load(session, tenant_id, interview_id, lock=True)
                    if stored is not None:
                        await self._interviews.store.refresh_row(session, stored)
            if len(missing) < _FILLED_AT_ONCE:
                return
