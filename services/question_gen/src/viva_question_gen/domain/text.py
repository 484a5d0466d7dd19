"""Words of Korean and English, good enough to compare questions with what was said."""

import re
import unicodedata

from viva_question_gen.domain import lexicon

_WORD = re.compile(r"[가-힣]+|[A-Za-z][A-Za-z0-9+#./-]*[A-Za-z0-9+#]|[A-Za-z]|\d[\d.,]*")
_HANGUL = re.compile(r"[가-힣]")
_LETTER = re.compile(r"[^\W\d_]")


def normal(text: str) -> str:
    """NFKC, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _stem(word: str) -> str:
    if not _HANGUL.match(word):
        return word.rstrip("./-")
    for particle in lexicon.PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= 2:
            return word[: -len(particle)]
    return word


def words(text: str) -> list[str]:
    """All words, stems in Korean, lower case."""
    return [_stem(word) for word in _WORD.findall(normal(text))]


def content_words(text: str) -> set[str]:
    """Words that carry a topic: no function words, no interview talk, at least two characters."""
    return {word for word in words(text) if len(word) >= 2 and word not in lexicon.STOP_WORDS}


def hangul_share(text: str) -> float:
    """The part of the letters that is Hangul, 0.0 to 1.0; 0.0 without letters."""
    letters = _LETTER.findall(text)
    return len(_HANGUL.findall(text)) / len(letters) if letters else 0.0


def similarity(one: str, other: str) -> float:
    """How alike two texts are: Dice's coefficient of their character trigrams, 0.0 to 1.0."""
    a, b = _trigrams(one), _trigrams(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _trigrams(text: str) -> set[str]:
    packed = "".join(words(text))
    return {packed[i : i + 3] for i in range(len(packed) - 2)}
