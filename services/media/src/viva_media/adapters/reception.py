"""What an aiortc receiver hands to its decoder: little, and seldom.

aiortc gives each frame to a thread a track and takes what was decoded back onto the event loop, one by one: of what an
audio candidate costs, the larger part is this to and fro. It has no hook for another way. So the receiver's own queue
is replaced, on the one receiver, by one that hands over five packets of sound at a time, and of pictures key frames
alone; and aiortc's decoder factory, once a process, by one that gives what comes from such a queue the decoders of this
module (sound leaves them at 16 kHz, mono) and everything else its own.

A picture is decoded when it is a key frame (RFC 6386, 9.1: the first bit of a VP8 frame is 0). Key frames come when
they are asked for (PLI).
"""

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import aiortc.rtcrtpreceiver
import av
import numpy as np
from aiortc.codecs import get_decoder as _aiortcs_own

from viva_media.domain.audio import RATE, Pcm

VIDEO = "video/VP8"
_OPUS = "audio/opus"
_TOGETHER = 5  # packets: 100 ms
_QUEUE = "_RTCRtpReceiver__decoder_queue"


@dataclass(frozen=True)
class Sound:
    """Sound of packets in a row. `start` and `length` on the clock of the packets, in ticks of 1/`clock` s; `pcm` at 16
    kHz, mono, which a resampler's delay may make a few samples shorter or longer."""

    start: int
    length: int
    clock: int
    pcm: Pcm


@dataclass(frozen=True)
class Packets:
    """Some packets of sound, in the place of one."""

    frames: tuple[Any, ...]


@dataclass(frozen=True)
class Handed:
    """A codec, in the place of aiortc's, that says which decoder shall take what is handed over with it."""

    name: str
    mimeType: str  # as aiortc names it
    decoder: Callable[[], Any]


class SoundQueue(queue.Queue[Any]):
    """Hands over packets of sound some at a time; the last ones before the end are not left behind."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[Any] = []
        self._codec: Any = None

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """A codec and a frame, or None at the end."""
        codec, frame = item or (None, None)
        if self._held and codec is not self._codec:
            self._hand_over()
        self._codec = codec
        if item is None:
            super().put(None)
            return
        self._held.append(frame)
        if len(self._held) == _TOGETHER:
            self._hand_over()

    def _hand_over(self) -> None:
        frames, self._held, codec = tuple(self._held), [], self._codec
        super().put((Handed(codec.name, codec.mimeType, lambda: SoundDecoder(codec)), Packets(frames)))


class KeyFrameQueue(queue.Queue[Any]):
    """Hands over key frames of VP8 and nothing else."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """A codec and a frame, or None at the end."""
        if item is None or is_key_frame(item[1].data):
            super().put(item)


def is_key_frame(data: bytes) -> bool:
    """Of VP8."""
    return bool(data) and not data[0] & 1


class SoundDecoder:
    """Decodes packets of any codec of sound that aiortc knows."""

    def __init__(self, codec: Any) -> None:
        decoder: Any = _aiortcs_own(codec)
        self._decoder = decoder
        if codec.mimeType.lower() == _OPUS:
            decoder.codec.layout = "mono"  # what a second channel would say is a copy of the first
        self._resampler: av.AudioResampler | None = None

    def decode(self, encoded_frame: Any) -> list[Sound]:
        """Sound for each stretch of packets without a hole between them."""
        decoded = [frame for each in encoded_frame.frames for frame in self._decoder.decode(each)]
        return [self._joined(run) for run in _runs(decoded)]

    def _joined(self, run: list[Any]) -> Sound:
        first = frame = run[0]
        start, length = _start(first), sum(each.samples for each in run)
        if len(run) > 1:
            joined = np.concatenate([_samples(each) for each in run], axis=1)
            frame = av.AudioFrame.from_ndarray(joined, format=first.format.name, layout=first.layout.name)
            frame.sample_rate = first.sample_rate
        frame.pts = None
        if self._resampler is None:
            self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        made = [part.to_ndarray().reshape(-1) for part in self._resampler.resample(frame)]
        pcm = np.concatenate(made) if made else np.zeros(0, dtype=np.int16)
        return Sound(start, length, first.sample_rate, pcm.astype(np.int16, copy=False))


def _start(frame: Any) -> int:
    """In samples. Fractions are slow, and mostly not needed."""
    base, rate = frame.time_base, frame.sample_rate
    if base.numerator == 1 and base.denominator == rate:
        return int(frame.pts)
    return int(frame.pts * base * rate)


def _samples(frame: Any) -> "np.ndarray[Any, np.dtype[Any]]":
    """As `to_ndarray`, which takes its time over the commonest case."""
    if frame.format.name == "s16" and len(frame.layout.channels) == 1:
        return np.frombuffer(frame.planes[0], dtype=np.int16, count=frame.samples).reshape(1, -1)
    return np.asarray(frame.to_ndarray())


def _runs(frames: list[Any]) -> Iterator[list[Any]]:
    run: list[tuple[int, Any]] = []
    for frame in frames:
        start = _start(frame)
        if run and run[-1][0] + run[-1][1].samples != start:
            yield [each for _, each in run]
            run = []
        run.append((start, frame))
    if run:
        yield [each for _, each in run]


def take_little(receiver: Any) -> None:
    """Make a receiver that has not begun hand over as this module says."""
    _replace_factory()
    if not hasattr(receiver, _QUEUE):
        raise RuntimeError("aiortc keeps its queue elsewhere now: see viva_media.adapters.reception")
    setattr(receiver, _QUEUE, SoundQueue() if receiver.track.kind == "audio" else KeyFrameQueue())


def _decoder(codec: Any) -> Any:
    return codec.decoder() if isinstance(codec, Handed) else _aiortcs_own(codec)


@cache
def _replace_factory() -> None:
    setattr(aiortc.rtcrtpreceiver, "get_decoder", _decoder)  # noqa: B010  # not exported, for want of a hook
