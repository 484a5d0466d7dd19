"""Reports."""

from datetime import datetime

from viva.session.v1 import interview_pb2 as pb
from viva_core import wellknown

from viva_session.adapters.translate import interviews, values
from viva_session.domain import access
from viva_session.domain.report import CompetencyReport, Coverage, CriterionReport, Finding, Report, View
from viva_session.domain.review import Reader

_VIEWS = {View.RECRUITER: pb.REPORT_VIEW_RECRUITER, View.CANDIDATE: pb.REPORT_VIEW_CANDIDATE}


def view_of(value: "pb.ReportView.ValueType") -> View:
    """For whom."""
    return next(view for view, known in _VIEWS.items() if known == value)


def report_message(report: Report, sequence: int, tenant_name: str, now: datetime, *, reviews_for: Reader) -> pb.Report:
    """A report. The turns of its interview bear no scores: those stand with their criteria. A candidate is told of the
    questions what the interview told."""
    interview = report.interview
    reader = access.Kind.CANDIDATE if report.view is View.CANDIDATE else access.Kind.STAFF
    staff = reader is access.Kind.STAFF
    bare = interviews.interview_message(interview, sequence, tenant_name, now, reader=reader)
    for turn in bare.turns:
        turn.ClearField("evaluation")
        turn.ClearField("human_scores")
    return pb.Report(
        interview_id=str(interview.interview_id),
        version=interview.report_version,
        view=_VIEWS[report.view],
        created_at=wellknown.stamp(now),
        interview=bare,
        competencies=[_competency(competency, named=staff) for competency in report.competencies],
        total=values.total_message(report.total),
        strengths=[_finding(finding) for finding in report.strengths],
        gaps=[_finding(finding) for finding in report.gaps],
        coverage=coverage_message(report.coverage),
        judge_models=[values.model_message(model) for model in report.judge_models],
        question_models=[values.model_message(model) for model in report.question_models],
        prompts=[values.prompt_message(prompt) for prompt in report.prompts],
        demo=report.demo,
        reviews=interviews.review_messages(report.reviews, reviews_for),
    )


def coverage_message(coverage: Coverage) -> pb.Coverage:
    """What was covered."""
    return pb.Coverage(
        competencies_planned=coverage.competencies_planned,
        competencies_answered=coverage.competencies_answered,
        weight_scored=coverage.weight_scored,
        criteria_total=coverage.criteria_total,
        criteria_unscored=coverage.criteria_unscored,
        criteria_human=coverage.criteria_human,
    )


def _competency(report: CompetencyReport, *, named: bool) -> pb.CompetencyReport:
    return pb.CompetencyReport(
        competency=interviews.competency_message(report.competency),
        weight=report.competency.weight,
        criteria=[_criterion(criterion, named=named) for criterion in report.criteria],
        total=values.total_message(report.total),
        rubric=values.rubric_message(report.competency.rubric),
    )


def _criterion(report: CriterionReport, *, named: bool) -> pb.CriterionReport:
    return pb.CriterionReport(
        criterion=values.criterion_message(report.criterion),
        score=report.score,
        turns=[
            pb.TurnScore(
                turn_id=str(entry.turn.turn_id),
                turn_number=entry.turn.number,
                score=values.score_message(entry.score),
                human_scores=[values.human_score_message(score, named=named) for score in entry.by_hand],
            )
            for entry in report.turns
        ],
        human=report.human,
    )


def _finding(finding: Finding) -> pb.Finding:
    return pb.Finding(
        competency_id=finding.competency_id,
        criterion_id=finding.criterion.criterion_id,
        title=finding.criterion.title,
        score=finding.score,
        rationale=finding.rationale,
        quote=values.quote_message(finding.quote),
        turn_number=finding.turn_number,
    )
