"""What is judged: one answer, its question, and the rubric."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Language = Literal["ko", "en"]
BANDS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Criterion:
    """One thing that is scored. `anchors[0]` describes band 1, `anchors[4]` band 5; `weight` in percent."""

    criterion_id: str
    title: str
    description: str
    weight: int
    anchors: tuple[str, ...]


@dataclass(frozen=True)
class Rubric:
    """A frozen version of a rubric."""

    rubric_id: UUID
    version: int
    sha256: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class SpokenWord:
    """One word of a transcript; seconds from the start of the answer."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class AnswerContext:
    """One answer with everything that is needed to judge it. `confidence` is that of speech to text, 0.0 to 1.0; None
    for a typed answer."""

    request_id: UUID
    turn_id: UUID
    answer_revision: int
    language: Language
    position_title: str
    competency_title: str
    competency_description: str
    question: str
    answer: str
    rubric: Rubric
    words: tuple[SpokenWord, ...] = ()
    confidence: float | None = None
    min_confidence: float = 0.0
