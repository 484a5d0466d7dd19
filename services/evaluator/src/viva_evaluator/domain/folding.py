"""Texts folded for comparison, with the way back.

Folded away: Unicode form (NFKC), case, white space, punctuation, invisible characters. Kept: letters, digits, marks,
and what tells one number from another (1.5 is not 15; 1, 2 is not 12). Words are never changed, so Korean particles and
endings count: "지연을" is not "지연이".
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_JAMO_VOWELS_AND_TAILS = range(0x1160, 0x1200)
_LEADING_SIGNS = frozenset("+-−#$€£₩@")
_TRAILING_SIGNS = frozenset("+#%°")
Span = tuple[int, int]
"""A half-open range of code points: text[start:end]."""


@dataclass(frozen=True)
class Folded:
    """`key[i]` stands for `text[starts[i]:ends[i]]` of the text that was folded."""

    text: str
    key: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, first: int, last: int) -> Span:
        """Where key[first:last] stands in the text."""
        return self.starts[first], self.ends[last - 1]

    def cuts_number(self, first: int, last: int) -> bool:
        """Whether key[first:last] begins or ends inside a number, which makes another number of it."""
        return self._inside_number(first) or self._inside_number(last)

    def _inside_number(self, boundary: int) -> bool:
        if not 0 < boundary < len(self.key):
            return False
        before, after = self.key[boundary - 1], self.key[boundary]
        return (before.isdigit() and (after.isdigit() or after == ".")) or (before == "." and after.isdigit())


def fold(text: str) -> Folded:
    """Fold a text. Costs about a microsecond a character."""
    key: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    gap = ""
    folded = [(character, start, end) for start, end in _clusters(text) for character in _plain(text[start:end])]
    for index, (character, start, end) in enumerate(folded):
        if not is_word_character(character):
            gap += character
            continue
        if gap and key and key[-1].isdigit() and character.isdigit():
            joint = _between_digits(gap, "".join(one for one, _, _ in folded[index : index + 4]))
            if joint:
                key.append(joint)
                starts.append(start)
                ends.append(start)
        gap = ""
        key.append(character)
        starts.append(start)
        ends.append(end)
    return Folded(text, "".join(key), tuple(starts), tuple(ends))


def is_word_character(character: str) -> bool:
    """Whether it belongs to words: letters, digits and the marks on them."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def whole_words(text: str, span: Span) -> Span:
    """The span, widened to whole words and the signs that belong to them (C++, -5 %)."""
    start, end = span
    while start > 0 and (is_word_character(text[start - 1]) or text[start - 1] in _LEADING_SIGNS):
        start -= 1
    while end < len(text) and (is_word_character(text[end]) or text[end] in _TRAILING_SIGNS):
        end += 1
    return start, end


def trimmed(text: str, span: Span) -> Span:
    """The span without white space at its ends; empty when there was nothing else."""
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _clusters(text: str) -> Iterator[Span]:
    """A base character with the marks that compose with it, so that NFC and NFD of a text fold alike."""
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not _composes(text[index]):
            if index > start:
                yield start, index
            start = index


def _composes(character: str) -> bool:
    return unicodedata.combining(character) != 0 or ord(character) in _JAMO_VOWELS_AND_TAILS


def _plain(cluster: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())


def _between_digits(gap: str, following: str) -> str:
    """What stands for the gap between two digits: nothing for a thousands comma, a point, or a separator."""
    visible = "".join(character for character in gap if unicodedata.category(character) != "Cf")
    if not visible:
        return ""
    if visible == ".":
        return "."
    if visible == "," and following[:3].isdigit() and not following[3:4].isdigit():
        return ""
    return " "
