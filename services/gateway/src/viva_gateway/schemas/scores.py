"""Questions, scores and where they came from."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from viva_gateway.schemas.base import Out

UnscoredReason = Literal[
    "no_evidence",
    "empty_answer",
    "non_answer",
    "low_confidence",
    "model_invalid",
    "model_unavailable",
    "timeout",
    "no_consent",
    "not_addressed",
]
QuestionIntent = Literal["main", "follow_up"]
FollowUpReason = Literal["thin", "no_example", "no_result", "deepen"]
QuestionSource = Literal["model", "bank"]
BankReason = Literal["self_check_failed", "timeout", "model_unavailable"]
QuestionCheck = Literal[
    "empty", "one_question", "language", "preamble", "repeat", "ending", "length", "grounding", "forbidden", "role"
]


class ModelRef(Out):
    """Which model said something."""

    id: str
    engine: str
    sha256: str
    judge: bool = Field(description="False: what it scores is shown as demo")


class PromptRef(Out):
    """Which prompt was used."""

    id: str
    version: int
    sha256: str


class ModelUsage(Out):
    """What a call of a model cost."""

    prompt_tokens: int
    cached_prompt_tokens: int
    completion_tokens: int
    first_token_seconds: float | None
    total_seconds: float | None


class Grounding(Out):
    """What a question builds on."""

    resume_excerpt_id: str
    turn_number: int
    text: str


class FailedAttempt(Out):
    """A try of the model that did not pass the checks."""

    attempt: int
    failed_checks: list[QuestionCheck]


class GeneratedQuestion(Out):
    """A question and how it came about."""

    text: str
    source: QuestionSource | None
    bank_reason: BankReason | None = Field(description="Why the bank was used; null when the model wrote it")
    bank_question_id: str
    failed_attempts: list[FailedAttempt]
    grounding: Grounding | None
    model: ModelRef | None
    prompt: PromptRef | None
    usage: ModelUsage | None


class TextSpan(Out):
    """answer[start:end], in Unicode code points."""

    start: int
    end: int


class Quote(Out):
    """A passage of the answer, word for word."""

    text: str
    span: TextSpan | None
    start_time_seconds: float | None
    end_time_seconds: float | None


class WeightedTotal(Out):
    """A total computed from weights."""

    score: float | None = Field(description="1.0 to 5.0; null when nothing was scored")
    scored_weight: float = Field(description="How much of the weight was scored, percent")


class CriterionScore(Out):
    """A score with its evidence, or the reason why there is none."""

    criterion_id: str
    weight: int
    score: int | None = Field(description="1 to 5; null when unscored")
    unscored_reason: UnscoredReason | None
    quotes: list[Quote]
    rationale: str
    repaired: bool


class AnswerEvaluation(Out):
    """All scores of one answer."""

    turn_id: str
    answer_revision: int
    scores: list[CriterionScore]
    total: WeightedTotal | None
    model: ModelRef | None
    prompt: PromptRef | None
    rubric_id: str
    rubric_version: int
    rubric_sha256: str
    usage: ModelUsage | None


class HumanScore(Out):
    """A score by a named person for what the model left unscored; it stands beside the model's."""

    criterion_id: str
    score: int
    reason: str
    reviewer_id: str
    reviewer_name: str
    answer_revision: int
    created_at: datetime | None


class ScoreDifference(Out):
    """A criterion that came out otherwise."""

    criterion_id: str
    before: int | None
    after: int | None


class ReplayedAnswer(Out):
    """An answer scored again."""

    turn_id: str
    replayed: AnswerEvaluation | None
    differences: list[ScoreDifference]


class Replay(Out):
    """An interview's answers scored again; the originals are untouched."""

    answers: list[ReplayedAnswer]
