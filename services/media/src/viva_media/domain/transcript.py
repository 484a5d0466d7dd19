"""Words with times, put in order; and the marks of a model that has lost its way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from viva_media.domain.audio import Span, seconds


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written. Times in seconds from the start of the answer, confidence 0 to 1."""

    text: str
    start: float
    end: float
    confidence: float


def settle(words: Sequence[Word], span: Span) -> tuple[Word, ...]:
    """The words of one utterance as they may be published: in order of time, inside the utterance, without overlap.

    Engines send words out of order and a few milliseconds outside of what they heard; where two overlap the earlier one
    ends when the later one starts. No word is dropped.
    """
    first, last = seconds(span.start), seconds(span.end)
    settled: list[Word] = []
    for word in sorted((word for word in words if word.text.strip()), key=lambda word: (word.start, word.end)):
        start = min(max(word.start, first), last)
        end = min(max(word.end, start), last)
        if settled and settled[-1].end > start:
            settled[-1] = replace(settled[-1], end=max(settled[-1].start, start))
        confidence = min(max(word.confidence, 0.0), 1.0)
        settled.append(Word(word.text.strip()[:200], start, end, confidence))
    return tuple(settled)


def spread(texts: Sequence[str], confidences: Sequence[float], span: Span) -> tuple[Word, ...]:
    """Times for words whose model tells none: each takes a share of the utterance in proportion to its length.

    Within an utterance that was cut at silences this is off by a few tenths of a second, which is enough to find a
    quote again by ear.
    """
    shares = [len(text) + 1 for text in texts]
    total = sum(shares) or 1
    words: list[Word] = []
    place = float(span.start)
    for text, confidence, share in zip(texts, confidences, shares, strict=True):
        end = place + span.length * share / total
        words.append(Word(text, seconds(round(place)), seconds(round(end)), confidence))
        place = end
    return settle(words, span)


def loop_at(words: Sequence[str], *, longest: int = 8, times: int = 4) -> int | None:
    """Where a model began to repeat itself: the index from which the same n words stand `times` times in a row.

    People say "no, no, no" and "very, very": a single word must stand twice as often.
    """
    folded = [word.strip(".,!?;:…").casefold() for word in words]
    for start in range(len(folded)):
        for size in range(1, longest + 1):
            wanted = times * 2 if size == 1 else times
            block = folded[start : start + size]
            stop = start + size * wanted
            if stop <= len(folded) and all(folded[at : at + size] == block for at in range(start + size, stop, size)):
                return start + size
    return None


def text_of(words: Sequence[Word]) -> str:
    """The words as a line of text."""
    return " ".join(word.text for word in words)
