"""The interview as its readers may see it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from viva.common.v1 import types_pb2 as common
from viva.question.v1 import question_pb2 as question
from viva.session.v1 import interview_pb2 as pb
from viva_core import wellknown

from viva_session.adapters.translate import lines, values
from viva_session.domain import access, consent
from viva_session.domain.consent import Consent, Purpose
from viva_session.domain.interview import Interview, State
from viva_session.domain.position import PlannedCompetency
from viva_session.domain.request import CandidateRequest, RequestKind
from viva_session.domain.resume import Resume
from viva_session.domain.review import Decision, Reader, Review, is_sealed
from viva_session.domain.turn import (
    Answer,
    AnswerState,
    ClosedBy,
    Modality,
    Question,
    QuestionState,
    Turn,
)

_STATES = {state: pb.InterviewState.Value(f"INTERVIEW_STATE_{state.name}") for state in State}
_OF_STATE = {value: state for state, value in _STATES.items()}
_QUESTION_STATES = {state: pb.QuestionState.Value(f"QUESTION_STATE_{state.name}") for state in QuestionState}
_ANSWER_STATES = {
    state: pb.ANSWER_STATE_UNSPECIFIED
    if state is AnswerState.CLOSED
    else pb.AnswerState.Value(f"ANSWER_STATE_{state.name}")
    for state in AnswerState
}
_MODALITIES = {modality: common.AnswerModality.Value(f"ANSWER_MODALITY_{modality.name}") for modality in Modality}
_CLOSED_BY = {by: common.AnswerClosedBy.Value(f"ANSWER_CLOSED_BY_{by.name}") for by in ClosedBy}
_PURPOSES = {purpose: common.ConsentPurpose.Value(f"CONSENT_PURPOSE_{purpose.name}") for purpose in Purpose}
_REQUESTS = {kind: pb.RequestKind.Value(f"REQUEST_KIND_{kind.name}") for kind in RequestKind}
_DECISIONS = {decision: common.ReviewDecision.Value(f"REVIEW_DECISION_{decision.name}") for decision in Decision}


def request_kind_of(value: "pb.RequestKind.ValueType") -> RequestKind:
    """What is asked for."""
    return next(kind for kind, known in _REQUESTS.items() if known == value)


def state_value(state: State) -> "pb.InterviewState.ValueType":
    """A state."""
    return _STATES[state]


def state_of(value: "pb.InterviewState.ValueType") -> State | None:
    """A state; None when unspecified."""
    return _OF_STATE.get(value)


def modality_of(value: "common.AnswerModality.ValueType") -> Modality:
    """How an answer was given."""
    return next(modality for modality, known in _MODALITIES.items() if known == value)


def modality_value(modality: Modality) -> "common.AnswerModality.ValueType":
    """How an answer was given."""
    return _MODALITIES[modality]


def closed_by_value(by: ClosedBy) -> "common.AnswerClosedBy.ValueType":
    """Why an answer was closed."""
    return _CLOSED_BY[by]


def decision_of(value: "common.ReviewDecision.ValueType") -> Decision:
    """What a person decides."""
    return next(decision for decision, known in _DECISIONS.items() if known == value)


def decision_value(decision: Decision) -> "common.ReviewDecision.ValueType":
    """What a person decides."""
    return _DECISIONS[decision]


def purposes_in_force(interview: Interview) -> list["common.ConsentPurpose.ValueType"]:
    """Everything that the candidate consents to now."""
    return [value for purpose, value in _PURPOSES.items() if interview.may(purpose)]


def consent_of(message: common.Consent, now: datetime) -> Consent:
    """A row of the ledger; the time is the server's."""
    purpose = next(purpose for purpose, known in _PURPOSES.items() if known == message.purpose)
    return Consent(purpose, message.granted, message.text_version, now)


