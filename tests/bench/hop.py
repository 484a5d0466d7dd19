"""From publish to handler: one message at a time for the latency, a burst through two workers for the rate.

Every side gets the same bytes, the same pauses and the same bursts, from workers that keep their figures in memory
and report them at their end. The sides take turns, round by round, so that whatever else the machine does meets all of
them.
"""

import asyncio
import contextlib
import importlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import nats
import redis
from nats.js import JetStreamContext
from opentelemetry.sdk.trace import TracerProvider
from viva_core.bus import Bus
from viva_core.bus.apply import apply
from viva_core.bus.subjects import command_subject
from viva_core.health import Health
from viva_core.settings import NatsSettings
from viva_core.telemetry.metrics import new_registry
from viva_session.adapters import schema
from viva_testkit.bus import eventually
from viva_testkit.nats import NatsServer, free_port
from viva_testkit.postgres import Postgres

from tests.bench import processes
from tests.bench.payload import TENANT, command
from tests.bench.rows import Row, p50, row

_PAUSE = 0.01  # longer than any side takes: a message never waits for the one before
_WARM_UP = 20  # messages of each round that are not counted
_DRAIN_SECONDS = 90
_TOGETHER = 100  # publishes under way at once while a burst is laid out; no part of what is timed


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    rounds: int = 3
    singles: int = 170
    burst: int = 4_000


@dataclass
class Figures:
    """What was measured of one side: milliseconds of every single message, messages a second of every burst."""

    milliseconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)


class Side(Protocol):
    """One of the ways a command may go."""

    async def publish(self, count: int, pause: float) -> None:
        """Send fresh commands, one after the other with a pause, or many at once."""

    async def drained(self) -> None:
        """Return when all of them are handled and acknowledged."""

    def workers(self, count: int, out: Path) -> contextlib.AbstractContextManager[object]:
        """Workers that are ready."""


def run(*, quick: bool = False) -> list[Row]:
    """Ours, ours with the inbox, raw nats-py, Celery."""
    folder = Path(tempfile.mkdtemp(prefix="viva-bench-"))
    store = Path(tempfile.mkdtemp(prefix="viva-bench-pg-"))  # apart: as root PostgreSQL works as another user
    server = NatsServer(folder / "nats")
    server.start()
    postgres = Postgres(store)
    try:
        with postgres.database() as dsn, _redis(folder) as port:
            schema.migrate(dsn)
            sizes = Sizes(1, 60, 800) if quick else Sizes()
            figures = asyncio.run(_measure(server.url, dsn, port, folder, sizes))
    finally:
        postgres.stop()
        server.stop()
        shutil.rmtree(store)
        shutil.rmtree(folder)
    latency = {name: p50(each.milliseconds) for name, each in figures.items()}
    rate = {name: p50(each.rates) for name, each in figures.items()}
    celery, raw = "Celery 5 + Redis", "raw nats-py"
    inbox = "with the inbox's transaction"
    return [
        row("one message, p50", "ms", latency["ours"], 0.8, peer=latency["celery"], peer_name=celery),
        row("2 workers", "1/s", rate["ours"], 2_500, at="least", peer=rate["celery"], peer_name=celery),
        row(f"{inbox}, one message, p50", "ms", latency["inbox"], 2.5, peer=latency["celery"], peer_name=celery),
        row(f"{inbox}, 2 workers", "1/s", rate["inbox"], 800, at="least", peer=rate["celery"], peer_name=celery),
        row("one message, p50, the price of our layers", "ms", latency["ours"], peer=latency["raw"], peer_name=raw),
        row("2 workers, the price of our layers", "1/s", rate["ours"], peer=rate["raw"], peer_name=raw),
    ]


async def _measure(url: str, dsn: str, port: int, folder: Path, sizes: Sizes) -> dict[str, Figures]:
    health, registry = Health(), new_registry()
    tracer = TracerProvider().get_tracer("bench")
    bus = await Bus.connect(
        NatsSettings(nats_url=url), source="session", health=health, registry=registry, tracer=tracer
    )
    await apply(bus.api)
    client = await nats.connect(url)
    sides: dict[str, Side] = {
        "ours": OverNats(bus, None, "ours", url, dsn),
        "celery": OverCelery(port),
        "inbox": OverNats(bus, None, "inbox", url, dsn),
        "raw": OverNats(bus, client.jetstream(), "raw", url, dsn),
    }
    figures = {name: Figures() for name in sides}
    for number in range(sizes.rounds):
        for name, side in sides.items():
            await _round(side, folder / f"{name}-{number}", sizes, figures[name])
    await client.close()
    await bus.close()
    return figures


