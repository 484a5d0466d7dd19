"""Sound to Opus in Ogg and back, in memory."""

import io
from collections.abc import Sequence

import av
import numpy as np

from viva_media.domain.audio import RATE, Pcm

_BITS = 32_000  # a second: transparent for one voice


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
