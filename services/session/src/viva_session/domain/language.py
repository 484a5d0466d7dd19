"""What can be told of an answer by its form, in Korean and English: cheap signs, never a judgement.

They only choose what a follow-up asks for. No score rests on them.
"""

import re

from viva_session.domain.bank import Language
from viva_session.domain.turn import FollowUp

_THIN = {"en": 40, "ko": 90}
"""Below this an answer is short: words in English, letters in Korean (a Korean word carries about 2.5)."""

_EXAMPLE = {
    "en": re.compile(
        r"\b(for example|for instance|once|when (i|we)|at (my|our)|last (year|month|quarter)|in \d{4}|project|incident|"
        r"i (led|built|wrote|fixed|designed|proposed|decided|called|measured|migrated|cut|moved)|"
        r"we (had|were|built|found))\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(
        r"예를 들|당시|때였|했을 때|있었습니다|맡았|진행했|프로젝트|\d{4}년|지난|사례|제가 직접|도입했|개선했|설계했"
    ),
}
_RESULT = {
    "en": re.compile(
        r"\d|percent|\b(result|as a result|reduced|increased|improved|dropped|fell|rose|saved|outcome|half|twice|"
        r"since then|learned)\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(r"\d|결과|줄었|줄였|늘었|개선되|절반|배로|이후로|덕분에|배웠|성과|퍼센트"),
}
_NOTHING = {
    "en": re.compile(
        r"^\W*(i\s+(really\s+)?(do\s+not|don'?t)\s+(know|remember|have\s+(one|any|an?\s+\w+))|"
        r"no\s+idea|not\s+sure|nothing|pass|"
        r"no\s+comment|n/?a|skip|i\s+have\s+no\s+experience)\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(r"^\W*(잘\s*)?(모르겠|모릅니다|기억이?\s*(나지|안)|없습니다|없어요|생각나지|패스|넘어가)"),
}
_SHORT = {"en": 25, "ko": 40}


def says_nothing(answer: str, language: Language) -> bool:
    """Whether it is empty, or a short way of saying that there is nothing to say. Asking on would only embarrass."""
    if not answer.strip():
        return True
    return length(answer, language) < _SHORT[language] and _NOTHING[language].search(answer) is not None


def length(answer: str, language: Language) -> int:
    """Words in English, letters without spaces in Korean."""
    return len(answer.split()) if language == "en" else len(re.sub(r"\s", "", answer))


def follow_up_for(answer: str, language: Language) -> FollowUp:
    """What an answer lacks first: length, an example, an outcome; with all of them it is worth a deeper look."""
    if length(answer, language) < _THIN[language]:
        return FollowUp.THIN
    if _EXAMPLE[language].search(answer) is None:
        return FollowUp.NO_EXAMPLE
    if _RESULT[language].search(answer) is None:
        return FollowUp.NO_RESULT
    return FollowUp.DEEPEN


def topic_words(text: str) -> frozenset[str]:
    """Words to compare a competency with a résumé by: Latin words of three letters, Hangul in pairs of syllables.

    Pairs, because particles and endings change the end of a Korean word and not its beginning.
    """
    found = set(re.findall(r"[a-z][a-z0-9+#]{2,}", text.casefold()))
    for word in re.findall(r"[가-힣]{2,}", text):
        found.update(word[i : i + 2] for i in range(len(word) - 1))
    return frozenset(found)
