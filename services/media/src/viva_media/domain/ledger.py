"""What of an answer is settled and what is still owed: the spool's bookkeeping.

Every utterance ends in exactly one of two ways: its words became final, or it became a gap. What is neither is owed,
and its sound must be kept. Immutable; each change answers with a new ledger.
"""

from dataclasses import dataclass, replace

from viva_media.domain.audio import Span


@dataclass(frozen=True)
class Gap:
    """Speech that could not be written down, and why (UPPER_SNAKE_CASE)."""

    span: Span
    reason: str


@dataclass(frozen=True)
class Ledger:
    """Utterances in order of their start."""

    owed: tuple[Span, ...] = ()
    finals: tuple[Span, ...] = ()
    gaps: tuple[Gap, ...] = ()
    open_from: int | None = None
    """Where the utterance under way starts."""

    def began(self, start: int) -> "Ledger":
        """An utterance is under way."""
        return replace(self, open_from=start)

    def uttered(self, span: Span) -> "Ledger":
        """An utterance is complete and owed."""
        if span.length == 0:
            return replace(self, open_from=None)
        return replace(self, owed=(*self.owed, span), open_from=None)

    def final(self, span: Span) -> "Ledger":
        """An owed utterance became words. Told of twice, it counts once."""
        if span not in self.owed:
            return self
        return replace(self, owed=_without(self.owed, span), finals=(*self.finals, span))

    def lost(self, span: Span, reason: str) -> "Ledger":
        """Speech became a gap, owed or never heard."""
        return replace(self, owed=_without(self.owed, span), gaps=(*self.gaps, Gap(span, reason)))

    @property
    def settled(self) -> bool:
        """Whether nothing is owed nor under way."""
        return not self.owed and self.open_from is None

    @property
    def pending(self) -> int:
        """Samples of complete utterances that are owed."""
        return sum(span.length for span in self.owed)

    def needed_from(self, horizon: int) -> int:
        """Sound before this place may go. `horizon`: from where a new utterance could still start (its pre-roll)."""
        starts = [span.start for span in self.owed[:1]]
        if self.open_from is not None:
            starts.append(self.open_from)
        return min([horizon, *starts])


def _without(spans: tuple[Span, ...], gone: Span) -> tuple[Span, ...]:
    return tuple(span for span in spans if span != gone)
