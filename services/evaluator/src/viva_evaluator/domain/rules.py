"""Answers that no model needs to read: they say nothing, or nobody can be sure what they say.

Conservative on purpose: one word more than these phrases, and the model reads the answer.
"""

import re
import unicodedata
from enum import StrEnum

from viva_evaluator.domain import lexicon
from viva_evaluator.domain.context import AnswerContext
from viva_evaluator.domain.folding import fold
from viva_evaluator.domain.silence_patterns import NON_ANSWERS

_WORD = re.compile(r"\w+")
_REPEATED_SHARE = 0.6
_ALIKE = 0.85
_LONGEST_NON_ANSWER = 400


class Unscored(StrEnum):
    """Why a criterion has no score; the names are those of viva.evaluation.v1.UnscoredReason."""

    NO_EVIDENCE = "NO_EVIDENCE"
    EMPTY_ANSWER = "EMPTY_ANSWER"
    NON_ANSWER = "NON_ANSWER"
    LOW_CONFIDENCE = "LOW_CONFIDENCE"
    MODEL_INVALID = "MODEL_INVALID"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    TIMEOUT = "TIMEOUT"
    NOT_ADDRESSED = "NOT_ADDRESSED"


def unscored_by_rule(context: AnswerContext, remaining: str) -> Unscored | None:
    """Why this answer is not judged at all; None when it is. `remaining` is the answer without what addresses the
    judge."""
    if is_empty(context.answer):
        return Unscored.EMPTY_ANSWER
    if context.confidence is not None and context.confidence < context.min_confidence:
        return Unscored.LOW_CONFIDENCE
    if is_empty(remaining) or is_non_answer(remaining) or repeats(remaining, context.question):
        return Unscored.NON_ANSWER
    return None


def is_empty(answer: str) -> bool:
    """Nothing but white space, punctuation and hesitation."""
    return all(word in lexicon.HESITATIONS for word in _WORD.findall(_plain(answer)))


def is_non_answer(answer: str) -> bool:
    """Says only that there is no answer ("I don't know", "다음 질문 부탁드립니다")."""
    rest = _plain(answer)
    if len(rest) > _LONGEST_NON_ANSWER:
        return False
    for pattern in NON_ANSWERS:
        rest = pattern.sub(" ", rest)
    return is_empty(rest)


def repeats(answer: str, question: str) -> bool:
    """Is the question said again, or most of it."""
    ours, theirs = fold(answer).key, fold(question).key
    if not ours or not theirs:
        return False
    if ours in theirs:
        return len(ours) >= _REPEATED_SHARE * len(theirs)
    one, other = _trigrams(ours), _trigrams(theirs)
    return bool(one and other) and 2 * len(one & other) / (len(one) + len(other)) >= _ALIKE


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("`", "'")
    return " ".join(plain.split())


def _trigrams(key: str) -> set[str]:
    return {key[i : i + 3] for i in range(len(key) - 2)}
