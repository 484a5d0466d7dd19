"""Sound as media handles it: 16 kHz, mono, signed 16 bit, placed on the time line of one answer.

A place is a count of samples from the start of the answer. It goes on through silences, lost packets and reconnects, so
that a word's time is where the candidate said it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE = 16_000
"""Samples a second."""

Pcm = npt.NDArray[np.int16]


def seconds(samples: int) -> float:
    """A place or a length in seconds."""
    return samples / RATE


def samples(duration: float) -> int:
    """A duration in seconds as a count of samples."""
    return round(duration * RATE)


def silence(length: int) -> Pcm:
    """So many samples of nothing."""
    return np.zeros(length, dtype=np.int16)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The half-open range of places [start, end)."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"no span: {self.start} to {self.end}")

    @property
    def length(self) -> int:
        """In samples."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some sound and the place where it starts."""

    start: int
    pcm: Pcm

    @property
    def end(self) -> int:
        """One past its last sample."""
        return self.start + len(self.pcm)
