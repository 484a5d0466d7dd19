"""What is asked of the workers: the whole context, so that they need know nothing."""

from datetime import datetime, timedelta
from uuid import UUID

from viva.evaluation.v1 import evaluation_pb2 as evaluation
from viva.question.v1 import question_pb2 as question
from viva_core import wellknown
from viva_core.ids import derived

from viva_session.adapters.translate import interviews, values
from viva_session.domain import planner
from viva_session.domain.interview import Interview
from viva_session.domain.turn import Turn

_LONGEST = timedelta(hours=4)


def generate_request(interview: Interview, turn: Turn, request_id: UUID, now: datetime) -> question.GenerateRequest:
    """Asks question_gen for a turn's question."""
    plan = interview.plan
    competency = interview.competency_of(turn)
    excerpts = planner.excerpts_for(competency, interview.resume.excerpts if interview.resume is not None else ())
    follow_up = turn.follow_up.value if turn.follow_up is not None else "UNSPECIFIED"
    return question.GenerateRequest(
        request_id=str(request_id),
        tenant_id=str(interview.tenant_id),
        interview_id=str(interview.interview_id),
        turn_id=str(turn.turn_id),
        language=values.language_value(plan.language),
        position_title=plan.title,
        job_description=plan.job_description,
        competency=interviews.competency_message(competency),
        intent=question.QuestionIntent.Value(f"QUESTION_INTENT_{turn.intent.value}"),
        follow_up_reason=question.FollowUpReason.Value(f"FOLLOW_UP_REASON_{follow_up}"),
        resume_excerpts=[
            question.ResumeExcerpt(excerpt_id=e.excerpt_id, section=e.section, text=e.text) for e in excerpts
        ],
        history=[
            question.PastTurn(
                number=past.number,
                competency_id=past.competency_id,
                question=past.question.text,
                answer=past.answer.text,
            )
            for past in interview.asked_turns
            if past.turn_id != turn.turn_id
        ],
        time_left=wellknown.duration(min(interview.time_left(now), _LONGEST)),
        fallback=question.BankQuestion(question_id=turn.fallback.question_id, text=turn.fallback.text),
        seed=planner.seed_of(interview.interview_id, turn.number),
    )


def evaluation_request_id(turn: Turn, revision: int) -> UUID:
    """The request for one revision of one answer: the same whenever it is asked again, for replay."""
    return derived(turn.turn_id, f"evaluate/{revision}")


def evaluate_request(interview: Interview, turn: Turn, request_id: UUID) -> evaluation.EvaluateRequest:
    """Asks the evaluator to score a turn's answer."""
    competency = interview.competency_of(turn)
    return evaluation.EvaluateRequest(
        request_id=str(request_id),
        tenant_id=str(interview.tenant_id),
        interview_id=str(interview.interview_id),
        turn_id=str(turn.turn_id),
        answer_revision=turn.answer.revision,
        language=values.language_value(interview.plan.language),
        position_title=interview.plan.title,
        competency=interviews.competency_message(competency),
        question=turn.question.text,
        answer=turn.answer.text,
        rubric=values.rubric_message(competency.rubric),
        words=[values.word_message(word) for word in turn.answer.words] if turn.answer.by_ear else [],
        confidence=turn.answer.confidence,
        min_confidence=interview.plan.min_confidence,
    )
