"""What happened, as messages: for the interview's log, for the bus, and for who watches."""

from datetime import datetime
from functools import singledispatch
from typing import Any

from google.protobuf.message import Message
from viva.event.v1 import events_pb2 as pb
from viva.question.v1 import question_pb2 as question
from viva_core import wellknown

from viva_session.adapters.translate import interviews, lines, values
from viva_session.domain import outcome as domain
from viva_session.domain.interview import Interview


def event_message(interview: Interview, event: domain.Event, at: datetime) -> Message:
    """The event's message."""
    head = {
        "tenant_id": str(interview.tenant_id),
        "interview_id": str(interview.interview_id),
        "occurred_at": wellknown.stamp(at),
    }
    return _message(event, {**head, "interview": interview})


@singledispatch
def _message(event: Any, head: dict[str, Any]) -> Message:
    """Events that carry nothing but their head bear the same name in the domain and in the contract."""
    kind: type[Message] = getattr(pb, type(event).__name__)
    return kind(**_bare(head))


def _bare(head: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in head.items() if name != "interview"}


@_message.register
def _(event: domain.InterviewCreated, head: dict[str, Any]) -> Message:
    position_id = str(head["interview"].position_id)
    return pb.InterviewCreated(**_bare(head), position_id=position_id, expires_at=wellknown.stamp(event.expires_at))


@_message.register
def _(event: domain.ConsentRecorded, head: dict[str, Any]) -> Message:
    interview: Interview = head["interview"]
    return pb.ConsentRecorded(
        **_bare(head),
        consent=interviews.consent_message(event.consent),
        mode=values.mode_value(interview.plan.mode),
        in_force=interviews.purposes_in_force(interview),
    )


@_message.register
def _(event: domain.InterviewStarted, head: dict[str, Any]) -> Message:
    return pb.InterviewStarted(**_bare(head), ends_at=wellknown.stamp(event.ends_at))


@_message.register
def _(event: domain.TranscriptFinal, head: dict[str, Any]) -> Message:
    return pb.TranscriptFinal(
        **_bare(head),
        turn_id=str(event.turn_id),
        utterance_id=str(event.utterance.utterance_id),
        words=[values.word_message(word) for word in event.utterance.words],
        model=values.model_message(event.utterance.model),
    )


@_message.register
def _(event: domain.TranscriptGap, head: dict[str, Any]) -> Message:
    return pb.TranscriptGap(
        **_bare(head),
        turn_id=str(event.turn_id),
        start=wellknown.seconds(event.gap.start),
        end=wellknown.seconds(event.gap.end),
        reason=event.gap.reason,
    )


@_message.register
def _(event: domain.LineQualityMeasured, head: dict[str, Any]) -> Message:
    return pb.LineQualityMeasured(**_bare(head), turn_id=str(event.turn_id), quality=lines.line_message(event.line))


@_message.register
def _(event: domain.QuestionRequested, head: dict[str, Any]) -> Message:
    follow_up = event.follow_up.value if event.follow_up is not None else "UNSPECIFIED"
    return pb.QuestionRequested(
        **_bare(head),
        turn_id=str(event.turn_id),
        turn_number=event.turn_number,
        competency_id=event.competency_id,
        intent=question.QuestionIntent.Value(f"QUESTION_INTENT_{event.intent.value}"),
        follow_up_reason=question.FollowUpReason.Value(f"FOLLOW_UP_REASON_{follow_up}"),
    )


@_message.register
def _(event: domain.QuestionStarted, head: dict[str, Any]) -> Message:
    return pb.QuestionStarted(**_bare(head), turn_id=str(event.turn_id), request_id=str(event.request_id))


@_message.register
def _(event: domain.QuestionAsked, head: dict[str, Any]) -> Message:
    made = values.origin_message(event.text, event.origin)
    return pb.QuestionAsked(**_bare(head), turn_id=str(event.turn_id), question=made)


@_message.register
def _(event: domain.AnswerSubmitted, head: dict[str, Any]) -> Message:
    return pb.AnswerSubmitted(
        **_bare(head),
        turn_id=str(event.turn_id),
        modality=interviews.modality_value(event.modality),
        closed_by=interviews.closed_by_value(event.closed_by),
    )


@_message.register
def _(event: domain.TranscriptRevised, head: dict[str, Any]) -> Message:
    return pb.TranscriptRevised(**_bare(head), turn_id=str(event.turn_id), revision=event.revision)


@_message.register
def _(event: domain.AnswerScored, head: dict[str, Any]) -> Message:
    scored = values.evaluation_message(event.turn_id, event.evaluation)
    return pb.AnswerScored(**_bare(head), turn_id=str(event.turn_id), evaluation=scored)


@_message.register
def _(event: domain.ReportReady, head: dict[str, Any]) -> Message:
    return pb.ReportReady(**_bare(head), version=event.version)


@_message.register
def _(event: domain.ReviewSubmitted, head: dict[str, Any]) -> Message:
    decision = interviews.decision_value(event.decision)
    return pb.ReviewSubmitted(**_bare(head), decision=decision, reviewer_id=event.reviewer_id)


@_message.register
def _(event: domain.CandidateRequested, head: dict[str, Any]) -> Message:
    return pb.CandidateRequested(**_bare(head), request_id=str(event.request_id), kind=event.kind.value)


@_message.register
def _(event: domain.InterviewErased, head: dict[str, Any]) -> Message:
    return pb.InterviewErased(**_bare(head), receipt_id=str(event.receipt_id))
