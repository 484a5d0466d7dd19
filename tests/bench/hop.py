"""From publish to handler: one message at a time for the latency, a burst through two workers for the rate."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nats
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

from tests.bench.payload import TENANT, command
from tests.bench.rows import Row, p50, row

_SINGLES = 400
_BURST = 6_000
_CELERY_BURST = 1_500
_PAUSE = 0.004


def run() -> list[Row]:
    """Ours, ours with the inbox, raw nats-py, Celery."""
    folder = Path(tempfile.mkdtemp(prefix="viva-bench-"))
    server = NatsServer(folder / "nats")
    server.start()
    store = Path(tempfile.mkdtemp(prefix="viva-bench-pg-"))  # apart: as root PostgreSQL works as another user
    postgres = Postgres(store)
    try:
        with postgres.database() as dsn:
            schema.migrate(dsn)
            figures = {
                kind: asyncio.run(_measure(kind, server.url, folder, dsn if kind == "inbox" else None))
                for kind in ("ours", "inbox", "raw")
            }
    finally:
        postgres.stop()
        shutil.rmtree(store)
        server.stop()
    celery = _celery(folder)
    shutil.rmtree(folder)
    (ours_ms, ours_rate), (inbox_ms, inbox_rate), (raw_ms, raw_rate) = (figures[k] for k in ("ours", "inbox", "raw"))
    celery_ms, celery_rate = celery
    peer = "Celery 5 + Redis"
    return [
        row("hop, p50", "ms", ours_ms, 0.8, at="most", peer=celery_ms, peer_name=peer),
        row("hop, 2 workers", "1/s", ours_rate, 2_500, at="least", peer=celery_rate, peer_name=peer),
        row("hop + inbox transaction, p50", "ms", inbox_ms, 2.5, at="most", peer=celery_ms, peer_name=peer),
        row("hop + inbox, 2 workers", "1/s", inbox_rate, 800, at="least", peer=celery_rate, peer_name=peer),
        row("hop, p50, beside raw nats-py", "ms", ours_ms, 0.8, at="most", peer=raw_ms, peer_name="raw nats-py"),
        row("hop, 2 workers, beside raw", "1/s", ours_rate, 2_500, at="least", peer=raw_rate, peer_name="raw nats-py"),
    ]


async def _measure(kind: str, url: str, folder: Path, dsn: str | None) -> tuple[float, float]:
    health, registry = Health(), new_registry()
    tracer = TracerProvider().get_tracer("bench")
    bus = await Bus.connect(
        NatsSettings(nats_url=url), source="session", health=health, registry=registry, tracer=tracer
    )
    await apply(bus.api)
    with _workers(kind, url, folder, dsn, 1) as outs:
        await _publish(bus, kind, url, _SINGLES, pause=_PAUSE)
        await _drained(bus)
    singles = [age for out in outs for age, _ in json.loads(out.read_text())][20:]
    # The burst waits before its workers come, so that only their work is timed.
    await _publish(bus, kind, url, _BURST, pause=0)
    with _workers(kind, url, folder, dsn, 2) as outs:
        await _drained(bus)
    times = sorted(at for out in outs for _, at in json.loads(out.read_text()))
    await bus.close()
    return p50(singles), (len(times) - 1) / (times[-1] - times[0])


async def _publish(bus: Bus, kind: str, url: str, count: int, pause: float) -> None:
    client = await nats.connect(url) if kind == "raw" else None
    context = client.jetstream() if client is not None else None
    for start in range(0, count, 100):
        waiting = []
        for _ in range(min(100, count - start)):
            message = command()
            subject = command_subject("question-gen", TENANT, message.interview_id)
            one = (
                context.publish(subject, message.SerializeToString())
                if context is not None
                else bus.publish(subject, message)
            )
            if pause:
                await one
                await asyncio.sleep(pause)
            else:
                waiting.append(one)
        await asyncio.gather(*waiting)
    if client is not None:
        await client.close()


async def _drained(bus: Bus) -> None:
    async def empty() -> bool:
        info = await bus.api.request("STREAM.INFO.VIVA_COMMAND_V1")
        return bool(info["state"]["messages"] == 0)

    await eventually(empty, within=60)


@contextlib.contextmanager
def _workers(kind: str, url: str, folder: Path, dsn: str | None, count: int) -> Iterator[list[Path]]:
    outs = [folder / f"{kind}-{count}-{number}.json" for number in range(count)]
    processes = []
    for out in outs:
        command_line = [sys.executable, "-m", "tests.bench.hop_worker", kind, url, str(out)]
        processes.append(subprocess.Popen(command_line + ([dsn] if dsn else [])))
    try:
        if count == 1:
            time.sleep(3)  # the worker binds; a single message must not wait for that
        yield outs
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(20)


def _celery(folder: Path) -> tuple[float, float]:
    port = free_port()
    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder)], stdout=subprocess.DEVNULL
    )
    os.environ["BENCH_REDIS"] = f"redis://127.0.0.1:{port}/0"
    os.environ["BENCH_OUT"] = str(folder / "celery")
    try:
        _await_port(port)
        from tests.bench.celery_peer import ask

        with _celery_workers(folder, 1) as out:
            for _ in range(_SINGLES):
                ask.delay(command().SerializeToString().hex())
                time.sleep(0.01)
            singles = [age for age, _ in _celery_done(out, _SINGLES)][20:]
        for _ in range(_CELERY_BURST):
            ask.delay(command().SerializeToString().hex())
        with _celery_workers(folder, 2) as out:
            times = sorted(at for _, at in _celery_done(out, _CELERY_BURST))
    finally:
        redis.terminate()
        redis.wait(10)
    return p50(singles), (len(times) - 1) / (times[-1] - times[0])


@contextlib.contextmanager
def _celery_workers(folder: Path, count: int) -> Iterator[Path]:
    out = folder / "celery"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    arguments = ["-A", "tests.bench.celery_peer", "worker", "-c", str(count), "-P", "prefork", "--loglevel", "ERROR"]
    arguments += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    process = subprocess.Popen([sys.executable, "-m", "celery", *arguments], stderr=subprocess.DEVNULL)
    try:
        time.sleep(5 if count == 1 else 0)
        yield out
    finally:
        process.terminate()
        process.wait(30)


def _celery_done(out: Path, count: int) -> list[tuple[float, float]]:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        found = [tuple(json.loads(line)) for path in out.glob("*.jsonl") for line in path.read_text().splitlines()]
        if len(found) >= count:
            return found
        time.sleep(0.2)
    raise RuntimeError(f"Celery handled fewer than {count} tasks in 60 s")


def _await_port(port: int) -> None:
    import socket

    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise RuntimeError("redis-server did not start")
