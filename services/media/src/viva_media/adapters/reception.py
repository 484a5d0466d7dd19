"""What an aiortc receiver does with packets: sound becomes PCM on the event loop, of pictures key frames are decoded.

aiortc gives each frame to a thread a track and takes what was decoded back onto the event loop, one by one, and its
jitter buffer gives up sixteen packets where one was lost: of 5 % of packets lost it makes a quarter of the sound. It
has no hook for another way. So on the one receiver its buffer and its queue are replaced: `SoundBuffer` puts packets of
sound in order, decodes them where they are (libopus, 16 kHz) and hands over some at a time; `KeyFrameQueue` hands over
key frames alone.

A picture is decoded when it is a key frame (RFC 6386, 9.1: the first bit of a VP8 frame is 0). Key frames come when
they are asked for (PLI).
"""

import asyncio
import queue
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from viva_media.adapters.libopus import OpusDecoder, Undecodable
from viva_media.domain.audio import RATE, Pcm, samples
from viva_media.domain.reorder import Reorder

VIDEO = "video/VP8"
OPUS = "audio/opus"
CLOCK = 48_000
"""Ticks a second of Opus' timestamps (RFC 7587, 4.1)."""
_TICKS = CLOCK // RATE
_TOGETHER = samples(0.08)
"""So much is handed over together: what follows costs by the piece."""
_PATIENCE = 0.3
"""Seconds that a hole is waited for: the jitter of a bad line is 200 ms."""
_STAMPS = 1 << 32
_QUEUE = "_RTCRtpReceiver__decoder_queue"
_BUFFER = "_RTCRtpReceiver__jitter_buffer"


@dataclass(frozen=True)
class Sound:
    """Sound of packets in a row. `start`, on the clock of the packets, in ticks of 1/48,000 s since the first; `pcm` at
    16 kHz, mono."""

    start: int
    pcm: Pcm

    @property
    def end(self) -> int:
        """In ticks, one past the last."""
        return self.start + len(self.pcm) * _TICKS


class SoundBuffer:
    """Packets of Opus in, sound out. In the place of aiortc's jitter buffer."""

    def __init__(self, deliver: Callable[[Sound], None], loop: asyncio.AbstractEventLoop) -> None:
        self._deliver = deliver
        self._loop = loop
        self._source: int | None = None
        self._order: Reorder[Any] = Reorder(_PATIENCE)
        self._decoder = OpusDecoder()
        self._stamp: int | None = None
        self._stamped_at = 0
        self._at = 0
        self._held: list[Pcm] = []
        self._start = 0
        self._length = 0
        self._came_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, packet: Any) -> tuple[bool, None]:
        """A packet as aiortc has it. Never asks for a key frame, and leaves nothing to aiortc's decoder."""
        self._came_at = self._loop.time()
        if packet.ssrc != self._source:
            self._begin(packet.ssrc)
        self._take(self._order.add(packet.sequence_number, packet, self._came_at))
        if self._timer is None and (self._held or self._order.waiting):
            self._timer = self._loop.call_later(_PATIENCE, self._look_after)
        return False, None

    def finish(self) -> None:
        """No more comes: what is held goes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._take(self._order.rest())
        self._hand_over()

    def _begin(self, source: int) -> None:
        """Another sender: its numbers and stamps have nothing to do with those before."""
        self.finish()
        self._source, self._order, self._stamp = source, Reorder(_PATIENCE), None
        self._decoder = OpusDecoder()

    def _look_after(self) -> None:
        """Packets may stop coming while some wait for others."""
        self._timer = None
        now = self._loop.time()
        self._take(self._order.due(now))
        if now - self._came_at >= _PATIENCE:
            self._hand_over()
        if self._held or self._order.waiting:
            self._timer = self._loop.call_later(_PATIENCE, self._look_after)

    def _take(self, packets: Iterable[Any]) -> None:
        for packet in packets:
            start = self._place(packet.timestamp)
            try:
                pcm = self._decoder.decode(packet.payload)
            except Undecodable:  # as good as lost
                continue
            if self._held and start != self._at:
                self._hand_over()
            if not self._held:
                self._start = start
            self._held.append(pcm)
            self._length += len(pcm)
            self._at = start + len(pcm) * _TICKS
            if self._length >= _TOGETHER:
                self._hand_over()

    def _place(self, stamp: int) -> int:
        """Ticks since the first packet. Timestamps begin anywhere and have 32 bits."""
        if self._stamp is None:
            place = self._at
        else:
            place = self._stamped_at + (stamp - self._stamp + _STAMPS // 2) % _STAMPS - _STAMPS // 2
        self._stamp, self._stamped_at = stamp, place
        return place

    def _hand_over(self) -> None:
        if self._held:
            held, self._held, self._length = self._held, [], 0
            self._deliver(Sound(self._start, np.concatenate(held) if len(held) > 1 else held[0]))


class SoundQueue(queue.Queue[Any]):
    """In the place of aiortc's: nothing is handed over but the end, after what the buffer still holds."""

    def __init__(self, buffer: SoundBuffer) -> None:
        super().__init__()
        self._buffer = buffer

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """None, at the end."""
        if item is None:
            self._buffer.finish()
            super().put(None)


class KeyFrameQueue(queue.Queue[Any]):
    """Hands over key frames of VP8 and nothing else."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """A codec and a frame, or None at the end."""
        if item is None or is_key_frame(item[1].data):
            super().put(item)


def is_key_frame(data: bytes) -> bool:
    """Of VP8."""
    return bool(data) and not data[0] & 1


def take_over(receiver: Any) -> None:
    """Make a receiver that has not begun receive as this module says. Call it on the event loop."""
    if not hasattr(receiver, _QUEUE) or not hasattr(receiver, _BUFFER):
        raise RuntimeError("aiortc keeps its queue or its buffer elsewhere now: see viva_media.adapters.reception")
    if receiver.track.kind == "audio":
        buffer = SoundBuffer(receiver.track._queue.put_nowait, asyncio.get_running_loop())
        setattr(receiver, _BUFFER, buffer)
        setattr(receiver, _QUEUE, SoundQueue(buffer))
    else:
        setattr(receiver, _QUEUE, KeyFrameQueue())
