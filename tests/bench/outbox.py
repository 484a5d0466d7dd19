"""From a commit to its delivery, and a backlog of 100,000 rows."""

import asyncio
import resource
import shutil
import tempfile
import time
import uuid
from pathlib import Path

from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from sqlalchemy import text
from viva.question.v1 import question_pb2 as question
from viva_core.bus import Bus, Delivery, Worker, message_types
from viva_core.bus.apply import apply
from viva_core.bus.subjects import command_subject
from viva_core.bus.topology import QUESTION_GEN
from viva_core.db import Outbox, Relay, create_engine, session_factory, transaction
from viva_core.health import Health
from viva_core.settings import DatabaseSettings, NatsSettings
from viva_session.adapters import schema
from viva_testkit.bus import eventually
from viva_testkit.nats import NatsServer
from viva_testkit.postgres import Postgres

from tests.bench.payload import TENANT, command
from tests.bench.rows import Row, p50, row

_SINGLES = 200
_BACKLOG = 100_000
_FILL = """
    INSERT INTO outbox (key, subject, headers, payload)
    SELECT 'k' || n % 500, replace(subject, :old, (lpad(to_hex(n % 500), 8, '0') || substr(:old, 9))),
           jsonb_set(headers, '{Nats-Msg-Id}', to_jsonb('m' || n)), payload
    FROM outbox_template, generate_series(1, :count) AS n
"""


def run() -> list[Row]:
    """Latency on an idle relay, rate and memory on a backlog."""
    folder = Path(tempfile.mkdtemp(prefix="viva-bench-"))
    server = NatsServer(folder / "nats")
    server.start()
    store = Path(tempfile.mkdtemp(prefix="viva-bench-pg-"))  # apart: as root PostgreSQL works as another user
    postgres = Postgres(store)
    try:
        with postgres.database() as dsn:
            schema.migrate(dsn)
            latency, rate, grown = asyncio.run(_measure(server.url, dsn))
    finally:
        postgres.stop()
        shutil.rmtree(store)
        server.stop()
        shutil.rmtree(folder)
    return [
        row("outbox, commit to handler, p50", "ms", latency, 5, at="most"),
        row("outbox, backlog of 100,000 relayed", "1/s", rate, 1_500, at="least"),
        row("outbox, memory grown by the backlog", "MiB", grown, 32, at="most"),
    ]


async def _measure(url: str, dsn: str) -> tuple[float, float, float]:
    registry, health = CollectorRegistry(), Health()
    bus = await Bus.connect(NatsSettings(nats_url=url), source="session", health=health, registry=registry)
    await apply(bus.api)
    engine = create_engine(DatabaseSettings(database_url=SecretStr(dsn)))
    relay = Relay(dsn, bus, health=health, registry=registry)
    relaying = asyncio.create_task(relay.run())
    latency = await _latency(bus, dsn, health)
    await relay.stop(5)
    await relaying

    await _fill(dsn)
    await bus.api.request("STREAM.PURGE.VIVA_COMMAND_V1")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    second = Relay(dsn, bus, health=health, registry=CollectorRegistry())
    started = time.monotonic()
    relaying = asyncio.create_task(second.run())

    async def empty() -> bool:
        async with engine.connect() as connection:
            return await connection.scalar(text("SELECT 1 FROM outbox LIMIT 1")) is None

    await eventually(empty, within=120)
    rate = _BACKLOG / (time.monotonic() - started)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    await second.stop(5)
    await relaying
    await engine.dispose()
    await bus.close()
    return latency, rate, grown


async def _latency(bus: Bus, dsn: str, health: Health) -> float:
    sessions = session_factory(create_engine(DatabaseSettings(database_url=SecretStr(dsn))))
    committed: dict[str, float] = {}
    taken: dict[str, float] = {}

    async def handle(delivery: Delivery) -> None:
        taken[delivery.envelope.id] = time.monotonic()

    types = message_types(question.GenerateRequest)
    worker = Worker(bus, QUESTION_GEN, handle, message_types=types, health=health)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(1)
    outbox = Outbox("session")
    for _ in range(_SINGLES):
        message = command()
        subject = command_subject("question-gen", TENANT, message.interview_id)
        async with transaction(sessions) as session:
            envelope = await outbox.add(session, subject, message)
        committed[envelope.id] = time.monotonic()
        await asyncio.sleep(0.01)
    await eventually(lambda: len(taken) == _SINGLES, within=30)
    await worker.stop(2)
    await running
    return p50([1000 * max(taken[one] - committed[one], 0.0) for one in committed])


async def _fill(dsn: str) -> None:
    """100,000 rows of 500 interviews, made inside the database from one real one."""
    engine = create_engine(DatabaseSettings(database_url=SecretStr(dsn)))
    message = command()
    subject = command_subject("question-gen", TENANT, message.interview_id)
    async with transaction(session_factory(engine)) as session:
        await Outbox("session").add(session, subject, message, event_id=uuid.uuid4())
        await session.execute(text("CREATE TABLE outbox_template AS SELECT * FROM outbox"))
        await session.execute(text("DELETE FROM outbox"))
        await session.execute(text(_FILL), {"old": message.interview_id, "count": _BACKLOG})
    await engine.dispose()
