"""The self-check of a question. Each check looks at one fault; the caller decides what a fault leads to."""

import re
from collections.abc import Callable
from enum import StrEnum

from viva_question_gen.domain import lexicon
from viva_question_gen.domain.context import AskContext, Language
from viva_question_gen.domain.grounding import find_grounding
from viva_question_gen.domain.text import hangul_share, normal, similarity, words


class Check(StrEnum):
    """What is looked at; the names are those of viva.question.v1.QuestionCheck."""

    EMPTY = "EMPTY"
    ONE_QUESTION = "ONE_QUESTION"
    LANGUAGE = "LANGUAGE"
    PREAMBLE = "PREAMBLE"
    REPEAT = "REPEAT"
    ENDING = "ENDING"
    LENGTH = "LENGTH"
    GROUNDING = "GROUNDING"
    FORBIDDEN = "FORBIDDEN"
    ROLE = "ROLE"


MARK = re.compile(r"[?？]")
_MIN_CHARACTERS = {"en": 20, "ko": 12}
_MAX_CHARACTERS = {"en": 420, "ko": 260}
_REPEAT_FROM = 0.72
_MIN_HANGUL = 0.45
_MAX_HANGUL_IN_ENGLISH = 0.02
_MIN_ENGLISH_SHARE = 0.12

_NUMBER = re.compile(r"\d[\d,.]*\d|\d")


def failed_checks(question: str, context: AskContext) -> tuple[Check, ...]:
    """The checks that a question fails, in the order they are listed; empty for a good one."""
    if not question.strip():
        return (Check.EMPTY,)
    return tuple(check for check, fails in _FAULTS.items() if fails(question, context))


def is_language(text: str, language: Language) -> bool:
    """Whether a text reads as Korean (most letters Hangul) or as English (its function words, no Hangul)."""
    if language == "ko":
        return hangul_share(text) >= _MIN_HANGUL
    found = words(text)
    english = sum(word in lexicon.ENGLISH_FUNCTION_WORDS for word in found)
    ascii_letters = all(ord(character) < 0x250 for character in text if character.isalpha())
    return (
        bool(found)
        and ascii_letters
        and hangul_share(text) <= _MAX_HANGUL_IN_ENGLISH
        and english / len(found) >= _MIN_ENGLISH_SHARE
    )


def _more_than_one(question: str, _: AskContext) -> bool:
    listed = re.search(r"(^|\n)\s*(\d+[.)]|[-*•])\s", question)
    return len(MARK.findall(question)) > 1 or listed is not None


def _other_language(question: str, context: AskContext) -> bool:
    return not is_language(question, context.language)


def _preamble(question: str, _: AskContext) -> bool:
    before = MARK.split(question, maxsplit=1)[0].rpartition(". ")[0]
    sentences_before = len([part for part in re.split(r"[.!。]\s", before) if part.strip()])
    return lexicon.PREAMBLE.match(question) is not None or "\n" in question.strip() or sentences_before > 2


def _repeat(question: str, context: AskContext) -> bool:
    return any(similarity(question, turn.question) >= _REPEAT_FROM for turn in context.history)


def _no_question_mark(question: str, _: AskContext) -> bool:
    return MARK.match(question.rstrip()[-1]) is None


def _length(question: str, context: AskContext) -> bool:
    return not _MIN_CHARACTERS[context.language] <= len(question.strip()) <= _MAX_CHARACTERS[context.language]


def _invented(question: str, context: AskContext) -> bool:
    """It claims that the candidate said something, or names a number, that no source holds."""
    known = normal(
        " ".join(
            [context.position_title, context.job_description, context.competency_description]
            + [excerpt.text for excerpt in context.excerpts]
            + [f"{turn.question} {turn.answer}" for turn in context.history]
        )
    )
    if any(number not in known for number in _NUMBER.findall(question)):
        return True
    return lexicon.REFERS_TO_CANDIDATE.search(question) is not None and find_grounding(question, context) is None


def _forbidden(question: str, _: AskContext) -> bool:
    return lexicon.FORBIDDEN_TOPIC.search(question) is not None


def _other_role(question: str, _: AskContext) -> bool:
    """A small model forgets who it is: it apologises, offers its help, or answers as the candidate."""
    return lexicon.OTHER_ROLE.search(question) is not None


_FAULTS: dict[Check, Callable[[str, AskContext], bool]] = {
    Check.ONE_QUESTION: _more_than_one,
    Check.LANGUAGE: _other_language,
    Check.PREAMBLE: _preamble,
    Check.REPEAT: _repeat,
    Check.ENDING: _no_question_mark,
    Check.LENGTH: _length,
    Check.GROUNDING: _invented,
    Check.FORBIDDEN: _forbidden,
    Check.ROLE: _other_role,
}
