"""From a commit to its delivery, and a backlog of 100,000 rows; the relay in a process of its own."""

import asyncio
import shutil
import tempfile
import time
import uuid
from pathlib import Path

import psutil
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from viva.question.v1 import question_pb2 as question
from viva_core.bus import Bus, Delivery, Worker, message_types
from viva_core.bus.apply import apply
from viva_core.bus.subjects import command_subject
from viva_core.bus.topology import QUESTION_GEN
from viva_core.db import Outbox, create_engine, session_factory, transaction
from viva_core.health import Health
from viva_core.settings import DatabaseSettings, NatsSettings
from viva_core.telemetry.metrics import new_registry
from viva_session.adapters import schema
from viva_testkit.bus import eventually
from viva_testkit.nats import NatsServer
from viva_testkit.postgres import Postgres

from tests.bench import processes
from tests.bench.payload import TENANT, command
from tests.bench.rows import Row, p50, p99, row

_WARM_UP = 20
_PAUSE = 0.01
_SAMPLE_SECONDS = 0.05
_FILL = """
    INSERT INTO outbox (key, subject, headers, payload)
    SELECT 'k' || n % 500, replace(subject, :old, (lpad(to_hex(n % 500), 8, '0') || substr(:old, 9))),
           jsonb_set(headers, '{Nats-Msg-Id}', to_jsonb('m' || n)), payload
    FROM outbox_template, generate_series(1, :count) AS n
"""


def run(*, quick: bool = False) -> list[Row]:
    """Latency on an idle relay, rate and memory on a backlog."""
    singles, backlog = (50, 10_000) if quick else (300, 100_000)
    folder = Path(tempfile.mkdtemp(prefix="viva-bench-"))
    store = Path(tempfile.mkdtemp(prefix="viva-bench-pg-"))  # apart: as root PostgreSQL works as another user
    server = NatsServer(folder / "nats")
    server.start()
    postgres = Postgres(store)
    try:
        with postgres.database() as dsn:
            schema.migrate(dsn)
            latency, rate, grown = asyncio.run(_measure(server.url, dsn, folder, singles, backlog))
    finally:
        postgres.stop()
        server.stop()
        shutil.rmtree(store)
        shutil.rmtree(folder)
    return [
        row("commit to handler, p50", "ms", p50(latency), 5),
        row("commit to handler, p99", "ms", p99(latency)),
        row(f"backlog of {backlog:,} relayed", "1/s", rate, 1_500, at="least"),
        row("memory of the relay grown by the backlog (RSS)", "MiB", grown, 32),
    ]


async def _measure(url: str, dsn: str, folder: Path, singles: int, backlog: int) -> tuple[list[float], float, float]:
    bus = await Bus.connect(NatsSettings(nats_url=url), source="session", health=Health(), registry=new_registry())
    await apply(bus.api)
    engine = create_engine(DatabaseSettings(database_url=SecretStr(dsn)))
    relay = ["tests.bench.outbox_relay", url]
    with processes.started(relay, folder / "single", {"BENCH_DSN": dsn}):
        latency = await _latency(bus, engine, singles)
    await _template(engine)
    await bus.api.request("STREAM.PURGE.VIVA_COMMAND_V1")
    with processes.started(relay, folder / "backlog", {"BENCH_DSN": dsn}) as [process]:
        rate, grown = await _drain(engine, psutil.Process(process.pid), backlog)
    await engine.dispose()
    await bus.close()
    return latency, rate, grown


async def _latency(bus: Bus, engine: AsyncEngine, singles: int) -> list[float]:
    """Milliseconds from the moment before the commit is sent to the handler, in another process than the relay's."""
    sessions = session_factory(engine)
    committing: dict[str, float] = {}
    taken: dict[str, float] = {}

    async def handle(delivery: Delivery) -> None:
        taken[delivery.envelope.id] = time.monotonic()

    health = Health()
    worker = Worker(bus, QUESTION_GEN, handle, message_types=message_types(question.GenerateRequest), health=health)
    running = asyncio.create_task(worker.run())
    part = f"worker.{QUESTION_GEN.durable}"
    await eventually(lambda: part in health.parts and health.parts[part].ok)
    outbox = Outbox("session")
    for _ in range(_WARM_UP + singles):
        message = command()
        subject = command_subject("question-gen", TENANT, message.interview_id)
        async with transaction(sessions) as session:
            envelope = await outbox.add(session, subject, message)
            committing[envelope.id] = time.monotonic()
        await asyncio.sleep(_PAUSE)
    await eventually(lambda: len(taken) == len(committing), within=30)
    await worker.stop(2)
    await running
    return [1000 * (taken[one] - begun) for one, begun in committing.items()][_WARM_UP:]


async def _template(engine: AsyncEngine) -> None:
    """One real row to make many of."""
    message = command()
    async with transaction(session_factory(engine)) as session:
        subject = command_subject("question-gen", TENANT, message.interview_id)
        await Outbox("session").add(session, subject, message, event_id=uuid.uuid4())
        await session.execute(text("CREATE TABLE outbox_template AS SELECT * FROM outbox"))
        await session.execute(text("DELETE FROM outbox"))


async def _drain(engine: AsyncEngine, relay: psutil.Process, backlog: int) -> tuple[float, float]:
    """Rows a second, and how far the relay's memory rose above what it held idle, MiB. The rows belong to 500
    interviews, and come at once: with the commit that makes them visible."""
    async with engine.connect() as connection:
        template = (await connection.execute(text("SELECT subject FROM outbox_template"))).scalar_one()
    old = template.rpartition(".")[2]
    idle = relay.memory_info().rss
    async with transaction(session_factory(engine)) as session:
        await session.execute(text(_FILL), {"old": old, "count": backlog})
        await session.execute(text("SELECT pg_notify('viva_outbox', '')"))
    started = time.monotonic()
    most = idle
    watching = asyncio.create_task(_watch(engine))
    while not watching.done():
        most = max(most, relay.memory_info().rss)
        await asyncio.wait({watching}, timeout=_SAMPLE_SECONDS)
    await watching
    return backlog / (time.monotonic() - started), (most - idle) / 2**20


async def _watch(engine: AsyncEngine) -> None:
    """Return when the outbox is empty."""

    async def empty() -> bool:
        async with engine.connect() as connection:
            return await connection.scalar(text("SELECT 1 FROM outbox LIMIT 1")) is None

    await eventually(empty, within=180)
