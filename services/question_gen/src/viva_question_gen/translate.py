"""Protobuf to domain and back, in one place for the gRPC edge and the bus worker."""

from uuid import UUID

from viva.common.v1 import types_pb2 as common
from viva.question.v1 import question_pb2 as pb
from viva_core.models.messages import model_message, prompt_message, usage_message

from viva_question_gen.domain.context import (
    AskContext,
    BankQuestion,
    Excerpt,
    FollowUp,
    Intent,
    Language,
    PastTurn,
)
from viva_question_gen.generator import Made, Piece

_LANGUAGES: dict[int, Language] = {common.LANGUAGE_KO: "ko", common.LANGUAGE_EN: "en"}
_INTENTS = {pb.QUESTION_INTENT_MAIN: Intent.MAIN, pb.QUESTION_INTENT_FOLLOW_UP: Intent.FOLLOW_UP}
_FOLLOW_UPS = {
    pb.FOLLOW_UP_REASON_THIN: FollowUp.THIN,
    pb.FOLLOW_UP_REASON_NO_EXAMPLE: FollowUp.NO_EXAMPLE,
    pb.FOLLOW_UP_REASON_NO_RESULT: FollowUp.NO_RESULT,
    pb.FOLLOW_UP_REASON_DEEPEN: FollowUp.DEEPEN,
}


def context_of(request: pb.GenerateRequest) -> AskContext:
    """The domain's view of a validated request. A follow-up without a reason digs for detail."""
    intent = _INTENTS[request.intent]
    follow_up = _FOLLOW_UPS.get(request.follow_up_reason, FollowUp.THIN) if intent is Intent.FOLLOW_UP else None
    return AskContext(
        request_id=UUID(request.request_id),
        turn_id=UUID(request.turn_id),
        language=_LANGUAGES[request.language],
        position_title=request.position_title,
        job_description=request.job_description,
        competency_id=request.competency.competency_id,
        competency_title=request.competency.title,
        competency_description=request.competency.description,
        intent=intent,
        follow_up=follow_up,
        excerpts=tuple(Excerpt(e.excerpt_id, e.section, e.text) for e in request.resume_excerpts),
        history=tuple(PastTurn(t.number, t.competency_id, t.question, t.answer) for t in request.history),
        fallback=BankQuestion(request.fallback.question_id, request.fallback.text),
        seed=request.seed,
    )


def delta_message(turn_id: str, piece: Piece) -> pb.QuestionDelta:
    """A piece, for the live subject or the stream."""
    return pb.QuestionDelta(
        turn_id=turn_id, attempt=piece.attempt, sequence=piece.sequence, text=piece.text, delta=piece.delta
    )


def question_message(made: Made, fallback: BankQuestion) -> pb.GeneratedQuestion:
    """The question with how it came about."""
    by_model = made.fallback is None
    message = pb.GeneratedQuestion(
        text=made.text,
        source=pb.QUESTION_SOURCE_MODEL if by_model else pb.QUESTION_SOURCE_BANK,
        bank_reason=pb.BankReason.Value(f"BANK_REASON_{made.fallback.value if made.fallback else 'UNSPECIFIED'}"),
        bank_question_id="" if by_model else fallback.question_id,
        failed_attempts=[
            pb.FailedAttempt(
                attempt=failed.attempt,
                failed_checks=[pb.QuestionCheck.Value(f"QUESTION_CHECK_{check.value}") for check in failed.checks],
            )
            for failed in made.failed
        ],
        prompt=prompt_message(made.prompt),
    )
    if made.grounding is not None:
        message.grounding.CopyFrom(
            pb.Grounding(
                resume_excerpt_id=made.grounding.excerpt_id,
                turn_number=made.grounding.turn_number,
                text=made.grounding.text,
            )
        )
    if made.model is not None:
        message.model.CopyFrom(model_message(made.model))
    if made.cost is not None:
        message.usage.CopyFrom(usage_message(made.cost))
    return message