def consent_message(row: Consent) -> common.Consent:
    """A row of the ledger."""
    return common.Consent(
        purpose=_PURPOSES[row.purpose],
        granted=row.granted,
        text_version=row.text_version,
        recorded_at=wellknown.stamp(row.recorded_at),
    )


def competency_message(competency: PlannedCompetency) -> common.Competency:
    """What is probed."""
    return common.Competency(
        competency_id=competency.competency_id, title=competency.title, description=competency.description
    )


def resume_message(resume: Resume, *, with_text: bool) -> pb.Resume:
    """A résumé, with or without its text."""
    return pb.Resume(
        file_name=resume.file_name,
        media_type=resume.media_type,
        pages=resume.pages,
        excerpts=[
            question.ResumeExcerpt(excerpt_id=e.excerpt_id, section=e.section, text=e.text) for e in resume.excerpts
        ]
        if with_text
        else (),
        uploaded_at=wellknown.stamp(resume.uploaded_at),
    )


def interview_message(
    interview: Interview, sequence: int, tenant_name: str, now: datetime, *, reader: access.Kind, turns: bool = True
) -> pb.Interview:
    """An interview. Candidates see no scores in it, and of a question not how it came about."""
    staff = reader is not access.Kind.CANDIDATE
    plan = interview.plan
    message = pb.Interview(
        interview_id=str(interview.interview_id),
        position_id=str(interview.position_id),
        position_title=plan.title,
        tenant_name=tenant_name,
        state=_STATES[interview.state],
        mode=values.mode_value(plan.mode),
        language=values.language_value(plan.language),
        turns=[turn_message(interview, turn, scores=staff) for turn in interview.turns] if turns else (),
        consents=[consent_message(row) for row in consent.newest(interview.consents).values()],
        progress=_progress(interview, now),
        sequence=sequence,
        created_at=wellknown.stamp(interview.created_at),
        invitation_expires_at=wellknown.stamp(interview.invitation_expires_at),
        patience=wellknown.duration(plan.patience),
        accommodations=plan.accommodations,
        extra_time_percent=interview.extra_time_percent,
        min_confidence=plan.min_confidence,
        requests=[request_message(request, staff=staff) for request in interview.requests],
    )
    if interview.candidate is not None:
        message.candidate.CopyFrom(pb.Candidate(name=interview.candidate.name, email=interview.candidate.email))
    if interview.resume is not None:
        message.resume.CopyFrom(resume_message(interview.resume, with_text=False))
    for name, at in (
        ("scheduled_at", interview.scheduled_at),
        ("started_at", interview.started_at),
        ("ends_at", interview.ends_at),
        ("completed_at", interview.completed_at),
    ):
        if at is not None:
            getattr(message, name).CopyFrom(wellknown.stamp(at))
    return message


def turn_message(interview: Interview, turn: Turn, *, scores: bool) -> pb.Turn:
    """A turn, with or without its scores."""
    message = pb.Turn(
        turn_id=str(turn.turn_id),
        number=turn.number,
        competency=competency_message(interview.competency_of(turn)),
        intent=question.QuestionIntent.Value(f"QUESTION_INTENT_{turn.intent.value}"),
        follow_up_reason=question.FollowUpReason.Value(
            f"FOLLOW_UP_REASON_{turn.follow_up.value if turn.follow_up is not None else 'UNSPECIFIED'}"
        ),
        question=_question_message(turn.question, origin=scores),
        answer=_answer_message(turn.answer),
    )
    if scores and turn.evaluation is not None:
        message.evaluation.CopyFrom(values.evaluation_message(turn.turn_id, turn.evaluation))
        message.human_scores.extend(values.human_score_message(score) for score in turn.human_scores)
    elif turn.answer.state in (AnswerState.EVALUATED, AnswerState.UNSCORED):
        message.answer.state = pb.ANSWER_STATE_SUBMITTED  # that it was scored is none of the candidate's worries yet
    return message


