"""A worker process of the hop: handles commands, and at the end reports when it handled them.

`python -m tests.bench.hop_worker ours|inbox|raw NATS_URL`: until SIGTERM. The inbox's database is in BENCH_DSN.
"""

import asyncio
import contextlib
import os
import signal
import sys

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
from viva_testkit.bus import eventually

from tests.bench import processes
from tests.bench.payload import Handled


async def ours(url: str, handled: Handled, stop: asyncio.Event, dsn: str | None) -> None:
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
        handled.note(request.request_id)

    health, registry = Health(), new_registry()
    tracer = TracerProvider().get_tracer("bench")
    bus = await Bus.connect(
        NatsSettings(nats_url=url), source="question-gen", health=health, registry=registry, tracer=tracer
    )
    worker = Worker(bus, QUESTION_GEN, handle, message_types=message_types(question.GenerateRequest), health=health)
    running = asyncio.create_task(worker.run())
    part = f"worker.{QUESTION_GEN.durable}"
    await eventually(lambda: part in health.parts and health.parts[part].ok)
    processes.say_ready()
    await stop.wait()
    await worker.stop(grace=2)
    await running
    await bus.close()


async def raw(url: str, handled: Handled, stop: asyncio.Event) -> None:
    """nats-py alone: fetch one, acknowledge."""
    client = await nats.connect(url)
    context = client.jetstream()
    subscription = await context.pull_subscribe_bind(QUESTION_GEN.durable, QUESTION_GEN.stream)
    processes.say_ready()
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            [message] = await subscription.fetch(1, timeout=1)
            handled.note(question.GenerateRequest.FromString(message.data).request_id)
            await message.ack()
    await client.close()


async def main(kind: str, url: str) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    handled = Handled()
    if kind == "raw":
        await raw(url, handled, stop)
    else:
        await ours(url, handled, stop, os.environ["BENCH_DSN"] if kind == "inbox" else None)
    processes.report(handled.times)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
