"""A worker process of the hop: handles commands, and at the end writes when it handled them.

`python -m tests.bench.hop_worker ours|inbox|raw NATS_URL OUT [DSN]`: stops on SIGTERM.
"""

import asyncio
import json
import signal
import sys
import time
from pathlib import Path

import nats
from opentelemetry.sdk.trace import TracerProvider
from pydantic import SecretStr
from viva.question.v1 import question_pb2 as question
from viva_core.bus import Bus, Delivery, Worker, message_types
from viva_core.bus.topology import QUESTION_GEN
from viva_core.db import Inbox, create_engine, session_factory, transaction
from viva_core.health import Health
from viva_core.settings import DatabaseSettings, NatsSettings
from viva_core.telemetry.metrics import new_registry

from tests.bench.payload import age_ms


class Log:
    """What was handled: (age in ms, monotonic seconds)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handled: list[tuple[float, float]] = []

    def handled(self, request_id: str) -> None:
        """One command is done."""
        self._handled.append((age_ms(request_id), time.monotonic()))

    def write(self) -> None:
        """Hand it over."""
        self._path.write_text(json.dumps(self._handled))


async def ours(url: str, log: Log, stop: asyncio.Event, dsn: str | None) -> None:
    """Viva's worker with everything on; with a database, the inbox's transaction in each handler."""
    sessions = None
    if dsn is not None:
        sessions = session_factory(create_engine(DatabaseSettings(database_url=SecretStr(dsn))))

    async def handle(delivery: Delivery) -> None:
        request = delivery.message
        assert isinstance(request, question.GenerateRequest)
        if sessions is not None:
            async with transaction(sessions) as session:
                await Inbox.claim(session, delivery.consumer, delivery.envelope.id)
        log.handled(request.request_id)

    health, registry = Health(), new_registry()
    tracer = TracerProvider().get_tracer("bench")
    bus = await Bus.connect(
        NatsSettings(nats_url=url), source="question-gen", health=health, registry=registry, tracer=tracer
    )
    types = message_types(question.GenerateRequest)
    worker = Worker(bus, QUESTION_GEN, handle, message_types=types, health=health)
    running = asyncio.create_task(worker.run())
    await stop.wait()
    await worker.stop(grace=2)
    await running
    await bus.close()


async def raw(url: str, log: Log, stop: asyncio.Event) -> None:
    """nats-py alone: fetch one, acknowledge."""
    client = await nats.connect(url)
    context = client.jetstream()
    subscription = await context.pull_subscribe_bind(QUESTION_GEN.durable, QUESTION_GEN.stream)
    while not stop.is_set():
        try:
            message = (await subscription.fetch(1, timeout=1))[0]
        except TimeoutError:
            continue
        log.handled(question.GenerateRequest.FromString(message.data).request_id)
        await message.ack()
    await client.close()


async def main(kind: str, url: str, out: str, dsn: str | None) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    log = Log(Path(out))
    if kind == "raw":
        await raw(url, log, stop)
    else:
        await ours(url, log, stop, dsn)
    log.write()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], dsn=sys.argv[4] if len(sys.argv) > 4 else None))
