"""How good the line of a spoken answer was, so that a bad one is known before a score is read.

The bounds are those by which media tells the candidate live (`viva_media.domain.quality`): speech under -40 dBFS loses
to the noise of a laptop's microphone, Opus conceals up to about 5 % of loss, a buffer of 100 ms holds 50 ms of jitter
at ease, and more than 0.2 % of samples within a decibel of full scale are a microphone that is too loud. Five seconds
of speech that was too quiet are a sentence, however loud the rest of the answer was.
"""

from dataclasses import dataclass
from enum import StrEnum

_NO_SPEECH = -99.0
"""dBFS of an answer in which voice activity found no voice."""


_QUIET_SENTENCE = 5.0
"""Seconds."""


class LineFault(StrEnum):
    """What was wrong; the names are those of viva.media.v1.LineFault."""

    SILENT = "SILENT"
    TOO_QUIET = "TOO_QUIET"
    CLIPPING = "CLIPPING"
    LOSS = "LOSS"
    JITTER = "JITTER"


@dataclass(frozen=True)
class Line:
    """A whole answer. `loss` and `clipping` are parts of 1; jitter and round trip milliseconds, the worst that was met;
    `level_dbfs` is the loudness of speech. `too_quiet`, `clipped`: seconds of speech that was too quiet, and of sound
    whose tops were cut off; None when nobody measured them."""

    loss: float
    jitter_ms: float
    round_trip_ms: float
    clipping: float
    level_dbfs: float
    too_quiet: float | None = None
    clipped: float | None = None

    @property
    def silent(self) -> bool:
        """Whether nobody was heard on it."""
        return self.level_dbfs <= _NO_SPEECH

    @property
    def faults(self) -> tuple[LineFault, ...]:
        """What was wrong; empty for a good line."""
        quiet_for = self.too_quiet or 0.0
        found = {
            LineFault.SILENT: self.silent,
            LineFault.TOO_QUIET: not self.silent and (self.level_dbfs < -40.0 or quiet_for >= _QUIET_SENTENCE),
            LineFault.CLIPPING: self.clipping > 0.002,
            LineFault.LOSS: self.loss > 0.05,
            LineFault.JITTER: self.jitter_ms > 50.0,
        }
        return tuple(fault for fault, there in found.items() if there)
