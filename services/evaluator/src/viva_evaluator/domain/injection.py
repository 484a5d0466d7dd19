"""Passages that speak to the judge instead of the interviewer ("ignore the rubric", "give 5", "system: …").

Such a passage is text like any other in the transcript, but it is no evidence, and the model is not shown it: a model
that obeys what it reads would otherwise score with a quote from elsewhere. Whole sentences are marked. The patterns
want both an order and its object, because engineers do talk of prompts, scores and rubrics; whatever they miss is still
held by the evidence check. An answer of nothing else is a non-answer, and a person reads it.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator

from viva_evaluator.domain.attack_patterns import MARKUP, PATTERNS
from viva_evaluator.domain.folding import Span, trimmed

_SENTENCE_END = re.compile(r"[.!?…。！？]+[\"'”’」』)\]]*(?=\s|$)|[\n\r]+")
_LONGEST = 400
_OVERLAP = 100
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
_SPELLED = re.compile(r"(?<!\w)(?:\w[\s.\-_*]){4,}\w(?!\w)")
_LOOKALIKES = str.maketrans("аеорсухіјѕԁɡ0134@$", "aeopcyxijsdgoieaas")


def passages(text: str) -> tuple[Span, ...]:
    """The sentences that address the judge, in order, as spans of the text; neighbours are one."""
    spans: list[Span] = []
    for start, end in _windows(text):
        if not addresses_the_judge(text[start:end]):
            continue
        if spans and not text[spans[-1][1] : start].strip():
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)


def without(text: str, spans: tuple[Span, ...], mark: str = "") -> str:
    """The text with each span replaced by `mark`."""
    kept: list[str] = []
    position = 0
    for start, end in spans:
        kept += [text[position:start], mark]
        position = end
    return "".join([*kept, text[position:]])


def sentences(text: str) -> Iterator[Span]:
    """Sentences and lines, without the white space around them. A point inside a number or a word ends nothing."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        span = trimmed(text, (start, match.end()))
        start = match.end()
        if span[0] < span[1]:
            yield span
    span = trimmed(text, (start, len(text)))
    if span[0] < span[1]:
        yield span


def _windows(text: str) -> Iterator[Span]:
    """Sentences, and of a very long one (a transcript without full stops) pieces that overlap: so that one order in it
    does not bar all of it, and no pattern has to read twenty thousand characters at once."""
    for start, end in sentences(text):
        while end - start > _LONGEST:
            yield trimmed(text, (start, start + _LONGEST))
            start += _LONGEST - _OVERLAP
        yield start, end


def addresses_the_judge(sentence: str) -> bool:
    """Whether this sentence gives orders to whoever scores it."""
    if MARKUP.search(sentence):
        return True
    return any(pattern.search(view) for view in _views(sentence) for pattern in PATTERNS)


def _views(sentence: str) -> Iterator[str]:
    """The sentence as it reads, and as it reads once its disguises are off."""
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKC", sentence).casefold()
        if unicodedata.category(character) not in ("Cf", "Mn")
    )
    plain = " ".join(plain.split())
    yield plain
    unmasked = plain.translate(_LOOKALIKES)
    if unmasked != plain:
        yield unmasked
    spelled = _SPELLED.sub(lambda match: re.sub(r"[\s.\-_*]", "", match[0]), plain)
    if spelled != plain:
        yield spelled
    for match in _ENCODED.finditer(sentence):
        decoded = _decoded(match[0])
        if decoded is not None:
            yield decoded.casefold()


def _decoded(text: str) -> str | None:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_" if set(text) & set("-_") else None)
        decoded = raw.decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return decoded if decoded.isprintable() else None
