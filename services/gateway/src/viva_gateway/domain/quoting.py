"""Cuts an answer where its quotes begin and end, so that a page can mark them and link to each."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Mark:
    """A quote's place in an answer, in code points, and the anchors of the scores it justifies."""

    start: int
    end: int
    anchor: str


@dataclass(frozen=True)
class Segment:
    """A piece of an answer. `anchors` are of quotes that begin here; `quoted` tells whether any quote covers it."""

    text: str
    quoted: bool
    anchors: tuple[str, ...]


def segments(answer: str, marks: Sequence[Mark]) -> list[Segment]:
    """The answer in pieces; joined they are the answer again. Quotes may overlap. Marks outside are ignored."""
    inside = [mark for mark in marks if 0 <= mark.start < mark.end <= len(answer)]
    cuts = sorted({0, len(answer), *(mark.start for mark in inside), *(mark.end for mark in inside)})
    return [
        Segment(
            text=answer[start:end],
            quoted=any(mark.start <= start and end <= mark.end for mark in inside),
            anchors=tuple(mark.anchor for mark in inside if mark.start == start),
        )
        for start, end in pairwise(cuts)
    ]
