"""A candidate without a browser: a WebRTC peer that speaks given sound, and shows a moving picture if told to.

It is what tests and `viva demo --voice` call with, and can spoil its own line: lost packets, late packets, a cut.

    peer = VoicePeer(video=False)
    sdp = await peer.offer()
    await peer.accept(answer_sdp)
    await peer.connected()
    ended = await peer.say(pcm)      # loop time at which the last sample left
    await peer.close()
"""

import asyncio
import fractions
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from aiortc import (
    AudioStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)

from viva_media.domain.audio import RATE, Pcm, samples, silence
from viva_media.domain.offer import packet_ms
from viva_media.domain.turn_server import IceServer

_BEHIND = 0.2  # seconds that the microphone may lag before it lets the time go
_BITS = 32_000  # a second


@dataclass(frozen=True)
class Line:
    """How bad the line is: the share of packets lost, and seconds by which a packet may be late."""

    loss: float = 0.0
    jitter: float = 0.0
    seed: int = 1


def voice_encoder(rate: int, packet_ms: int) -> Any:
    """An encoder of Opus set as browsers set theirs for one voice: mono, 32 kbit/s, from sound of `rate` Hz."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = rate, "mono", "s16", _BITS
    encoder.options = {"application": "voip", "frame_duration": str(packet_ms)}
    return encoder


class Microphone(AudioStreamTrack):
    """Plays what it is given at the pace of time, and silence otherwise, as packets of Opus like a browser's: mono, and
    as long as the answer asks for. aiortc's own encoder makes stereo of 96 kbit/s, 20 ms each."""

    def __init__(self) -> None:
        super().__init__()
        self._sound: Pcm = silence(0)
        self._spoken = asyncio.Event()
        self._started: float | None = None
        self._sent = 0
        self.packet_ms = 20
        """Milliseconds of a packet: set it before the first."""
        self._encoder: Any = None

    def play(self, pcm: Pcm) -> asyncio.Event:
        """Queue sound; the event is set when its last sample has left."""
        self._sound = np.concatenate((self._sound, pcm))
        self._spoken = asyncio.Event()
        return self._spoken

    async def recv(self) -> Any:
        """The next packet."""
        loop, length = asyncio.get_running_loop(), self.packet_ms / 1000
        if self._started is None or loop.time() - self._started - self._sent * length > _BEHIND:
            self._started = loop.time() - self._sent * length
        await asyncio.sleep(max(self._started + self._sent * length - loop.time(), 0.0))
        size = samples(length)
        block, self._sound = self._sound[:size], self._sound[size:]
        if len(block) < size:
            block = np.concatenate((block, silence(size - len(block))))
        packet = av.Packet(self._encoded(block))
        packet.pts, packet.time_base = self._sent * size, fractions.Fraction(1, RATE)
        self._sent += 1
        if len(self._sound) == 0:
            self._spoken.set()
        return packet

    def _encoded(self, block: Pcm) -> bytes:
        if self._encoder is None:
            self._encoder = voice_encoder(RATE, self.packet_ms)
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._sent * len(block), fractions.Fraction(1, RATE)
        [packet] = self._encoder.encode(frame)
        return bytes(packet)


class Camera(VideoStreamTrack):
    """A picture that moves; `size` may change in mid-call, as browsers change it."""

    def __init__(self, size: tuple[int, int] = (640, 480)) -> None:
        super().__init__()
        self.size = size

    async def recv(self) -> Any:
        """The next picture."""
        pts, time_base = await self.next_timestamp()
        width, height = self.size
        picture = np.zeros((height, width, 3), dtype=np.uint8)
        picture[:, :, 1] = np.linspace(0, 255, width, dtype=np.uint8)
        at = pts // 3000 % max(width - 80, 1)
        picture[height // 3 : height // 3 + 80, at : at + 80] = (220, 180, 160)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class VoicePeer:
    """One candidate's connection."""

    def __init__(
        self,
        *,
        video: bool = False,
        camera: Camera | None = None,
        line: Line | None = None,
        ice_servers: Sequence[IceServer] = (),
    ) -> None:
        """`camera`: another than the one that `video` gives."""
        servers = [
            RTCIceServer(urls=list(s.urls), username=s.username or None, credential=s.credential or None)
            for s in ice_servers
        ]
        self.microphone = Microphone()
        self.camera = camera or (Camera() if video else None)
        self._line = line
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._states: asyncio.Queue[str] = asyncio.Queue()
        self._late: set[asyncio.Task[None]] = set()
        self._connection.addTrack(self.microphone)
        if self.camera is not None:
            self._connection.addTrack(self.camera)
        self._connection.on("connectionstatechange", self._on_state)

    async def offer(self) -> str:
        """The SDP offer, with all candidates."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return str(self._connection.localDescription.sdp)

    async def accept(self, sdp: str) -> None:
        """Take the answer and begin to connect."""
        if self._line is not None:
            self._spoil(self._line)
        self.microphone.packet_ms = packet_ms(sdp)
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def connected(self, within: float = 15.0) -> None:
        """Return once media flows. Raises ConnectionError or TimeoutError."""
        async with asyncio.timeout(within):
            while (state := await self._states.get()) != "connected":
                if state in ("failed", "closed"):
                    raise ConnectionError("the peer did not connect")

    async def say(self, pcm: Pcm) -> float:
        """Speak 16 kHz mono sound; the loop's time when its last sample left."""
        await self.microphone.play(pcm).wait()
        return asyncio.get_running_loop().time()

    async def close(self) -> None:
        """Hang up."""
        for late in tuple(self._late):
            late.cancel()
        await self._connection.close()

    @property
    def state(self) -> str:
        """As RTCPeerConnection.connectionState has it."""
        return str(self._connection.connectionState)

    def _on_state(self) -> None:
        self._states.put_nowait(self._connection.connectionState)

    def _spoil(self, line: Line) -> None:
        """Lose and delay what is sent from now on: aiortc hands every RTP packet to its transport by one method."""
        chance = random.Random(line.seed)  # noqa: S311  # a bad line, not a secret
        for transport in {sender.transport for sender in self._connection.getSenders()}:
            send = transport._send_rtp

            async def spoiled(data: bytes, send: Any = send) -> None:
                if chance.random() < line.loss:
                    return
                if line.jitter:  # late, and overtaken; the microphone does not wait for it
                    late = asyncio.create_task(_late(send, data, chance.random() * line.jitter))
                    self._late.add(late)
                    late.add_done_callback(self._late.discard)
                else:
                    await send(data)

            transport._send_rtp = spoiled  # type: ignore[method-assign]


async def _late(send: Any, data: bytes, seconds: float) -> None:
    await asyncio.sleep(seconds)
    with suppress(ConnectionError):  # the call is over
        await send(data)
