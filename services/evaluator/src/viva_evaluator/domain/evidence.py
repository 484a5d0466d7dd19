"""Quotes of the model, searched in the answer. What is not there is no evidence.

Whatever is returned is the answer's own text: `answer[start:end] == quote.text`, whole words, never the model's
spelling. A quote joined by an ellipsis ("a … b") counts only if every part is there, in that order. Passages given as
`excluded` (`injection.passages`) are cut out of what was found.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from viva_evaluator.domain import lexicon
from viva_evaluator.domain.context import SpokenWord
from viva_evaluator.domain.folding import Span, fold, is_word_character, trimmed, whole_words
from viva_evaluator.domain.timing import Timing

_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:\.{2,}|…+|⋯+)\s*\]|\(\s*(?:\.{2,}|…+|⋯+)\s*\)|\.{3,}|…+|⋯+)\s*")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_WIDE = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LEAST_WIDTH = 8
_LEAST_WORDS = 2
_MOST_CHARACTERS = 1_000
MOST_QUOTES = 10


@dataclass(frozen=True)
class Quote:
    """A passage: answer[start:end] is `text`, in code points. Seconds from the start of a spoken answer, else None."""

    text: str
    start: int
    end: int
    start_time: float | None = None
    end_time: float | None = None


class Evidence:
    """One answer, ready to be searched."""

    def __init__(self, answer: str, *, excluded: Sequence[Span] = (), words: Sequence[SpokenWord] = ()) -> None:
        self._answer = answer
        self._folded = fold(answer)
        self._excluded = tuple(excluded)
        self._timing = Timing(answer, words)

    def find_all(self, quotes: Iterable[str]) -> tuple[Quote, ...]:
        """What of these quotes is there: each passage once, none inside another, in the answer's order."""
        found = sorted({span for quote in quotes for span in self._spans(quote)}, key=lambda span: (span[0], -span[1]))
        kept: list[Span] = []
        for span in found:
            if not kept or span[1] > kept[-1][1]:
                kept.append(span)
        return tuple(self._quote(span) for span in kept[:MOST_QUOTES])

    def find(self, quote: str) -> tuple[Quote, ...]:
        """The passages of one quote: one, several where it was joined or cut, none where it is not there."""
        return self.find_all([quote])

    def _quote(self, span: Span) -> Quote:
        start, end = span
        return Quote(self._answer[start:end], start, end, *self._timing.of(span))

    def _spans(self, quote: str) -> tuple[Span, ...]:
        whole = self._first(fold(quote).key, 0)
        if whole is not None:
            return self._admitted(whole[0])
        parts = [part for part in _ELLIPSIS.split(quote) if fold(part).key]
        if len(parts) < 2:
            return ()
        spans: list[Span] = []
        position = 0
        for part in parts:
            found = self._first(fold(part).key, position)
            if found is None:
                return ()
            span, position = found
            admitted = self._admitted(span)
            if not admitted:
                return ()
            spans.extend(admitted)
        return tuple(spans)

    def _first(self, key: str, position: int) -> tuple[Span, int] | None:
        """The first place of `key` at or after `position` that leaves something admitted, else the first place."""
        first: tuple[Span, int] | None = None
        for at in self._places(key, position):
            found = (whole_words(self._answer, self._folded.span(at, at + len(key))), at + len(key))
            if self._admitted(found[0]):
                return found
            first = first or found
        return first

    def _places(self, key: str, position: int) -> Iterator[int]:
        at = self._folded.key.find(key, position) if key else -1
        while at >= 0:
            if not self._folded.cuts_number(at, at + len(key)):
                yield at
            at = self._folded.key.find(key, at + 1)

    def _admitted(self, span: Span) -> tuple[Span, ...]:
        """The span without what is excluded, as far as the remaining pieces say something."""
        pieces = [span]
        for out_start, out_end in self._excluded:
            pieces = [
                piece
                for start, end in pieces
                for piece in ((start, min(end, out_start)), (max(start, out_end), end))
                if piece[0] < piece[1]
            ]
        whole = (trimmed(self._answer, piece) for piece in pieces)
        return tuple(piece for piece in whole if self._says_something(piece))

    def _says_something(self, span: Span) -> bool:
        """More than a word or two that stand in every answer, unless the answer itself is no longer."""
        start, end = span
        passage = self._answer[start:end]
        key = fold(passage).key
        if not key or len(passage) > _MOST_CHARACTERS:
            return False
        if key == self._folded.key:
            return True
        words = [word.casefold() for word in _WORD.findall(passage)]
        width = sum(2 if _WIDE.match(character) else 1 for character in key)
        content = any(word not in lexicon.FUNCTION_WORDS for word in words)
        return width >= _LEAST_WIDTH and len(words) >= _LEAST_WORDS and content


def says_nothing(text: str) -> bool:
    """Whether there is no letter and no digit."""
    return not any(is_word_character(character) for character in text)
