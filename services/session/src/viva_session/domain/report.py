"""The report, computed from the interview. No model writes a word of it; what is unscored enters no number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from viva_session.domain.evaluation import (
    CriterionScore,
    HumanScore,
    ModelRef,
    PromptRef,
    Quote,
    Total,
    weighted_total,
)
from viva_session.domain.interview import Interview
from viva_session.domain.position import PlannedCompetency
from viva_session.domain.review import Review
from viva_session.domain.rubric import Criterion
from viva_session.domain.turn import Turn

_T = TypeVar("_T")

STRENGTH_FROM = 4.0
GAP_UP_TO = 2.0


class View(StrEnum):
    """For whom a report is made."""

    RECRUITER = "recruiter"
    CANDIDATE = "candidate"


@dataclass(frozen=True)
class TurnScore:
    """A criterion's score in one turn, and what persons gave it, oldest first."""

    turn: Turn
    score: CriterionScore
    by_hand: tuple[HumanScore, ...] = ()

    @property
    def counts(self) -> int | None:
        """The score that counts: the model's, or else the newest of a person; None without any."""
        if self.score.score is not None:
            return self.score.score
        return self.by_hand[-1].score if self.by_hand else None

    @property
    def human(self) -> bool:
        """Whether what counts is a person's."""
        return self.score.score is None and bool(self.by_hand)


@dataclass(frozen=True)
class CriterionReport:
    """A criterion over all its turns; `score` is the mean of those that were scored, None without any."""

    criterion: Criterion
    score: float | None
    turns: tuple[TurnScore, ...]

    @property
    def human(self) -> bool:
        """Whether a person's score is in the mean."""
        return any(entry.human for entry in self.turns)


@dataclass(frozen=True)
class CompetencyReport:
    """A competency: its criteria and their weighted mean."""

    competency: PlannedCompetency
    criteria: tuple[CriterionReport, ...]
    total: Total


@dataclass(frozen=True)
class Finding:
    """A strength or a gap, with the quote that shows it best."""

    competency_id: str
    criterion: Criterion
    score: float
    rationale: str
    quote: Quote
    turn_number: int


@dataclass(frozen=True)
class Coverage:
    """What was covered; weights in percent."""

    competencies_planned: int
    competencies_answered: int
    weight_scored: float
    criteria_total: int
    criteria_unscored: int
    criteria_human: int = 0


@dataclass(frozen=True)
class Report:
    """A report for one kind of reader."""

    interview: Interview
    view: View
    competencies: tuple[CompetencyReport, ...]
    total: Total
    strengths: tuple[Finding, ...]
    gaps: tuple[Finding, ...]
    coverage: Coverage
    judge_models: tuple[ModelRef, ...]
    question_models: tuple[ModelRef, ...]
    prompts: tuple[PromptRef, ...]
    demo: bool
    reviews: tuple[Review, ...]


def build(interview: Interview, view: View) -> Report:
    """The report of an interview as it stands. The candidate's has no overall number and no reviews: no ranking."""
    competencies = tuple(_competency(interview, planned) for planned in interview.plan.competencies)
    evaluations = [turn.evaluation for turn in interview.turns if turn.evaluation is not None]
    judges = _distinct(evaluation.model for evaluation in evaluations)
    total = weighted_total((report.competency.weight, report.total.score) for report in competencies)
    report = Report(
        interview=interview,
        view=view,
        competencies=competencies,
        total=total,
        strengths=_findings(competencies, strengths=True),
        gaps=_findings(competencies, strengths=False),
        coverage=_coverage(interview, competencies),
        judge_models=judges,
        question_models=_distinct(t.question.origin.model for t in interview.turns if t.question.origin is not None),
        prompts=_distinct(evaluation.prompt for evaluation in evaluations),
        demo=any(not model.judge for model in judges),
        reviews=interview.reviews,
    )
    if view is View.CANDIDATE:
        return replace(report, total=Total(None, 0.0), reviews=())
    return report


def _competency(interview: Interview, planned: PlannedCompetency) -> CompetencyReport:
    turns = [turn for turn in interview.asked_turns if turn.competency_id == planned.competency_id]
    criteria = tuple(_criterion(criterion, turns) for criterion in planned.rubric.criteria)
    total = weighted_total((report.criterion.weight, report.score) for report in criteria)
    return CompetencyReport(planned, criteria, total)


def _criterion(criterion: Criterion, turns: Sequence[Turn]) -> CriterionReport:
    found = tuple(
        TurnScore(turn, score, turn.human_scores_of(criterion.criterion_id))
        for turn in turns
        if turn.evaluation is not None
        for score in turn.evaluation.scores
        if score.criterion_id == criterion.criterion_id
    )
    given = [entry.counts for entry in found if entry.counts is not None]
    return CriterionReport(criterion, sum(given) / len(given) if given else None, found)


def _findings(competencies: Sequence[CompetencyReport], *, strengths: bool) -> tuple[Finding, ...]:
    found = []
    for report in competencies:
        for entry in report.criteria:
            if entry.score is None or not (entry.score >= STRENGTH_FROM if strengths else entry.score <= GAP_UP_TO):
                continue
            finding = _finding(report.competency.competency_id, entry, strengths=strengths)
            if finding is not None:
                found.append(finding)
    return tuple(sorted(found, key=lambda finding: -finding.score if strengths else finding.score))


def _finding(competency_id: str, entry: CriterionReport, *, strengths: bool) -> Finding | None:
    """The finding with the quote of the turn that shows it most."""
    quoted = [t for t in entry.turns if t.score.score is not None and t.score.quotes]
    if not quoted or entry.score is None:
        return None
    telling = sorted(quoted, key=lambda t: t.score.score or 0, reverse=strengths)[0]
    quote = max(telling.score.quotes, key=lambda quote: len(quote.text))
    return Finding(competency_id, entry.criterion, entry.score, telling.score.rationale, quote, telling.turn.number)


def _coverage(interview: Interview, competencies: Sequence[CompetencyReport]) -> Coverage:
    answered = {turn.competency_id for turn in interview.turns if turn.answer.given and turn.answer.text.strip()}
    scores = [
        TurnScore(turn, score, turn.human_scores_of(score.criterion_id))
        for turn in interview.turns
        if turn.evaluation is not None
        for score in turn.evaluation.scores
    ]
    planned = sum(report.competency.weight for report in competencies)
    scored = sum(report.competency.weight for report in competencies if report.total.score is not None)
    return Coverage(
        competencies_planned=len(competencies),
        competencies_answered=len(answered),
        weight_scored=100.0 * scored / planned if planned else 0.0,
        criteria_total=len(scores),
        criteria_unscored=sum(entry.counts is None for entry in scores),
        criteria_human=sum(entry.human for entry in scores),
    )


def _distinct(items: Iterable[_T | None]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(item for item in items if item is not None))
