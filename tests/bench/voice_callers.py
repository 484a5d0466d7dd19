"""`python -m tests.bench.voice_callers MEDIA NATS COUNT SECONDS CLIPS`: so many candidates on the line with one media.

Each calls by gRPC with a sealed grant, as the gateway does, and says the clips (a pickle of them) over and over, as
packets of Opus that were made before; a subscriber keeps when each final transcript came. It reports, for each
utterance, when the last of its voice was on the wire and how many seconds later its final came, and what was lost on
the way.
"""

import asyncio
import fractions
import pickle
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import nats
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from prometheus_client import CollectorRegistry
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2_grpc
from viva_core.grpc import GrpcMetrics, create_channel
from viva_media.domain.offer import packet_ms
from viva_testkit.studio import Studio

from tests.bench import processes
from tests.bench.voice_sound import PACKET, PAUSE, Clip

_TICKS = round(PACKET * 48_000)
_TOGETHER = 4  # calls that are set up at once
_STRAGGLERS = 6.0  # seconds that the last finals may take


class Voice(MediaStreamTrack):
    """A microphone whose sound is packed already. `ends`: when the last voice of each utterance left."""

    kind = "audio"

    def __init__(self, clips: Sequence[Clip], first: int) -> None:
        super().__init__()
        self.ends: list[float] = []
        self.speaking = asyncio.Event()
        self.late = 0.0
        self._clips = clips
        self._clip = clips[first % len(clips)]
        self._number = first
        self._packet = 0
        self._talks = False
        self._sent = 0
        self._started: float | None = None
        self._last = False

    def finish(self) -> None:
        """Say the utterance under way to its end, and nothing after it."""
        self._last = True

    async def recv(self) -> Any:
        """The next packet, at the pace of time."""
        now = time.monotonic()
        if self._started is None:
            self._started = now
        due = self._started + self._sent * PACKET
        if due > now:
            await asyncio.sleep(due - now)
        self.late = max(self.late, time.monotonic() - due)
        packet = av.Packet(self._next())
        packet.pts, packet.time_base = self._sent * _TICKS, fractions.Fraction(1, 48_000)
        self._sent += 1
        return packet

    def _next(self) -> bytes:
        clip = self._clip
        if not self._talks:  # the last packets of a clip are its pause
            self._talks = self.speaking.is_set() and not self._last
            self._packet = 0 if self._talks else len(clip.packets) - 1 - self._sent % 20
        data = clip.packets[self._packet]
        if self._talks:
            if self._packet == int(clip.voiced_until / PACKET):
                self.ends.append(time.monotonic())
            self._packet += 1
            if self._packet == len(clip.packets):
                self._talks = False
                self._number += 1
                self._clip = self._clips[self._number % len(self._clips)]
        return data


@dataclass
class Caller:
    """One candidate."""

    studio: Studio
    voice: Voice
    connection: RTCPeerConnection
    turn: Any = field(default_factory=uuid4)
    opened: float = 0.0
    """When the answer was: its words' times count from there."""
    connections: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)

    async def offer(self) -> str:
        """As a page offers."""
        self.connection.addTrack(self.voice)
        self.connection.on(
            "connectionstatechange", lambda: self.connections.put_nowait(self.connection.connectionState)
        )
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def accept(self, sdp: str) -> None:
        """Take the answer. Its packets must be as long as those that were made."""
        if packet_ms(sdp) != round(PACKET * 1000):
            raise RuntimeError(f"media asks for packets of {packet_ms(sdp)} ms; the bench sends others")
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def connected(self, within: float = 30.0) -> None:
        """Return once packets flow."""
        async with asyncio.timeout(within):
            while await self.connections.get() != "connected":
                pass

    async def call(self) -> None:
        """Onto the line, with an open answer."""
        await self.studio.call(self)
        self.opened = time.monotonic()
        await self.studio.answer(self.turn, "LISTENING")

    def written(self, finals: "Mapping[str, Final]") -> dict[float, float]:
        """When the words came of what ended when: an utterance that was written down in pieces has them with the
        last; one that was not written down is not there."""
        came: dict[float, float] = {}
        for final in finals.values() if self.voice.ends else ():
            spoken = self.opened + final.ends
            ended = min(self.voice.ends, key=lambda end: abs(end - spoken))
            came[ended] = max(came.get(ended, 0.0), final.came)
        return came