def _question_message(asked: Question, *, origin: bool) -> pb.Question:
    message = pb.Question(
        state=_QUESTION_STATES[asked.state], text=asked.text, requested_at=wellknown.stamp(asked.requested_at)
    )
    if asked.asked_at is not None:
        message.asked_at.CopyFrom(wellknown.stamp(asked.asked_at))
    if asked.origin is not None:
        full = values.origin_message(asked.text, asked.origin)
        # Whether a person wrote the question or a model is the candidate's to know; prompts and tries are not.
        shown = full if origin else question.GeneratedQuestion(text=full.text, source=full.source)
        message.origin.CopyFrom(shown)
    return message


def _answer_message(answer: Answer) -> pb.Answer:
    message = pb.Answer(
        state=_ANSWER_STATES[answer.state],
        text=answer.text,
        revisions=[
            pb.AnswerRevision(revision=number, text=revision.text, created_at=wellknown.stamp(revision.created_at))
            for number, revision in enumerate(answer.revisions, start=1)
        ],
        draft=answer.draft,
        draft_revision=answer.draft_revision,
        confidence=answer.confidence,
        remark=answer.remark,
        words=[values.word_message(word) for word in answer.words],
        passages=[pb.HeardPassage(first_word=place.start, words=len(place)) for place in answer.passages],
        gaps=[
            pb.SpokenGap(start=wellknown.seconds(gap.start), end=wellknown.seconds(gap.end), reason=gap.reason)
            for gap in answer.gaps
        ],
    )
    if (line := answer.spoken_line) is not None:
        message.line.CopyFrom(lines.line_message(line))
        message.line_faults.extend(lines.fault_value(fault) for fault in line.faults)
    if answer.modality is not None:
        message.modality = _MODALITIES[answer.modality]
    if answer.closed_by is not None:
        message.closed_by = _CLOSED_BY[answer.closed_by]
    if answer.submitted_at is not None:
        message.submitted_at.CopyFrom(wellknown.stamp(answer.submitted_at))
    return message


def _progress(interview: Interview, now: datetime) -> pb.Progress:
    running = interview.state in (State.INVITED, State.CONSENTED, State.READY, State.IN_PROGRESS)
    left = interview.time_left(now) if running else timedelta()
    return pb.Progress(
        topics_planned=len(interview.plan.competencies),
        topics_begun=len({turn.competency_id for turn in interview.asked_turns}),
        asking_finished=interview.asking_finished,
        time_left=wellknown.duration(left),
    )


def request_message(request: CandidateRequest, *, staff: bool) -> pb.CandidateRequest:
    """What a candidate asks for; who answered is the employer's to know."""
    return pb.CandidateRequest(
        request_id=str(request.request_id),
        kind=_REQUESTS[request.kind],
        text=request.text,
        created_at=wellknown.stamp(request.created_at),
        resolved_at=None if request.resolved_at is None else wellknown.stamp(request.resolved_at),
        resolved_by=request.resolved_by if staff else "",
        answer=request.answer,
    )


def reader_of(actor: access.Actor) -> Reader:
    """Who reads decisions."""
    return Reader(actor.subject_id, access.may(actor, access.Action.REVIEW_WRITE))


def review_messages(reviews: Sequence[Review], reader: Reader) -> list[pb.Review]:
    """The decisions, oldest first; sealed ones without what and why."""
    sealed = is_sealed((review.reviewer_id for review in reviews), reader)
    return [review_message(review, sealed=sealed) for review in reviews]


def review_message(review: Review, *, sealed: bool = False) -> pb.Review:
    """A decision."""
    return pb.Review(
        review_id=str(review.review_id),
        reviewer_id=review.reviewer_id,
        reviewer_name=review.reviewer_name,
        decision=common.REVIEW_DECISION_UNSPECIFIED if sealed else _DECISIONS[review.decision],
        reason="" if sealed else review.reason,
        report_version=review.report_version,
        created_at=wellknown.stamp(review.created_at),
        sealed=sealed,
    )
