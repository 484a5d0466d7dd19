"""The live socket on the real server: who is let in, what a refusal looks like, and what the log says of it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from viva_core.errors import NotFound, Transient
from viva_gateway.domain.principal import Role
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus


@pytest.fixture
async def address(gateway: Any) -> AsyncIterator[str]:
    """Where the gateway's own HTTP server listens."""
    server = gateway.built.server
    await server.start()
    yield f"127.0.0.1:{server.port}"
    await server.stop(1.0)


def bearer(client: Any) -> dict[str, str]:
    """What says who calls."""
    return {"Authorization": client.headers["Authorization"]}


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Whatever was logged as more than information."""
    return [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]


async def refused(address: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """The status and the problem that a handshake is refused with."""
    with pytest.raises(InvalidStatus) as refusal:
        async with connect(f"ws://{address}/api/v1{path}", additional_headers=headers):
            pass
    response = refusal.value.response
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code, json.loads(response.body or b"")


async def test_a_refusal_is_a_problem_document_and_no_error_of_ours(
    gateway: Any, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    staff = bearer(await gateway.bearer(Role.REVIEWER))
    own = f"/interviews/{gateway.interview_id}/live"
    found = gateway.neighbour.answers["GetInterview"]
    with caplog.at_level(logging.DEBUG):
        assert (await refused(address, own, {}))[0] == 401
        assert (await refused(address, own, {"Authorization": "Bearer none"}))[0] == 401
        assert (await refused(address, own, staff | {"Origin": "https://elsewhere.example"}))[0] == 403
        assert (await refused(address, "/interviews/none/live", staff))[0] == 404
        assert (await refused(address, f"{own}?last_event_id=x", staff))[0] == 422
        gateway.neighbour.answers["GetInterview"] = NotFound("there is no such interview")
        status, problem = await refused(address, f"/interviews/{uuid4()}/live", staff)
        assert (status, problem["reason"]) == (404, "NOT_FOUND")
        gateway.neighbour.answers["GetInterview"] = Transient("away")
        assert (await refused(address, own, staff))[0] == 503
        gateway.neighbour.answers["GetInterview"] = found
        async with connect(f"ws://{address}/api/v1{own}", additional_headers=staff) as socket:
            assert json.loads(await socket.recv())["type"] == "hello"
    assert complaints(caplog) == []


async def test_a_client_that_leaves_during_the_handshake_is_no_error_of_ours(
    gateway: Any, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    staff = bearer(await gateway.bearer(Role.REVIEWER))
    asked, answer = asyncio.Event(), asyncio.Event()
    found = gateway.neighbour.answers["GetInterview"]

    async def slow(request: Any) -> Any:
        asked.set()
        await answer.wait()
        return found(request)

    gateway.neighbour.answers["GetInterview"] = slow
    host, port = address.split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = [
        f"GET /api/v1/interviews/{gateway.interview_id}/live HTTP/1.1",
        f"Host: {address}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Authorization: {staff['Authorization']}",
    ]
    with caplog.at_level(logging.DEBUG):
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        async with asyncio.timeout(10):
            await asked.wait()
        writer.transport.abort()
        answer.set()
        async with asyncio.timeout(10):
            await gateway.built.server.stop(1.0)  # waits for what is under way
    assert complaints(caplog) == []


async def test_hello_tells_the_time_of_the_server(gateway: Any, address: str) -> None:
    staff = bearer(await gateway.bearer(Role.REVIEWER))
    url = f"ws://{address}/api/v1/interviews/{gateway.interview_id}/live"
    socket: ClientConnection
    async with connect(url, additional_headers=staff) as socket:
        hello = json.loads(await socket.recv())
    assert hello["data"]["at"] == gateway.clock.now().isoformat().replace("+00:00", "Z")
    assert hello["data"]["interview"]["sequence"] == hello["data"]["resume_from"] == 3
