"""Candidates as rows: a status board, and a table to compare by competency."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from viva_gateway.schemas.base import Language, Mode, Out, Page
from viva_gateway.schemas.interviews import CandidateOut, InterviewState
from viva_gateway.schemas.reports import Decision
from viva_gateway.schemas.scores import WeightedTotal

CandidateOrder = Literal["name", "state", "changed", "score", "competency"]


class Coverage(Out):
    """What was covered."""

    competencies_planned: int
    competencies_answered: int
    weight_scored: float = Field(description="Of the competencies with at least one score, percent")
    criteria_total: int
    criteria_unscored: int = Field(description="Without a score, be it of a model or of a person")
    criteria_human: int = Field(description="Scored by a person")


class CompetencyCell(Out):
    """One competency of one candidate."""

    competency_id: str
    title: str
    weight: int = Field(description="Percent of the overall score")
    total: WeightedTotal | None = Field(description="`scored_weight`: how much of the rubric was scored, percent")
    lowest: int | None = Field(description="Of the single scores")
    highest: int | None = Field(description="Of the single scores")
    deviation: float | None = Field(description="Standard deviation of the single scores (of the population)")
    scores: int = Field(description="How many single scores there are")
    answers: int


class CandidateRow(Out):
    """A candidate: where the interview is and, once there is a report, how it came out."""

    interview_id: str
    position_id: str
    position_title: str
    candidate: CandidateOut | None = Field(description="Null after erasure")
    state: InterviewState | None
    mode: Mode | None
    language: Language | None
    created_at: datetime | None
    scheduled_at: datetime | None
    invitation_expires_at: datetime | None
    started_at: datetime | None
    ends_at: datetime | None
    completed_at: datetime | None
    changed_at: datetime | None
    topics_planned: int
    topics_begun: int
    questions_asked: int
    answers_given: int
    report_version: int = Field(description="0 without a report")
    total: WeightedTotal | None
    competencies: list[CompetencyCell]
    coverage: Coverage | None
    demo: bool
    decision: Decision | None = Field(description="The newest; null without one, and while it is sealed")
    reviewers: int = Field(description="How many persons have decided")
    sealed: bool = Field(description="You may decide and have not: until two persons have, you are not told what")
    disagreement: bool
    open_requests: int = Field(description="What the candidate has asked for and nobody has answered")


class CandidatePage(Page[CandidateRow]):
    """One page of candidates."""

    total: int = Field(description="How many there are on all pages")
    changes_after: str = Field(description="Send it as `after` to `/api/v1/candidates/live`: it misses nothing")
