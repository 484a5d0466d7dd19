"""When a passage was spoken: the words of the transcript laid beside the answer's text.

The two differ where the candidate corrected the transcript; words that were changed have no time, their neighbours do.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from viva_evaluator.domain.context import SpokenWord
from viva_evaluator.domain.folding import Span, fold


class Timing:
    """Finds times for spans of one answer."""

    def __init__(self, answer: str, words: Sequence[SpokenWord]) -> None:
        self._timed: list[tuple[Span, SpokenWord]] = []
        if words:
            self._timed = _aligned(answer, words)

    def of(self, span: Span) -> tuple[float | None, float | None]:
        """First start and last end of the words in the span, seconds; None, None where no word of it has a time."""
        inside = [word for (start, end), word in self._timed if start < span[1] and end > span[0]]
        if not inside:
            return None, None
        start = min(word.start for word in inside)
        return start, max(start, max(word.end for word in inside))


def _aligned(answer: str, words: Sequence[SpokenWord]) -> list[tuple[Span, SpokenWord]]:
    written = [(span, fold(answer[span[0] : span[1]]).key) for span in _tokens(answer)]
    spoken = [(word, fold(token).key) for word in words for token in word.text.split()]
    written = [(span, key) for span, key in written if key]
    spoken = [(word, key) for word, key in spoken if key]
    keys_written, keys_spoken = [key for _, key in written], [key for _, key in spoken]
    matcher = SequenceMatcher(None, keys_written, keys_spoken, autojunk=len(keys_spoken) > 2000)
    return [
        (written[block.a + offset][0], spoken[block.b + offset][0])
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    ]


def _tokens(text: str) -> list[Span]:
    spans: list[Span] = []
    start = 0
    for token in text.split():
        start = text.index(token, start)
        spans.append((start, start + len(token)))
        start += len(token)
    return spans
