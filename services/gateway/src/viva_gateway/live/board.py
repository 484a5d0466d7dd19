"""The live board: one WebSocket tells of all candidates of a tenant, or of a position.

Messages are `{type, id, data}` as on an interview's socket. `hello` says from where (`data.after`), `candidates` brings
rows as they stand now (`data.items`), and `after`: send it as `?after=` when the socket is opened again, and nothing is
missed. What changes often is told about twice a second; what was told may be told again.
"""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, WebSocket
from viva.session.v1 import session_pb2 as api
from viva_core.errors import Invalid, Violation
from viva_core.grpc import acting_as

from viva_gateway.edge.gateway import gateway_of
from viva_gateway.edge.identity import actor_of
from viva_gateway.edge.problems import correlation_id, failure_response
from viva_gateway.live import messages, socket
from viva_gateway.live.following import LONGEST, Following
from viva_gateway.live.hub import Member
from viva_gateway.schemas import wire

if TYPE_CHECKING:
    from viva.session.v1.session_pb2_grpc import SessionServiceAsyncStub

router = APIRouter()
OPERATION = "watch_candidates"


@router.websocket("/api/v1/candidates/live")
async def board(websocket: WebSocket) -> None:
    """Relay the changes of many interviews to a browser or a program."""
    gateway, hub = gateway_of(websocket), socket.hub_of(websocket)
    try:
        principal = await socket.admitted(websocket, gateway, OPERATION)
        position_id, after = _position(websocket), _after(websocket)
        member = hub.enter_board(principal)
    except Exception as error:  # whatever it is becomes a problem document, as everywhere
        await websocket.send_denial_response(failure_response(error, websocket.scope))
        return
    watch = BoardWatch(gateway.services.session, member, position_id, after, correlation_id(websocket.scope))
    try:
        try:
            begun = await watch.begin()
        except Exception as error:
            await websocket.send_denial_response(failure_response(error, websocket.scope))
            return
        hello = {"after": begun, "heartbeat_seconds": hub.heartbeat, "at": gateway.clock.now()}
        member.outbox.offer(messages.build("hello", hello))
        await websocket.accept()
        watch.start()
        await socket.serve(websocket, member, gateway)
    finally:
        await watch.stop()
        hub.leave(member)


def _position(websocket: WebSocket) -> str:
    given = websocket.query_params.get("position_id")
    if not given:
        return ""
    try:
        return str(UUID(given))
    except ValueError:
        raise Invalid("position_id is not right", [Violation("position_id", "want a UUID")]) from None


def _after(websocket: WebSocket) -> int:
    given = websocket.query_params.get("after")
    if not given:
        return 0
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise Invalid("after is not right", [Violation("after", "want what the last message or the list told")])
    return int(given)


class BoardWatch:
    """Puts changed rows into the member's outbox, across restarts of the session service."""

    def __init__(
        self, session: "SessionServiceAsyncStub", member: Member, position_id: str, after: int, correlation: str
    ) -> None:
        self._session = session
        self._member = member
        self._position_id = position_id
        self._after = after
        self._correlation = correlation
        self._following = Following(member, self._news)

    async def begin(self) -> str:
        """Ask once whether the caller may, and where the watch begins. Raises what the session says."""
        with acting_as(actor_of(self._member.principal), correlation_id=self._correlation):
            stream = self._session.WatchCandidates(self._request(), timeout=LONGEST)
            try:
                async for first in stream:
                    if not self._after:
                        self._after = first.cursor
                    break
            finally:
                stream.cancel()
        return str(self._after)

    def start(self) -> None:
        """Follow until `stop`."""
        self._following.start()

    async def stop(self) -> None:
        """End it."""
        await self._following.stop()

    def _request(self) -> api.WatchCandidatesRequest:
        return api.WatchCandidatesRequest(position_id=self._position_id, cursor=self._after)

    async def _news(self) -> AsyncIterator[None]:
        with acting_as(actor_of(self._member.principal), correlation_id=self._correlation):
            async for news in self._session.WatchCandidates(self._request(), timeout=LONGEST):
                self._after = news.cursor
                if news.candidates:
                    data = {"items": [wire.plain(row) for row in news.candidates], "after": str(news.cursor)}
                    self._member.outbox.offer(messages.build("candidates", data))
                yield
