"""What the bank holds, and how one is drawn from it. Pure: the same bank, arguments and seed give the same question."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, TypeVar

from viva_core.errors import NotFound

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")
BANDS = (1, 2, 3, 4, 5)


class Difficulty(StrEnum):
    """How much a question asks of the candidate, easiest first."""

    WARMUP = "warmup"
    CORE = "core"
    DEEP = "deep"


class ProbeKind(StrEnum):
    """What a probe is for: an `opening` for a competency that the bank does not hold, else the planner's reason."""

    OPENING = "opening"
    THIN = "thin"
    NO_EXAMPLE = "no_example"
    NO_RESULT = "no_result"
    DEEPEN = "deepen"


@dataclass(frozen=True)
class BankQuestion:
    """One question in one language. `question_id` is the same in both, so that a change of language repeats nothing."""

    question_id: str
    competency_id: str
    difficulty: Difficulty
    text: str
    strong: tuple[str, ...]
    follow_ups: tuple[str, ...]


@dataclass(frozen=True)
class BankCriterion:
    """One criterion of a ready rubric. `weight` in percent; `anchors[0]` describes band 1, `anchors[4]` band 5."""

    criterion_id: str
    title: str
    description: str
    weight: int
    anchors: tuple[str, ...]

    def anchor(self, band: int) -> str:
        """The behaviour that earns `band`, 1 to 5."""
        return self.anchors[BANDS.index(band)]


@dataclass(frozen=True)
class BankCompetency:
    """One competency in one language: what is meant, how it is scored by default, and what may be asked."""

    competency_id: str
    language: Language
    title: str
    description: str
    criteria: tuple[BankCriterion, ...]
    questions: tuple[BankQuestion, ...]


@dataclass(frozen=True)
class Probe:
    """A question that fits any topic. An opening's text holds `{competency}` until `Bank.probe` fills it in."""

    question_id: str
    kind: ProbeKind
    text: str


class _Identified(Protocol):
    @property
    def question_id(self) -> str: ...


_Item = TypeVar("_Item", bound=_Identified)


class Bank:
    """All competencies and probes, by language."""

    def __init__(
        self,
        competencies: Mapping[Language, Sequence[BankCompetency]],
        probes: Mapping[Language, Sequence[Probe]],
    ) -> None:
        self._competencies = {
            language: {competency.competency_id: competency for competency in of_language}
            for language, of_language in competencies.items()
        }
        self._probes = {language: tuple(of_language) for language, of_language in probes.items()}

    def competencies(self, language: Language) -> tuple[BankCompetency, ...]:
        """All competencies, in the order of the bank."""
        return tuple(self._competencies[language].values())

    def holds(self, competency_id: str) -> bool:
        """Whether there are questions for this competency."""
        return competency_id in self._competencies[LANGUAGES[0]]

    def competency(self, competency_id: str, language: Language) -> BankCompetency:
        """The competency of that id; raises NotFound and names those that exist."""
        try:
            return self._competencies[language][competency_id]
        except KeyError:
            known = ", ".join(self._competencies[language])
            raise NotFound(f"The question bank has no competency {competency_id!r}; it has: {known}.") from None

    def question(self, question_id: str, language: Language) -> BankQuestion:
        """The question of that id, asked for in `language`; raises NotFound."""
        for competency in self._competencies[language].values():
            for question in competency.questions:
                if question.question_id == question_id:
                    return question
        raise NotFound(f"The question bank has no question {question_id!r}.")

    def pick(
        self,
        competency_id: str,
        language: Language,
        exclude_ids: Collection[str] = (),
        seed: int = 0,
        *,
        prefer: Difficulty | None = None,
    ) -> BankQuestion | None:
        """A question that is not in `exclude_ids`, drawn by `seed`; of the preferred difficulty if one is left.

        Returns None when all were excluded; raises NotFound for a competency that the bank does not hold (`probe`
        has openings for those).
        """
        left = [
            question
            for question in self.competency(competency_id, language).questions
            if question.question_id not in exclude_ids
        ]
        preferred = [question for question in left if question.difficulty is prefer]
        return _draw(preferred or left, seed)

    def probe(
        self,
        kind: ProbeKind,
        language: Language,
        *,
        competency_title: str = "",
        exclude_ids: Collection[str] = (),
        seed: int = 0,
    ) -> Probe | None:
        """A probe of that kind that is not in `exclude_ids`, ready to be asked; None when all were excluded.

        `competency_title` is needed for an opening, in the language of the interview.
        """
        left = [
            probe for probe in self._probes[language] if probe.kind is kind and probe.question_id not in exclude_ids
        ]
        drawn = _draw(left, seed)
        if drawn is None or kind is not ProbeKind.OPENING:
            return drawn
        return Probe(drawn.question_id, kind, drawn.text.replace("{competency}", competency_title))


def _draw(items: Sequence[_Item], seed: int) -> _Item | None:
    """The item whose id hashes lowest with the seed: stable when other items come or go, unlike a random index."""
    if not items:
        return None
    return min(items, key=lambda item: hashlib.sha256(f"{seed}/{item.question_id}".encode()).digest())
