"""A candidate with microphone and camera before both receivers, in turns: what one costs in cores, and in memory."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from viva_media.domain.audio import Pcm
from viva_media.voice_peer import Camera, VoicePeer
from viva_testkit import faces

from tests.bench.rows import Row, p50, row

_BUDGET = 0.055  # core
_SIDES = ("ours", "aiortc")
_MORE = 2  # candidates that come to the first, for the memory of one
_PEER = "aiortc, decoding everything"


class Face(Camera):
    """A face that moves a little, 640x480 at 30 frames a second; the pictures are drawn before."""

    def __init__(self) -> None:
        super().__init__()
        sway = [faces.portrait(scale=1.4, right=20 * np.sin(n / 8), down=8 * np.cos(n / 5)) for n in range(60)]
        self._frames = [av.VideoFrame.from_ndarray(each, format="bgr24").reformat(format="yuv420p") for each in sway]
        self._number = 0

    async def recv(self) -> Any:
        """The next picture."""
        pts, time_base = await self.next_timestamp()
        frame = self._frames[self._number % len(self._frames)]
        frame.pts, frame.time_base = pts, time_base
        self._number += 1
        return frame


@dataclass
class Receiver:
    """A receiver process."""

    process: asyncio.subprocess.Process

    async def ask(self, **asked: Any) -> dict[str, Any]:
        """A line out, a line in."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked).encode() + b"\n")
        told: dict[str, Any] = json.loads(await self.process.stdout.readline())
        return told


@dataclass
class Found:
    """Of one side: cores in each round, megabytes a candidate, pictures that came of it."""

    cores: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    pictures: float = 0.0


def run(speech: Pcm, *, quick: bool) -> list[Row]:
    """Both sides, round by round."""
    rounds, seconds = (1, 6.0) if quick else (3, 20.0)
    found = asyncio.run(_measure(speech, rounds, seconds))
    ours, theirs = found["ours"], found["aiortc"]
    if not ours.pictures:
        raise RuntimeError("no picture came: nothing was measured")
    return [
        row(
            "receiver of one candidate, 640x480@30 and Opus",
            "core",
            p50(ours.cores),
            _BUDGET,
            peer=p50(theirs.cores),
            peer_name=_PEER,
        ),
        row(
            "memory of one more candidate with camera (PSS)",
            "MB",
            p50(ours.megabytes),
            peer=p50(theirs.megabytes),
            peer_name=_PEER,
        ),
    ]


async def _measure(speech: Pcm, rounds: int, seconds: float) -> dict[str, Found]:
    found = {side: Found() for side in _SIDES}
    for _ in range(rounds):
        for side in _SIDES:
            async with _receiving(side) as receiver, _candidates() as callers:
                await _join(receiver, callers, speech)
                await asyncio.sleep(3.0)  # the codecs are up, the rate has settled
                before, started = await receiver.ask(usage=1), time.monotonic()
                await asyncio.sleep(seconds)
                after, elapsed = await receiver.ask(usage=1), time.monotonic() - started
                found[side].cores.append((after["cpu"] - before["cpu"]) / elapsed)
                found[side].pictures += after["pictures"] - before["pictures"]
                for _ in range(_MORE):
                    await _join(receiver, callers, speech)
                await asyncio.sleep(3.0)
                more = await receiver.ask(usage=1)
                found[side].megabytes.append((more["pss"] - after["pss"]) / _MORE)
    return found


@asynccontextmanager
async def _receiving(side: str) -> AsyncIterator[Receiver]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.voice_receiver", side),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    try:
        yield Receiver(process)
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def _candidates() -> AsyncIterator[list[VoicePeer]]:
    callers: list[VoicePeer] = []
    yield callers
    await asyncio.gather(*(caller.close() for caller in callers))


async def _join(receiver: Receiver, callers: list[VoicePeer], speech: Pcm) -> None:
    caller = VoicePeer(camera=Face())
    callers.append(caller)
    await caller.accept((await receiver.ask(offer=await caller.offer()))["answer"])
    await caller.connected()
    caller.microphone.play(np.tile(speech, 20))