@dataclass(frozen=True)
class Final:
    """When an utterance's words came (monotonic), and where its last one ends in the answer, in seconds."""

    came: float
    ends: float


@dataclass
class Ears:
    """What is said on the bus: each interview's finals by utterance, gaps in seconds, loss of each answer's line."""

    finals: dict[str, dict[str, Final]] = field(default_factory=lambda: defaultdict(dict))
    gaps: list[float] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)

    async def hear(self, message: Any) -> None:
        """An event."""
        now = time.monotonic()
        kind = message.subject.rpartition(".")[2]
        if kind == "transcript-final":
            final = events.TranscriptFinal.FromString(message.data)
            ends = final.words[-1].end.ToTimedelta().total_seconds()
            self.finals[final.interview_id].setdefault(final.utterance_id, Final(now, ends))
        elif kind == "transcript-gap":
            gap = events.TranscriptGap.FromString(message.data)
            self.gaps.append((gap.end.ToTimedelta() - gap.start.ToTimedelta()).total_seconds())
        elif kind == "line-quality-measured":
            self.loss.append(events.LineQualityMeasured.FromString(message.data).quality.loss)


async def main(media: str, url: str, count: int, seconds: float, clips: Sequence[Clip]) -> dict[str, Any]:
    """Hold them all and tell what was found."""
    ears, bus = Ears(), await nats.connect(url)
    await bus.subscribe("viva.v1.event.>", cb=ears.hear)
    channel = create_channel(media, metrics=GrpcMetrics(CollectorRegistry()), timeout=20)
    async with asyncio.timeout(60):
        await channel.channel_ready()
    stub = media_pb2_grpc.MediaServiceStub(channel)
    callers = [Caller(Studio(stub), Voice(clips, number), RTCPeerConnection()) for number in range(count)]
    doors = asyncio.Semaphore(_TOGETHER)

    async def enter(caller: Caller) -> None:
        async with doors:
            await caller.call()

    await asyncio.gather(*(enter(caller) for caller in callers))
    cycle = max(len(clip.packets) for clip in clips) * PACKET
    processes.say_ready()
    cpu, started = time.process_time(), time.monotonic()
    for caller in callers:  # not all at once: people do not speak in step
        caller.voice.speaking.set()
        await asyncio.sleep(cycle / count)
    await asyncio.sleep(max(seconds - cycle, 0))
    cores = (time.process_time() - cpu) / (time.monotonic() - started)
    for caller in callers:
        caller.voice.finish()
    await asyncio.sleep(cycle + PAUSE)
    await _all_finals(callers, ears)
    done = [await caller.studio.answer(caller.turn, "DONE") for caller in callers]
    await asyncio.sleep(0.5)
    written = [caller.written(ears.finals[str(caller.studio.interview)]) for caller in callers]
    found = {
        "delays": [(ended - started, came - ended) for each in written for ended, came in each.items()],
        "utterances": sum(len(caller.voice.ends) for caller in callers),
        "finals": sum(map(len, written)),
        "gap_seconds": sum(ears.gaps),
        "pending_seconds": sum(each.pending.ToTimedelta().total_seconds() for each in done),
        "loss": ears.loss,
        "callers_cores": cores,
        "callers_late": max(caller.voice.late for caller in callers),
    }
    await asyncio.gather(*(caller.connection.close() for caller in callers))
    await channel.close()
    await bus.close()
    return found


async def _all_finals(callers: Sequence[Caller], ears: Ears) -> None:
    """Return when every utterance has its final, or when it is too late for that."""
    limit = time.monotonic() + _STRAGGLERS
    while time.monotonic() < limit:
        if all(len(caller.voice.ends) <= len(ears.finals[str(caller.studio.interview)]) for caller in callers):
            return
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    _, media, url, count, seconds, path = sys.argv
    processes.report(asyncio.run(main(media, url, int(count), float(seconds), pickle.loads(Path(path).read_bytes()))))
