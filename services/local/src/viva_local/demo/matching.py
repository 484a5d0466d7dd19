"""How well a question meets a written answer, in Korean and in English, by words alone.

Deliberately plain: a Korean word counts by its beginning, since endings and particles follow it; an English one without
its commonest endings.
"""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[가-힣]+|[a-z0-9]+(?:[-'][a-z0-9]+)*")
_ENGLISH_ENDING = re.compile(r"(?:ies|ing|ed|es|s|e|y)$")
_LEAST_ENGLISH = 4
_KOREAN_BEGINNING = 2

# Words of interviews rather than of topics.
_COMMON = frozenset(
    """
    about after again also always another back because been before being both came come could describe does done each
    ever example from give have into just know like made make many more most much must never only other over people
    really same should some take tell than that their them then there these they thing this those through time very
    walk want well went were what when where which while will with without work would your
    어떤 어떻 무엇 그때 그리 있으 있다 있나 말씀 설명 경험 사례 본인 들려 주시 하셨 하신 대해 위해 경우 정도 그것 이후
    가장 때문 그래 저는 제가 했습 했고 있었 없었 있습 합니 습니 것이 것을 것은 한다
    """.split()
)


def keyword_hits(question: str, keywords: Iterable[str]) -> int:
    """How many of the keywords the question holds, each counted once."""
    asked = _WORD.findall(question.casefold())
    stems = {_stem(word) for word in asked}
    return sum(_meets(keyword.casefold(), asked, stems) for keyword in keywords)


def words_in_common(question: str, text: str) -> int:
    """How many different topic words the question shares with a text."""
    return len(_topic_words(question) & _topic_words(text))


def _meets(keyword: str, asked: list[str], stems: set[str]) -> bool:
    if "가" <= keyword[0] <= "힣":
        if len(keyword) == 1:
            return keyword in asked
        return any(word.startswith(keyword) for word in asked)
    return all(_stem(part) in stems for part in _WORD.findall(keyword))


def _topic_words(text: str) -> set[str]:
    found = set()
    for word in _WORD.findall(text.casefold()):
        if "가" <= word[0] <= "힣":
            beginning = word[:_KOREAN_BEGINNING]
            if len(beginning) == _KOREAN_BEGINNING and beginning not in _COMMON:
                found.add(beginning)
        elif (len(word) >= _LEAST_ENGLISH or word[0].isdigit()) and word not in _COMMON:
            found.add(_stem(word))
    return found


def _stem(word: str) -> str:
    """An English word without its ending, if enough is left; any other word as it is."""
    stem = _ENGLISH_ENDING.sub("", word)
    return stem if len(stem) >= _LEAST_ENGLISH - 1 else word
