"""Rows of candidates."""

from datetime import datetime

from viva.common.v1 import types_pb2 as common
from viva.session.v1 import interview_pb2 as pb
from viva.session.v1 import session_pb2 as api
from viva_core import wellknown

from viva_session.adapters.candidates import Order, Row
from viva_session.adapters.translate import interviews, reports, values
from viva_session.domain.evaluation import Total
from viva_session.domain.overview import Cell
from viva_session.domain.review import Reader, is_sealed

_ORDERS = {api.CandidateOrder.Value(f"CANDIDATE_ORDER_{order.value.upper()}"): order for order in Order}


def order_of(value: "api.CandidateOrder.ValueType") -> Order:
    """What candidates are sorted by."""
    return _ORDERS[value]


def row_message(row: Row, reader: Reader) -> pb.CandidateRow:
    """One candidate, as far as the reader may know."""
    overview = row.overview
    verdicts = overview.verdicts
    sealed = is_sealed(verdicts.reviewers, reader)
    message = pb.CandidateRow(
        interview_id=str(row.interview_id),
        position_id=str(row.position_id),
        position_title=overview.position_title,
        candidate=None if row.candidate is None else pb.Candidate(name=row.candidate.name, email=row.candidate.email),
        state=interviews.state_value(row.state),
        mode=values.mode_value(overview.mode),
        language=values.language_value(overview.language),
        created_at=wellknown.stamp(row.created_at),
        changed_at=wellknown.stamp(row.changed_at),
        topics_planned=overview.topics_planned,
        topics_begun=overview.topics_begun,
        questions_asked=overview.asked,
        answers_given=overview.answered,
        decision=common.REVIEW_DECISION_UNSPECIFIED
        if sealed or verdicts.newest is None
        else interviews.decision_value(verdicts.newest),
        reviewers=len(verdicts.reviewers),
        sealed=sealed,
        disagreement=verdicts.disagreement and not sealed,
        open_requests=overview.open_requests,
    )
    times: dict[str, datetime | None] = {
        "scheduled_at": overview.scheduled_at,
        "invitation_expires_at": overview.invitation_expires_at,
        "started_at": overview.started_at,
        "ends_at": overview.ends_at,
        "completed_at": overview.completed_at,
    }
    for name, at in times.items():
        if at is not None:
            getattr(message, name).CopyFrom(wellknown.stamp(at))
    results = overview.results
    if results is not None:
        message.report_version = results.version
        message.total.CopyFrom(values.total_message(Total(results.score, results.scored_weight)))
        message.competencies.extend(_cell(cell) for cell in results.cells)
        message.coverage.CopyFrom(reports.coverage_message(results.coverage))
        message.demo = results.demo
    return message


def _cell(cell: Cell) -> pb.CompetencyCell:
    return pb.CompetencyCell(
        competency_id=cell.competency_id,
        title=cell.title,
        weight=cell.weight,
        total=values.total_message(Total(cell.score, cell.scored_weight)),
        lowest=cell.lowest,
        highest=cell.highest,
        deviation=cell.deviation,
        scores=cell.scores,
        answers=cell.answers,
    )
