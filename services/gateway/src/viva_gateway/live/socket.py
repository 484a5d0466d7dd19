"""The endpoint of the live WebSocket."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from viva.session.v1 import session_pb2 as api
from viva_core.errors import Denied, Invalid, NotFound, Violation
from viva_core.grpc import acting_as

from viva_gateway.domain import access, origins
from viva_gateway.domain.principal import Principal
from viva_gateway.edge.gateway import Gateway, gateway_of
from viva_gateway.edge.identity import actor_of, identify
from viva_gateway.edge.problems import correlation_id, failure_response
from viva_gateway.live import messages
from viva_gateway.live.hub import Hub, Member
from viva_gateway.live.outbox import CODES, Closing, Why
from viva_gateway.live.watch import Watch
from viva_gateway.schemas import wire

router = APIRouter()
OPERATION = "watch_interview"
_MOST_RECEIVED = 100
_CLOSE_SECONDS = 5.0
Resume = Callable[[int], Awaitable[None]]


@router.websocket("/api/v1/interviews/{interview_id}/live")
async def live(websocket: WebSocket, interview_id: str) -> None:
    """Relay an interview to a browser or a program; see `messages` for what is said."""
    gateway, hub = gateway_of(websocket), hub_of(websocket)
    try:
        principal, wanted = await _admitted(websocket, gateway, interview_id)
        after = _last_event_id(websocket)
        member = hub.enter(principal, wanted)
    except Exception as error:  # whatever it is becomes a problem document, as everywhere
        await websocket.send_denial_response(failure_response(error, websocket.scope))
        return
    try:
        await _serve(websocket, gateway, hub, member, after)
    finally:
        hub.leave(member)


def hub_of(websocket: WebSocket) -> Hub:
    """The hub of the application."""
    hub: Hub = websocket.app.state.hub
    return hub


async def _admitted(websocket: WebSocket, gateway: Gateway, text: str) -> tuple[Principal, UUID]:
    try:
        interview_id = UUID(text)
    except ValueError:
        raise NotFound("there is no such interview") from None
    return await admitted(websocket, gateway, OPERATION), interview_id


async def admitted(websocket: WebSocket, gateway: Gateway, operation: str) -> Principal:
    """Who it is, if they may listen; raises what a REST route would."""
    origin = websocket.headers.get("origin")
    settings = gateway.settings
    if origin is not None and not origins.same_origin(
        origin, websocket.headers.get("host"), settings.public_url, settings.origins
    ):
        raise Denied("this page may not open a live connection", reason="ORIGIN")
    principal = await identify(websocket, operation, gateway, rotate=False)
    access.demand(operation, principal)
    assert principal is not None
    return principal


def _last_event_id(websocket: WebSocket) -> int | None:
    """Where the client left off; None when it says nothing."""
    given = websocket.query_params.get("last_event_id") or websocket.headers.get("last-event-id")
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise Invalid("last_event_id is not right", [Violation("last_event_id", "want a whole number, 0 or more")])
    return int(given)


async def _serve(websocket: WebSocket, gateway: Gateway, hub: Hub, member: Member, after: int | None) -> None:
    """Say hello, then relay until one side is done."""
    id_ = correlation_id(websocket.scope)
    await hub.listening(member)
    try:
        with acting_as(actor_of(member.principal), correlation_id=id_):
            request = api.GetInterviewRequest(interview_id=str(member.interview_id))
            interview = (await gateway.services.session.GetInterview(request)).interview
    except Exception as error:
        await websocket.send_denial_response(failure_response(error, websocket.scope))
        return
    resume_from = interview.sequence if after is None else after
    member.outbox.offer(
        messages.build(
            "hello",
            {
                "interview": wire.plain(interview),
                "resume_from": resume_from,
                "heartbeat_seconds": hub.heartbeat,
                "at": gateway.clock.now(),
            },
        )
    )
    await websocket.accept()
    watch = Watch(gateway.services.session, member, id_)
    await watch.start(resume_from)
    try:
        await serve(websocket, member, gateway, watch.start)
    finally:
        await watch.stop()


async def serve(websocket: WebSocket, member: Member, gateway: Gateway, resume: Resume | None = None) -> None:
    """Send what is in the member's outbox until one side is done. `resume`: what to do when the client asks for what
    came after a sequence; without it the client has nothing to say."""
    sender = asyncio.create_task(_send(websocket, member, gateway), name="live send")
    receiver = asyncio.create_task(_receive(websocket, member, resume), name="live receive")
    cut = asyncio.create_task(member.outbox.closed.wait(), name="live closed")
    try:
        await asyncio.wait({sender, receiver, cut}, return_when=asyncio.FIRST_COMPLETED)
        if member.outbox.closing is not None:
            await _close(websocket, sender, member.outbox.closing, gateway)
    finally:
        for task in (sender, receiver, cut):
            task.cancel()
        await asyncio.gather(sender, receiver, cut, return_exceptions=True)


async def _send(websocket: WebSocket, member: Member, gateway: Gateway) -> None:
    sent = gateway.metrics.sent
    while True:
        item = await member.outbox.take()
        if isinstance(item, Closing):
            return
        await websocket.send_text(item.text)
        sent.labels(item.type).inc()


async def _receive(websocket: WebSocket, member: Member, resume: Resume | None) -> None:
    """Read until the client goes; it has little to say, so one that says much is not one of ours."""
    for _ in range(_MOST_RECEIVED):
        try:
            text = await websocket.receive_text()
        except (WebSocketDisconnect, KeyError):  # KeyError: Starlette's for a binary message
            break
        asked = messages.read(text)
        if asked is None or resume is None:
            break
        await resume(asked.last_event_id)
    else:
        member.outbox.close(Why.BAD_MESSAGE)
        return
    if websocket.client_state.name == "CONNECTED":
        member.outbox.close(Why.BAD_MESSAGE)


async def _close(websocket: WebSocket, sender: asyncio.Task[None], closing: Closing, gateway: Gateway) -> None:
    """Tell why, if the client still reads; otherwise just cut the connection."""
    gateway.metrics.closed.labels(closing.why.value).inc()
    sender.cancel()
    await asyncio.gather(sender, return_exceptions=True)
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the client was quicker
                await websocket.close(CODES[closing.why], closing.why.value)
    except TimeoutError:
        cut = getattr(websocket.app.state, "cut", None)
        if cut is not None and websocket.client is not None:
            cut((websocket.client.host, websocket.client.port))
