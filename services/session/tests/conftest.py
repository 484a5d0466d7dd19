"""The session service on a real PostgreSQL and a real nats-server, called over a real channel."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from viva.session.v1 import session_pb2_grpc
from viva_core.grpc import GrpcMetrics, create_channel
from viva_core.ids import uuid7
from viva_core.runtime import run
from viva_session.adapters import schema
from viva_session.bootstrap import bootstrap
from viva_session.settings import Settings
from viva_testkit.bus import BusFactory, eventually
from viva_testkit.nats import NatsServer, free_port
from viva_testkit.session import Service
from viva_testkit.workers import FakeWorkers


@pytest.fixture
async def launch(database_url: str, nats_server: NatsServer, buses: BusFactory) -> AsyncIterator[Callable[..., Any]]:
    """Starts services on the same stores; each is stopped at the end."""
    schema.migrate(database_url)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level  # a service sets its process's logging up
    stack = AsyncExitStack()

    async def start(**changes: Any) -> Service:
        port = free_port()
        stores: dict[str, Any] = {"database_url": SecretStr(database_url), "nats_url": nats_server.url}
        settings = Settings(grpc_port=port, metrics_port=-1, health_port=-1, grace=5, **{**stores, **changes})
        env, parts = await bootstrap(settings)
        stop = asyncio.Event()
        running = asyncio.create_task(run(env, parts, stop=stop))
        channel = create_channel(f"127.0.0.1:{port}", metrics=GrpcMetrics(CollectorRegistry()), timeout=20)
        workers = FakeWorkers(await buses.connect("admin"), buses)
        tenant = uuid7()

        async def end() -> None:
            await workers.stop()
            await channel.close()
            stop.set()
            assert await running == 0

        stack.push_async_callback(end)
        await eventually(lambda: env.health.ready or running.done())
        assert not running.done()
        stub = session_pb2_grpc.SessionServiceStub(channel)
        return Service(workers, tenant, stub, channel, env, stop, running)

    yield start
    await stack.aclose()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
async def service(launch: Callable[..., Any]) -> Service:
    """One running service, with its tenant made."""
    started: Service = await launch()
    await started.make_tenant()
    return started
