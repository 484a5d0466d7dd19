"""Scores as they are taken into an interview. Each is looked at again here, whoever made it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from viva_session.domain.rubric import Rubric


class Unscored(StrEnum):
    """Why a criterion has no score; the names are those of viva.evaluation.v1.UnscoredReason."""

    NO_EVIDENCE = "NO_EVIDENCE"
    EMPTY_ANSWER = "EMPTY_ANSWER"
    NON_ANSWER = "NON_ANSWER"
    LOW_CONFIDENCE = "LOW_CONFIDENCE"
    MODEL_INVALID = "MODEL_INVALID"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    TIMEOUT = "TIMEOUT"
    NO_CONSENT = "NO_CONSENT"
    NOT_ADDRESSED = "NOT_ADDRESSED"


@dataclass(frozen=True)
class Quote:
    """A passage: answer[start:end] is `text`, in code points. Times in seconds, for spoken answers."""

    text: str
    start: int
    end: int
    start_time: float | None = None
    end_time: float | None = None

    def stands_in(self, answer: str) -> bool:
        """Whether it is where it says it is."""
        return bool(self.text.strip()) and answer[self.start : self.end] == self.text


@dataclass(frozen=True)
class CriterionScore:
    """A score from 1 to 5 with quotes, or the reason why there is none."""

    criterion_id: str
    weight: int
    score: int | None
    unscored: Unscored | None
    quotes: tuple[Quote, ...] = ()
    rationale: str = ""
    repaired: bool = False


@dataclass(frozen=True)
class HumanScore:
    """A score from 1 to 5 by a named person, for what the model left unscored. It stands beside the model's."""

    criterion_id: str
    score: int
    reason: str
    reviewer_id: str
    reviewer_name: str
    answer_revision: int
    created_at: datetime


@dataclass(frozen=True)
class ModelRef:
    """Which model; `judge`: the catalogue trusts it to judge."""

    model_id: str
    engine: str
    sha256: str
    judge: bool


@dataclass(frozen=True)
class PromptRef:
    """Which prompt."""

    prompt_id: str
    version: int
    sha256: str


@dataclass(frozen=True)
class Usage:
    """What a call of a model cost; seconds."""

    prompt_tokens: int
    cached_prompt_tokens: int
    completion_tokens: int
    first_token_seconds: float
    total_seconds: float


@dataclass(frozen=True)
class Evaluation:
    """All scores of one revision of one answer."""

    answer_revision: int
    scores: tuple[CriterionScore, ...]
    rubric_id: UUID
    rubric_version: int
    rubric_sha256: str
    model: ModelRef | None = None
    prompt: PromptRef | None = None
    usage: Usage | None = None

    @property
    def scored(self) -> bool:
        """Whether any criterion has a score."""
        return any(score.score is not None for score in self.scores)

    @property
    def timed_out(self) -> bool:
        """Whether nobody has looked at it yet: a late result may still take its place."""
        return all(score.unscored is Unscored.TIMEOUT for score in self.scores)

    @property
    def total(self) -> "Total":
        """The weighted mean of what was scored."""
        return weighted_total((score.weight, score.score) for score in self.scores)


@dataclass(frozen=True)
class Total:
    """`score`: weighted mean, 1.0 to 5.0, None when nothing was scored; `scored_weight`: percent that was."""

    score: float | None
    scored_weight: float


def weighted_total(parts: Iterable[tuple[float, float | None]]) -> Total:
    """The weighted arithmetic mean of the parts that have a value: sum(w*x)/sum(w). Others count in the weight only."""
    listed = list(parts)
    everything = sum(weight for weight, _ in listed)
    scored = [(weight, value) for weight, value in listed if value is not None]
    weight = sum(weight for weight, _ in scored)
    if weight <= 0 or everything <= 0:
        return Total(None, 0.0)
    return Total(sum(w * value for w, value in scored) / weight, 100.0 * weight / everything)


def unscored(rubric: Rubric, revision: int, reason: Unscored) -> Evaluation:
    """An evaluation that leaves every criterion open, for one reason."""
    scores = tuple(CriterionScore(c.criterion_id, c.weight, None, reason) for c in rubric.criteria)
    return Evaluation(revision, scores, rubric.rubric_id, rubric.version, rubric.sha256)


def verified(evaluation: Evaluation, rubric: Rubric, answer: str) -> Evaluation:
    """The evaluation with nothing in it that the answer and the rubric do not bear out.

    A score without a quote that stands in the answer becomes unscored; a criterion of another rubric is dropped, a
    missing one is unscored; weights are the rubric's.
    """
    given = {score.criterion_id: score for score in evaluation.scores}
    scores = tuple(_verified(given.get(c.criterion_id), c.criterion_id, c.weight, answer) for c in rubric.criteria)
    return replace(
        evaluation,
        scores=scores,
        rubric_id=rubric.rubric_id,
        rubric_version=rubric.version,
        rubric_sha256=rubric.sha256,
    )


def _verified(score: CriterionScore | None, criterion_id: str, weight: int, answer: str) -> CriterionScore:
    if score is None:
        return CriterionScore(criterion_id, weight, None, Unscored.MODEL_INVALID)
    quotes = tuple(quote for quote in score.quotes if quote.stands_in(answer))
    if score.score is None:
        return replace(score, weight=weight, quotes=quotes, unscored=score.unscored or Unscored.MODEL_INVALID)
    if score.score not in (1, 2, 3, 4, 5):
        return replace(score, weight=weight, score=None, quotes=(), unscored=Unscored.MODEL_INVALID)
    if not quotes:
        return replace(score, weight=weight, score=None, quotes=(), unscored=Unscored.NO_EVIDENCE)
    return replace(score, weight=weight, quotes=quotes, unscored=None)