async def _round(side: Side, folder: Path, sizes: Sizes, figures: Figures) -> None:
    with side.workers(1, folder / "singles"):
        await side.publish(_WARM_UP + sizes.singles, _PAUSE)
        await side.drained()
    [handled] = _by_process(folder / "singles")
    figures.milliseconds += [age for age, _ in handled[_WARM_UP:]]
    # The burst waits before its workers come, so that only their work is timed.
    await side.publish(sizes.burst, 0)
    with side.workers(2, folder / "burst"):
        await side.drained()
    figures.rates.append(_rate(_by_process(folder / "burst")))


def _by_process(out: Path) -> list[list[tuple[float, float]]]:
    return [handled for handled in processes.reported(out) if handled]


def _rate(handled: Sequence[Sequence[tuple[float, float]]]) -> float:
    """Messages a second while both workers were at it: one may have begun, or ended, before the other."""
    if len(handled) != 2:
        raise RuntimeError(f"{len(handled)} of 2 workers handled anything: the burst is too short")
    begin = max(times[0][1] for times in handled)
    end = min(times[-1][1] for times in handled)
    return sum(begin < at <= end for times in handled for _, at in times) / (end - begin)


class OverNats:
    """Through JetStream: with Viva's bus, or with nats-py alone where a context is given."""

    def __init__(self, bus: Bus, context: JetStreamContext | None, kind: str, url: str, dsn: str) -> None:
        self._bus = bus
        self._context = context
        self._kind = kind
        self._url = url
        self._dsn = dsn

    async def publish(self, count: int, pause: float) -> None:
        """Awaits each PubAck."""
        if pause:
            for _ in range(count):
                await self._one()
                await asyncio.sleep(pause)
            return
        for start in range(0, count, _TOGETHER):
            await asyncio.gather(*(self._one() for _ in range(min(_TOGETHER, count - start))))

    async def _one(self) -> None:
        message = command()
        subject = command_subject("question-gen", TENANT, message.interview_id)
        if self._context is not None:
            await self._context.publish(subject, message.SerializeToString())
        else:
            await self._bus.publish(subject, message)

    async def drained(self) -> None:
        """The stream keeps a command until it is acknowledged."""

        async def empty() -> bool:
            info = await self._bus.api.request("STREAM.INFO.VIVA_COMMAND_V1")
            return bool(info["state"]["messages"] == 0)

        await eventually(empty, within=_DRAIN_SECONDS)

    def workers(self, count: int, out: Path) -> contextlib.AbstractContextManager[object]:
        """Processes of `hop_worker`."""
        return processes.started(
            ["tests.bench.hop_worker", self._kind, self._url], out, {"BENCH_DSN": self._dsn}, count=count
        )


class OverCelery:
    """Through Celery and Redis."""

    def __init__(self, port: int) -> None:
        self._url = f"redis://127.0.0.1:{port}/0"
        os.environ["BENCH_REDIS"] = self._url  # read when the application is imported
        self._ask = importlib.import_module("tests.bench.celery_peer").ask
        self._redis = redis.Redis(port=port)

    async def publish(self, count: int, pause: float) -> None:
        """`delay`, as a web handler calls it."""
        for _ in range(count):
            self._ask.delay(command().SerializeToString())
            if pause:
                await asyncio.sleep(pause)

    async def drained(self) -> None:
        """Nothing waits, nothing is unacknowledged."""
        await eventually(
            lambda: not self._redis.llen("celery") and not self._redis.hlen("unacked"), within=_DRAIN_SECONDS
        )

    def workers(self, count: int, out: Path) -> contextlib.AbstractContextManager[object]:
        """One worker with so many pool processes, Celery's default way."""
        arguments = ["celery", "-A", "tests.bench.celery_peer", "worker", "-c", str(count), "-P", "prefork"]
        arguments += ["--loglevel", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        return processes.started(arguments, out, {"BENCH_REDIS": self._url, "C_FORCE_ROOT": "1"})


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[int]:
    port = free_port()
    command_line = ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command_line, stdout=subprocess.DEVNULL)
    try:
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
        yield port
    finally:
        server.terminate()
        server.wait(10)
