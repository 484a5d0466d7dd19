"""An interview in one row: where it is and how it came out. Kept beside the interview whenever it changes, so that a
list of a thousand candidates reads rows and builds no reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import pstdev

from viva_session.domain.bank import Language
from viva_session.domain.interview import Interview
from viva_session.domain.position import Mode
from viva_session.domain.report import CompetencyReport, Coverage, View, build
from viva_session.domain.review import Decision, Review


@dataclass(frozen=True)
class Cell:
    """One competency. `lowest`, `highest` and `deviation` (of the population) are over its single scores."""

    competency_id: str
    title: str
    weight: int
    score: float | None
    scored_weight: float
    lowest: int | None
    highest: int | None
    deviation: float | None
    scores: int
    answers: int


@dataclass(frozen=True)
class Verdicts:
    """What persons decided: the newest decision of each."""

    newest: Decision | None = None
    reviewers: tuple[str, ...] = ()
    disagreement: bool = False


@dataclass(frozen=True)
class Results:
    """What the report says in numbers."""

    version: int
    score: float | None
    scored_weight: float
    cells: tuple[Cell, ...]
    coverage: Coverage
    demo: bool


@dataclass(frozen=True)
class Overview:
    """The row. Nothing in it was said, written or done by the candidate but the fact that it was."""

    position_title: str
    mode: Mode
    language: Language
    scheduled_at: datetime | None
    invitation_expires_at: datetime
    started_at: datetime | None
    ends_at: datetime | None
    completed_at: datetime | None
    topics_planned: int
    topics_begun: int
    asked: int
    answered: int
    open_requests: int
    results: Results | None
    verdicts: Verdicts


def overview_of(interview: Interview) -> Overview:
    """The row of an interview as it stands."""
    return Overview(
        position_title=interview.plan.title,
        mode=interview.plan.mode,
        language=interview.plan.language,
        scheduled_at=interview.scheduled_at,
        invitation_expires_at=interview.invitation_expires_at,
        started_at=interview.started_at,
        ends_at=interview.ends_at,
        completed_at=interview.completed_at,
        topics_planned=len(interview.plan.competencies),
        topics_begun=len({turn.competency_id for turn in interview.asked_turns}),
        asked=len(interview.asked_turns),
        answered=sum(turn.answer.given for turn in interview.asked_turns),
        open_requests=sum(request.open for request in interview.requests),
        results=_results(interview) if interview.report_version and interview.candidate is not None else None,
        verdicts=_verdicts(interview.reviews),
    )


def _results(interview: Interview) -> Results:
    report = build(interview, View.RECRUITER)
    return Results(
        version=interview.report_version,
        score=report.total.score,
        scored_weight=report.total.scored_weight,
        cells=tuple(_cell(interview, competency) for competency in report.competencies),
        coverage=report.coverage,
        demo=report.demo,
    )


def _cell(interview: Interview, report: CompetencyReport) -> Cell:
    single = [
        given for criterion in report.criteria for entry in criterion.turns if (given := entry.counts) is not None
    ]
    turns = [turn for turn in interview.asked_turns if turn.competency_id == report.competency.competency_id]
    return Cell(
        competency_id=report.competency.competency_id,
        title=report.competency.title,
        weight=report.competency.weight,
        score=report.total.score,
        scored_weight=report.total.scored_weight,
        lowest=min(single, default=None),
        highest=max(single, default=None),
        deviation=pstdev(single) if single else None,
        scores=len(single),
        answers=sum(turn.answer.given and bool(turn.answer.text.strip()) for turn in turns),
    )


def _verdicts(reviews: Sequence[Review]) -> Verdicts:
    newest = {review.reviewer_id: review.decision for review in reviews}
    if not newest:
        return Verdicts()
    return Verdicts(reviews[-1].decision, tuple(newest), len(set(newest.values())) > 1)
