"""How good the line is: loudness, clipping, loss and jitter, and what the candidate could mend.

Thresholds: speech under -40 dBFS loses to the noise of a laptop's microphone; a microphone that cut off 6 % of its
samples shows 0.5 % within a decibel of full scale behind Opus; with more than about 5 % of loss words go; a mean
deviation of 50 ms (RFC 3550, 6.4.1) has packets that are later than a hole is waited for.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from viva_media.domain.audio import RATE, Pcm, seconds

FLOOR = -100.0
"""dBFS of digital silence."""
AUDIBLE = -70.0
"""dBFS below which there is no voice, not even one that is too quiet: a room behind a browser's noise suppression."""
_QUIET = -40.0
"""dBFS under which speech is not understood well."""
_STRETCH = RATE
"""So many samples of speech are judged together: between its vowels the loudest voice has quiet windows."""
_OVERDRIVEN = 0.002
"""More than this part of the samples at full scale is no accident."""
_FULL = 29_000  # -1 dBFS: Opus rounds the tops that a microphone cut off, so full scale itself is rarely met


class Fault(StrEnum):
    """What is wrong with what is heard."""

    SILENT = "silent"
    TOO_QUIET = "too_quiet"
    CLIPPING = "clipping"
    LOSS = "loss"
    JITTER = "jitter"


@dataclass(frozen=True)
class Network:
    """What the receiver counted: packets since the start, milliseconds now."""

    received: int = 0
    lost: int = 0
    jitter_ms: float = 0.0
    round_trip_ms: float = 0.0

    @property
    def loss(self) -> float:
        """Lost of expected, 0 to 1."""
        expected = self.received + self.lost
        return self.lost / expected if expected > 0 else 0.0

    def since(self, earlier: "Network") -> "Network":
        """What happened after `earlier`; jitter and round trip as they are now."""
        received, lost = max(self.received - earlier.received, 0), max(self.lost - earlier.lost, 0)
        return Network(received, lost, self.jitter_ms, self.round_trip_ms)

    def plus(self, other: "Network") -> "Network":
        """Both together; jitter and round trip are the worse of the two."""
        return Network(
            self.received + other.received,
            self.lost + other.lost,
            max(self.jitter_ms, other.jitter_ms),
            max(self.round_trip_ms, other.round_trip_ms),
        )


@dataclass(frozen=True)
class Quality:
    """The line of an answer. `level_dbfs` is that of speech; FLOOR when there was none. `too_quiet`, `clipped`: seconds
    of speech under the bound, in whole seconds of it, and seconds in which the tops were cut off."""

    loss: float
    jitter_ms: float
    round_trip_ms: float
    clipping: float
    level_dbfs: float
    too_quiet: float = 0.0
    clipped: float = 0.0


def loudness(pcm: Pcm) -> float:
    """Root mean square in dBFS, FLOOR at least."""
    if len(pcm) == 0:
        return FLOOR
    sound = pcm.astype(np.float32)
    return _decibels(float(np.dot(sound, sound)) / len(pcm) / 32_768.0**2)


def loudness_of_each(pcm: Pcm, window: int) -> list[float]:
    """Root mean square in dBFS of each whole window of so many samples, FLOOR at least."""
    whole = pcm[: len(pcm) // window * window].astype(np.float32).reshape(-1, window)
    powers = np.einsum("ij,ij->i", whole, whole) / (window * 32_768.0**2)
    return [_decibels(power) for power in powers.tolist()]


def _can_be_full(dbfs: float, samples: int) -> bool:
    """Whether a window so loud may hold a single sample at full scale."""
    return 10 ** (dbfs / 10) * samples >= 0.99 * (_FULL / 32_768.0) ** 2


def _decibels(power: float) -> float:
    return max(10 * math.log10(power), FLOOR) if power > 0 else FLOOR


@dataclass
class _Voice:
    """Adds up how loud speech is."""

    power: float = 0.0
    samples: int = 0

    def add(self, dbfs: float, samples: int) -> None:
        self.power += 10 ** (dbfs / 10) * samples
        self.samples += samples

    @property
    def dbfs(self) -> float:
        return _decibels(self.power / self.samples) if self.samples else FLOOR


@dataclass
class Meter:
    """Adds up one answer, window by window."""

    network: Network = field(default_factory=Network)
    now_dbfs: float = FLOOR
    _samples: int = 0
    _full: int = 0
    _clipped: int = 0
    _speech: _Voice = field(default_factory=_Voice)
    _stretch: _Voice = field(default_factory=_Voice)
    _too_quiet: int = 0
    _dead: int = 0

    def window(self, pcm: Pcm, *, speech: bool, dbfs: float | None = None) -> None:
        """Take in one window. `dbfs`: its loudness, where it is known already."""
        self.now_dbfs = loudness(pcm) if dbfs is None else dbfs
        self._samples += len(pcm)
        if _can_be_full(self.now_dbfs, len(pcm)) and max(int(pcm.max()), -int(pcm.min())) >= _FULL:
            full = int(np.count_nonzero(np.abs(pcm.astype(np.int32)) >= _FULL))
            self._full += full
            self._clipped += len(pcm) if full > _OVERDRIVEN * len(pcm) else 0
        self._dead = self._dead + len(pcm) if self.now_dbfs < -75.0 else 0
        if speech:
            self._speech.add(self.now_dbfs, len(pcm))
            self._judge_stretch(len(pcm))

    def _judge_stretch(self, samples: int) -> None:
        self._stretch.add(self.now_dbfs, samples)
        if self._stretch.samples >= _STRETCH:
            self._too_quiet += self._stretch.samples if self._stretch.dbfs < _QUIET else 0
            self._stretch = _Voice()

    @property
    def quality(self) -> Quality:
        """The line up to now."""
        return Quality(
            loss=min(self.network.loss, 1.0),
            jitter_ms=self.network.jitter_ms,
            round_trip_ms=self.network.round_trip_ms,
            clipping=self._full / self._samples if self._samples else 0.0,
            level_dbfs=min(self._speech.dbfs, 0.0),
            too_quiet=seconds(self._too_quiet),
            clipped=seconds(self._clipped),
        )

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What the candidate should mend, most pressing first."""
        quality = self.quality
        found = {
            Fault.SILENT: self._dead >= 5 * RATE,
            Fault.CLIPPING: quality.clipping > _OVERDRIVEN,
            Fault.TOO_QUIET: self._speech.samples > RATE and quality.level_dbfs < _QUIET,
            Fault.LOSS: quality.loss > 0.05,
            Fault.JITTER: quality.jitter_ms > 50.0,
        }
        return tuple(fault for fault, there in found.items() if there)
