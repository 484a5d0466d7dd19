"""Readiness, and answering for it while the event loop is busy."""

import asyncio
import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from viva_core.health import LIVE, Health, HealthServer
from viva_testkit.bus import eventually

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def ask(port: int, service: str = "") -> int:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=2)  # type: ignore[attr-defined]
        status: int = answer.status
        return status


def test_ready_means_that_every_part_works() -> None:
    health = Health()
    assert not health.ready
    health.set("bus", True)
    health.set("database", False, "connecting")
    assert (health.ready, health.complaints) == (False, "database: connecting")
    health.set("database", True)
    assert (health.ready, health.complaints) == (True, "")


async def test_readiness_is_served() -> None:
    health = Health()
    server = HealthServer(health, host="127.0.0.1", port=0)
    server.start()
    assert await asyncio.to_thread(ask, server.port) == NOT_SERVING
    health.set("bus", True)
    assert await asyncio.to_thread(ask, server.port) == SERVING
    assert await asyncio.to_thread(ask, server.port, LIVE) == SERVING
    await server.stop()


async def test_a_busy_event_loop_does_not_stall_the_answer() -> None:
    health = Health()
    health.set("bus", True)
    server = HealthServer(health, host="127.0.0.1", port=0)
    server.start()
    answered = asyncio.get_running_loop().run_in_executor(None, lambda: (ask(server.port), time.monotonic()))
    time.sleep(1.5)  # noqa: ASYNC251  # the fault itself: a loop that does not turn
    freed = time.monotonic()
    status, at = await answered
    assert status == SERVING
    assert at < freed
    await server.stop()


async def test_a_loop_that_never_turns_is_not_live() -> None:
    health = Health()
    health.set("bus", True)
    server = HealthServer(health, host="127.0.0.1", port=0, stall=0.4)
    server.start()
    watched = asyncio.get_running_loop().run_in_executor(None, _wait_until_not_live, server.port)
    time.sleep(1.5)  # noqa: ASYNC251  # the fault itself
    assert await watched
    await eventually(lambda: ask(server.port, LIVE) == SERVING)
    await server.stop()


def _wait_until_not_live(port: int) -> bool:
    limit = time.monotonic() + 1.4
    while time.monotonic() < limit:
        if ask(port, LIVE) == NOT_SERVING:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("name", ["", LIVE])
async def test_a_stopped_server_is_gone(name: str) -> None:
    server = HealthServer(Health(), host="127.0.0.1", port=0)
    server.start()
    await server.stop()
    with pytest.raises(grpc.RpcError):
        await asyncio.to_thread(ask, server.port, name)


async def test_a_port_in_use_is_not_shared() -> None:
    first = HealthServer(Health(), host="127.0.0.1", port=0)
    first.start()
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{first.port}"):
        HealthServer(Health(), host="127.0.0.1", port=first.port).start()
    await first.stop()
