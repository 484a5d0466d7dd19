"""Lists of candidates, and what changes in them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from viva.session.v1 import session_pb2 as pb
from viva_core.errors import Invalid, Violation

from viva_session.adapters.candidates import Order, Wanted
from viva_session.adapters.interviews import board_key
from viva_session.adapters.translate import candidates as translate
from viva_session.adapters.translate import interviews
from viva_session.adapters.watch import Watch, woken
from viva_session.application.candidates import CandidateLists
from viva_session.domain.access import Actor
from viva_session.grpc_api import paging
from viva_session.grpc_api.actors import acting

_TOGETHER_SECONDS = 0.4
"""Changes within this time are told together."""


class CandidatesApi:
    """The part of SessionService that shows many interviews at once."""

    def __init__(self, lists: CandidateLists, watch: Watch) -> None:
        self._lists = lists
        self._board = watch

    async def ListCandidates(self, request: pb.ListCandidatesRequest, context: Any) -> pb.ListCandidatesResponse:
        """A page of rows. Pages count from the first row: who changes place meanwhile may be seen twice or not."""
        actor = acting()
        wanted = _wanted(request)
        size, offset = paging.size_of(request.page_size), paging.number_of(request.page_token) or 0
        reader = interviews.reader_of(actor)
        page = await self._lists.page(actor, wanted, reader, limit=size, offset=offset)
        following = offset + len(page.rows)
        return pb.ListCandidatesResponse(
            candidates=[translate.row_message(row, reader) for row in page.rows],
            next_page_token=paging.token_of(following) if page.rows and following < page.total else "",
            total=page.total,
            cursor=page.cursor,
        )

    async def WatchCandidates(
        self, request: pb.WatchCandidatesRequest, context: Any
    ) -> AsyncIterator[pb.WatchCandidatesResponse]:
        """Ends when the caller leaves. The first answer comes at once, and tells where it begins."""
        actor = acting()
        position_id = UUID(request.position_id) if request.position_id else None
        now = await self._lists.open_watch(actor, position_id)
        news = _News(self._lists, actor, position_id, request.cursor or now)
        with self._board.interested(board_key(actor.tenant_id)) as wake:
            first = True
            while True:
                wake.clear()
                async for response in news.look():
                    if first or response.candidates:
                        first = False
                        yield response
                if await woken(wake):
                    await asyncio.sleep(_TOGETHER_SECONDS)


class _News:
    """What one watcher was told. Rows of transactions that may still have company are read again at the next look;
    what has not changed since is not told again."""

    def __init__(self, lists: CandidateLists, actor: Actor, position_id: UUID | None, cursor: int) -> None:
        self._lists = lists
        self._actor = actor
        self._reader = interviews.reader_of(actor)
        self._position_id = position_id
        self._cursor = cursor
        self._told: dict[str, bytes] = {}

    async def look(self) -> AsyncIterator[pb.WatchCandidatesResponse]:
        """One answer a batch."""
        told: dict[str, bytes] = {}
        async for rows, cursor in self._lists.since(self._actor, self._position_id, self._cursor):
            self._cursor = cursor
            fresh = []
            for row in rows:
                message = translate.row_message(row, self._reader)
                form = message.SerializeToString(deterministic=True)
                told[message.interview_id] = form
                if self._told.get(message.interview_id) != form:
                    fresh.append(message)
            yield pb.WatchCandidatesResponse(candidates=fresh, cursor=cursor)
        self._told = told


def _wanted(request: pb.ListCandidatesRequest) -> Wanted:
    order = translate.order_of(request.order)
    if (order is Order.COMPETENCY) != bool(request.competency_id):
        raise Invalid(
            "name the competency to sort by, or another order",
            [Violation("competency_id", "goes with the order by competency, and with no other")],
        )
    states = tuple(state for value in request.states if (state := interviews.state_of(value)) is not None)
    return Wanted(
        position_id=UUID(request.position_id) if request.position_id else None,
        states=states,
        decision=interviews.decision_of(request.decision) if request.decision else None,
        search=request.search.strip(),
        min_weight_scored=request.min_weight_scored,
        order=order,
        competency_id=request.competency_id,
        descending=request.descending,
    )
