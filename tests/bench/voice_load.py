"""media as a pod runs it, with candidates on the line: how many it holds, and how soon a word said is a final event.

A media process, a nats-server, the engine and the callers are processes of their own, and all of them share the
machine's cores: on two cores the callers take a good part of one.
"""

import asyncio
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from viva_core.bus.apply import apply
from viva_testkit.bus import BusFactory
from viva_testkit.nats import NatsServer, free_port
from viva_testkit.studio import TOKEN_KEY

from tests.bench import processes
from tests.bench.rows import p50, p95
from tests.bench.stack import pss
from tests.bench.voice_sound import Clip

SILENCE = 0.5
"""Seconds after which voice activity holds an utterance to be over (`Tuning.utterance_silence`)."""
_STOP_SECONDS = 30
_LOOK = 15.0  # seconds over which the host's share is taken


@dataclass(frozen=True)
class Held:
    """What so many candidates came to. `delays`: when, and how long it was from the last voice on the wire to the final
    event. `cores` and `megabytes`: of media, the latter for each candidate. `stolen`: the share of the machine's cores,
    0 to 1, that its host gave to others in the worst 15 seconds."""

    count: int
    delays: tuple[tuple[float, float], ...]
    utterances: int
    dropped_seconds: float
    cores: float
    megabytes: float
    callers_cores: float
    callers_late: float
    stolen: float

    @property
    def beyond_engine(self) -> float:
        """95th percentile, milliseconds: what is left of the delay without the silence that ends an utterance. The
        engine of the load answers at once."""
        return _beyond(self.delays)

    @property
    def usually_beyond_engine(self) -> float:
        """The median of the 95th percentiles of each 15 seconds. A host that takes the cores away for a moment makes
        the percentile of the whole run as long as that moment, and this one not."""
        looks: dict[int, list[tuple[float, float]]] = {}
        for one in self.delays:
            looks.setdefault(int(one[0] / _LOOK), []).append(one)
        return p50([_beyond(each) for each in looks.values()]) if looks else float("inf")


def _beyond(delays: Sequence[tuple[float, float]]) -> float:
    return (p95([delay for _, delay in delays]) - SILENCE) * 1000 if delays else float("inf")


def hold(clips: Sequence[Clip], count: int, seconds: float, *, engine: bool) -> Held:
    """So many candidates for so long. `engine`: the loopback's Deepgram, else Moonshine."""
    with tempfile.TemporaryDirectory(prefix="viva-bench-") as name:
        folder = Path(name)
        said = folder / "clips"
        said.write_bytes(pickle.dumps(tuple(clips)))
        port = free_port()
        with _bus(folder / "nats") as url, _engine(folder / "engine", port, wanted=engine):
            settings = _deepgram(port) if engine else {"VIVA_SPEECH_ENGINE": "moonshine"}
            with _media(folder, url, settings) as (target, media):
                found, cores, megabytes, stolen = _call(
                    [target, url, str(count), str(seconds), str(said)], folder, media
                )
        [heard] = processes.reported(folder / "engine") if engine else [{"dropped_seconds": 0.0}]
    missing = max(found["utterances"] - found["finals"], 0)
    mean = sum(clip.voiced_until for clip in clips) / len(clips)
    lost = sum(found["loss"]) * seconds + found["gap_seconds"] + found["pending_seconds"] + missing * mean
    return Held(
        count=count,
        delays=tuple(map(tuple, found["delays"])),
        utterances=found["utterances"],
        dropped_seconds=lost + heard["dropped_seconds"],
        cores=cores,
        megabytes=megabytes / count,
        callers_cores=found["callers_cores"],
        callers_late=found["callers_late"],
        stolen=stolen,
    )


def _call(arguments: Sequence[str], folder: Path, media: psutil.Process) -> tuple[dict[str, Any], float, float, float]:
    """The callers' own report, and while they spoke: media's cores, the megabytes that they made it grow by, and what
    the host took."""
    empty = pss(media)
    with processes.started(["tests.bench.voice_callers", *arguments], folder / "callers", within=300) as callers:
        before, started = media.cpu_times(), time.monotonic()
        stolen = _stolen(float(arguments[3]))
        after, elapsed = media.cpu_times(), time.monotonic() - started
        grown = pss(media) - empty
        if callers[0].wait(120) != 0:
            raise RuntimeError("the callers fell over")
    [found] = processes.reported(folder / "callers")
    return found, (after.user + after.system - before.user - before.system) / elapsed, grown, stolen


def _stolen(seconds: float) -> float:
    """Wait for so long; `Held.stolen`. 0 where the system does not count it."""
    worst, end = 0.0, time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        spent = psutil.cpu_times_percent(min(_LOOK, left))
        worst = max(worst, getattr(spent, "steal", 0.0) / 100)
    return worst


@contextmanager
def _bus(folder: Path) -> Iterator[str]:
    server = NatsServer(folder)
    server.start()

    async def prepare() -> None:
        buses = BusFactory(server.url)
        await apply((await buses.connect("admin")).bus.api)
        await buses.close()

    try:
        asyncio.run(prepare())
        yield server.url
    finally:
        server.stop()


@contextmanager
def _engine(out: Path, port: int, *, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    with processes.started(["tests.bench.voice_engine", str(port)], out):
        yield


def _deepgram(port: int) -> dict[str, str]:
    return {
        "VIVA_SPEECH_ENGINE": "deepgram",
        "VIVA_SPEECH_FALLBACK": "false",
        "VIVA_DEEPGRAM_URL": f"ws://127.0.0.1:{port}",
        "VIVA_DEEPGRAM_KEY": "loopback-key",
    }


@contextmanager
def _media(folder: Path, url: str, settings: Mapping[str, str]) -> Iterator[tuple[str, psutil.Process]]:
    """`python -m viva_media`; its address and its process."""
    port = free_port()
    environment = {
        "VIVA_NATS_URL": url,
        "VIVA_GRPC_PORT": str(port),
        "VIVA_METRICS_PORT": "-1",
        "VIVA_HEALTH_PORT": "-1",
        "VIVA_MEDIA_TOKEN_KEY": TOKEN_KEY.decode(),
        "VIVA_SPOOL_KEY": "a spool key of the bench",
        "VIVA_SPOOL_FOLDER": str(folder / "spool"),
        "VIVA_MOST_PEERS": "1000",
        "VIVA_LOG_LEVEL": "warning",
    }
    process = subprocess.Popen([sys.executable, "-m", "viva_media"], env={**os.environ, **environment, **settings})
    try:
        yield f"127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
