"""Sound to Opus in Ogg and back, in memory."""

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np

from viva_media.domain.audio import RATE, Pcm

AnyPacket = Any
"""An av.Packet: the library's own types allow no other stream than the one that it was read from."""
_BITS = 32_000  # a second: transparent for one voice
_CLOCK = 48_000  # Opus counts in these whatever the sound's rate was (RFC 7845, section 4)
_PACKET = 960  # of them, 20 ms: what the encoder puts into one packet


def encode(parts: Sequence[Pcm]) -> bytes:
    """A whole Ogg file. Takes some time: call it from a thread."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono", bit_rate=_BITS)
        for pcm in parts:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.reshape(1, -1)), format="s16", layout="mono")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def decode(ogg: bytes) -> Pcm:
    """The sound of a whole Ogg file."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(io.BytesIO(ogg), "r") as container:
        frames = [each for frame in container.decode(audio=0) for each in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])


def join(files: Sequence[tuple[int, bytes]]) -> bytes:
    """One WebM file of Ogg files that were made here, each with its place in samples, in order; silence in between.

    The packets are copied, not encoded again: 15 ms for a minute of sound where encoding takes 650. Silence is packets
    too, because a player that meets a hole in the time goes on without it, and is early from there on. Takes some time:
    call it from a thread.
    """
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream, at = None, 0
        for place, ogg in files:
            with av.open(io.BytesIO(ogg), "r") as source:
                stream = stream or container.add_stream_from_template(source.streams.audio[0])
                missing = max(round((place * _CLOCK // RATE - at) / _PACKET), 0)
                packets: list[AnyPacket] = [av.Packet(_silence()) for _ in range(missing)]
                for packet in (*packets, *_packets(source)):
                    packet.stream, packet.time_base = stream, Fraction(1, _CLOCK)
                    packet.pts = packet.dts = at
                    at += _PACKET
                    container.mux(packet)
    return file.getvalue()


def _packets(source: av.container.InputContainer) -> "Iterator[AnyPacket]":
    return (packet for packet in source.demux(audio=0) if packet.size > 0)  # the last one only says that it is over


@cache
def _silence() -> bytes:
    with av.open(io.BytesIO(encode([np.zeros(RATE // 5, np.int16)])), "r") as source:
        return bytes(list(_packets(source))[-1])
