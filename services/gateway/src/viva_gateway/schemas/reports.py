"""Reports, decisions, the audit log and erasures."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from viva_gateway.schemas.base import WHOLE, In, Out, Slug, Text, Uuid, Whole
from viva_gateway.schemas.scores import AnswerEvaluation

Decision = Literal["advance", "hold", "decline"]
ReportFormat = Literal["html", "json", "pdf"]
View = Literal["recruiter", "candidate"]
ActorKind = Literal["staff", "candidate", "service"]


class ReviewIn(In):
    """The decision of the person who is signed in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"decision": "advance", "reason": "Explains trade-offs with measurements.", "report_version": 1}
            ]
        }
    )

    decision: Decision
    reason: Annotated[Text, Field(min_length=10, max_length=4000)]
    report_version: Whole = Field(ge=1, le=2**31 - 1, description="The report that was read")


class Review(Out):
    """The decision of a named person."""

    review_id: str
    reviewer_id: str
    reviewer_name: str
    decision: Decision | None
    reason: str
    report_version: int
    created_at: datetime | None
    sealed: bool = Field(
        description="Decision and reason are kept from you: you may decide and have not, and only one person has"
    )


class HandScoreIn(In):
    """A score for a criterion that the model left unscored, by the person who is signed in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"criterion_id": "reasoning", "score": 3, "reason": "Weighs two designs, but measures neither."}
            ]
        }
    )

    criterion_id: Slug
    score: Annotated[int, Field(ge=1, le=5), WHOLE]
    reason: Annotated[Text, Field(min_length=10, max_length=4000)]


class Reviews(Out):
    """The decisions on an interview, oldest first."""

    items: list[Review]


class ReplayIn(In):
    """With what to score again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"model_id": "solar-10.7b-instruct"}]})

    model_id: Annotated[Text, Field(max_length=200)] = ""
    prompt_version: Whole = Field(default=0, ge=0, le=100_000, description="0: the one in service")
    rubric_id: Annotated[Uuid, Field(strict=False)] | None = Field(
        default=None, description="Another rubric for every answer"
    )
    rubric_version: Whole = Field(default=0, ge=0, le=100_000, description="Its version; 0: the newest")


class Evaluated(Out):
    """What was asked and what came of it."""

    turn_id: str
    question: str
    answer: str
    evaluation: AnswerEvaluation | None


class Evaluations(Out):
    """The scores of an interview, one entry an answer."""

    items: list[Evaluated]


class AuditEntry(Out):
    """A line of the audit log."""

    at: datetime | None
    actor_kind: ActorKind | None
    actor_id: str
    actor_name: str
    action: str
    object: str
    interview_id: str


class ErasedStore(Out):
    """What one store held and gave up."""

    store: str
    what: str
    removed: int


class ErasureReceipt(Out):
    """Proof of an erasure."""

    receipt_id: str
    interview_id: str
    erased_at: datetime | None
    requested_by: ActorKind | None
    stores: list[ErasedStore]
