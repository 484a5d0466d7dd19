"""Synthetic candidates: each persona has answers written in advance and says the one that fits the question best.

No model is asked, so a demo's answers are the same on every run and the report shows what Viva does with them.
A persona remembers what it has said: make a new one for each interview.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

from viva_core.errors import Invalid, Refused

from viva_local.demo.matching import keyword_hits, words_in_common
from viva_local.demo.material import Language

_LEAST_ANSWERS = 3
_LEAST_FOLLOW_UPS = 4
# A keyword was chosen for the questions it should meet; a word in common may be chance.
_KEYWORD_WEIGHT = 3


class PersonaName(StrEnum):
    """Who answers: with concrete stories, in generalities, or around the question."""

    STRONG = "strong"
    THIN = "thin"
    EVASIVE = "evasive"


@dataclass(frozen=True)
class Line:
    """One written answer. `competency` is None for one that follows up on whatever was said before."""

    competency: str | None
    about: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Script:
    """All that a persona can say in one language."""

    persona: PersonaName
    language: Language
    candidate: str
    answers: tuple[Line, ...]
    follow_ups: tuple[Line, ...]


class Persona:
    """One candidate in one interview."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._left = list(script.answers)
        self._follow_ups_left = list(script.follow_ups)
        self._said: dict[int, Line] = {}
        self._last: dict[str, Line] = {}

    @property
    def candidate(self) -> str:
        """The candidate's name, as on the résumé."""
        return self._script.candidate

    def answer(self, question: str, competency: str | None, turn: int) -> str:
        """What the candidate says to `question` in `turn`.

        The same turn always gets the same answer, so that a question may be read twice; no two turns get the same.
        `competency` is what the question probes, None if that is not known. Raises Refused (PERSONA_EXHAUSTED) when
        all has been said.
        """
        if turn not in self._said:
            line = self._best(question, competency)
            (self._follow_ups_left if line.competency is None else self._left).remove(line)
            self._said[turn] = line
            if topic := competency or line.competency:
                self._last[topic] = line
        return self._said[turn].text

    def _best(self, question: str, competency: str | None) -> Line:
        candidates = self._candidates(competency)
        if not candidates:
            raise Refused(
                f"The persona {self._script.persona} has said all that was written for it; ask fewer questions.",
                reason="PERSONA_EXHAUSTED",
            )
        return max(candidates, key=lambda line: self._fit(question, line, competency))  # the first of equals

    def _candidates(self, competency: str | None) -> list[Line]:
        """What may be said: on the topic, and follow-ups once it was talked about; failing that, anything left."""
        if competency is None or all(line.competency != competency for line in self._script.answers):
            return self._left + (self._follow_ups_left if self._said else [])
        on_topic = [line for line in self._left if line.competency == competency]
        if competency in self._last:
            on_topic += self._follow_ups_left
        return on_topic or self._follow_ups_left or self._left

    def _fit(self, question: str, line: Line, competency: str | None) -> int:
        """How well a line answers; a follow-up fits a question that takes up words of the last answer."""
        context: Line | None = line
        if line.competency is None:
            context = self._last.get(competency) if competency else next(reversed(self._said.values()), None)
        in_common = words_in_common(question, context.text) if context else 0
        return _KEYWORD_WEIGHT * keyword_hits(question, line.about) + in_common


def load_persona(name: PersonaName, language: Language) -> Persona:
    """A fresh persona, ready for one interview."""
    return Persona(load_script(name, language))


def load_script(name: PersonaName, language: Language) -> Script:
    """All that a persona can say; raises Invalid (PERSONA_INVALID) when the file is not sound."""
    file = resources.files(__package__) / "personas" / f"{name}.{language}.toml"
    return parse_script(file.read_text(encoding="utf-8"), name, language)


def parse_script(text: str, name: PersonaName, language: Language) -> Script:
    """A script from the text of its file; raises Invalid (PERSONA_INVALID) with what is wrong."""
    document = tomllib.loads(text)
    try:
        answers = [Line(table["competency"], _about(table), table["text"].strip()) for table in document["answers"]]
        follow_ups = [Line(None, _about(table), table["text"].strip()) for table in document["follow_ups"]]
        script = Script(name, language, document["name"], tuple(answers), tuple(follow_ups))
    except KeyError as missing:
        raise _unsound(name, language, f"{missing} is wanted") from None
    texts = [line.text for line in answers + follow_ups]
    if len(set(texts)) != len(texts) or not all(texts):
        raise _unsound(name, language, "an answer is empty or stands twice")
    if thin := [
        topic for topic, count in Counter(line.competency for line in answers).items() if count < _LEAST_ANSWERS
    ]:
        raise _unsound(name, language, f"at least {_LEAST_ANSWERS} answers a competency are wanted: {thin}")
    if len(follow_ups) < _LEAST_FOLLOW_UPS:
        raise _unsound(name, language, f"at least {_LEAST_FOLLOW_UPS} follow-ups are wanted")
    return script


def _about(table: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(table.get("about", ()))


def _unsound(name: PersonaName, language: Language, fault: str) -> Invalid:
    return Invalid(f"The persona {name}.{language} is not sound: {fault}.", reason="PERSONA_INVALID")
