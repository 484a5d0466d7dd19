"""Times, languages, rubrics, scores: what several messages are made of."""

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as evaluation
from viva.event.v1 import events_pb2 as events
from viva.question.v1 import question_pb2 as question
from viva.session.v1 import interview_pb2 as interview
from viva_core import wellknown

from viva_session.domain.bank import Language
from viva_session.domain.evaluation import (
    CriterionScore,
    Evaluation,
    HumanScore,
    ModelRef,
    PromptRef,
    Quote,
    Total,
    Unscored,
    Usage,
)
from viva_session.domain.position import Mode
from viva_session.domain.rubric import Criterion, Rubric
from viva_session.domain.turn import (
    BankReason,
    FailedAttempt,
    Gap,
    Grounding,
    Origin,
    Source,
    SpokenWord,
    Utterance,
)

_LANGUAGES: dict[int, Language] = {common.LANGUAGE_KO: "ko", common.LANGUAGE_EN: "en"}
_MODES = {common.INTERVIEW_MODE_PRACTICE: Mode.PRACTICE, common.INTERVIEW_MODE_HIRING: Mode.HIRING}


def time_of(message: Timestamp) -> datetime:
    """A time, UTC."""
    return message.ToDatetime(tzinfo=UTC)


def language_of(value: "common.Language.ValueType") -> Language:
    """A language."""
    return _LANGUAGES[value]


def language_value(language: Language) -> "common.Language.ValueType":
    """A language."""
    return common.LANGUAGE_KO if language == "ko" else common.LANGUAGE_EN


def mode_of(value: "common.InterviewMode.ValueType") -> Mode:
    """A mode."""
    return _MODES[value]


def mode_value(mode: Mode) -> "common.InterviewMode.ValueType":
    """A mode."""
    return common.INTERVIEW_MODE_PRACTICE if mode is Mode.PRACTICE else common.INTERVIEW_MODE_HIRING


def criterion_of(message: common.Criterion) -> Criterion:
    """A criterion; anchors in the order of their bands, missing ones empty."""
    by_band = {anchor.band: anchor.description for anchor in message.anchors}
    anchors = tuple(by_band.get(band, "") for band in range(1, 6))
    return Criterion(message.criterion_id, message.title, message.description, message.weight, anchors)


def criterion_message(criterion: Criterion) -> common.Criterion:
    """A criterion."""
    return common.Criterion(
        criterion_id=criterion.criterion_id,
        title=criterion.title,
        description=criterion.description,
        weight=criterion.weight,
        anchors=[
            common.BandAnchor(band=band, description=text) for band, text in enumerate(criterion.anchors, start=1)
        ],
    )


def rubric_message(rubric: Rubric) -> common.Rubric:
    """A version of a rubric."""
    return common.Rubric(
        rubric_id=str(rubric.rubric_id),
        version=rubric.version,
        sha256=rubric.sha256,
        criteria=[criterion_message(criterion) for criterion in rubric.criteria],
    )


def quote_of(message: common.Quote) -> Quote:
    """A quote."""
    spoken = message.HasField("start_time") and message.HasField("end_time")
    return Quote(
        message.text,
        message.span.start,
        message.span.end,
        wellknown.seconds_of(message.start_time) if spoken else None,
        wellknown.seconds_of(message.end_time) if spoken else None,
    )


def quote_message(quote: Quote) -> common.Quote:
    """A quote."""
    return common.Quote(
        text=quote.text,
        span=common.TextSpan(start=quote.start, end=quote.end),
        start_time=None if quote.start_time is None else wellknown.seconds(quote.start_time),
        end_time=None if quote.end_time is None else wellknown.seconds(quote.end_time),
    )


def utterance_of(message: events.TranscriptFinal) -> Utterance:
    """A passage that was written down."""
    words = tuple(
        SpokenWord(word.text, wellknown.seconds_of(word.start), wellknown.seconds_of(word.end), word.confidence)
        for word in message.words
    )
    return Utterance(UUID(message.utterance_id), words, model_of(message.model))


def gap_of(message: events.TranscriptGap) -> Gap:
    """A stretch without words."""
    return Gap(wellknown.seconds_of(message.start), wellknown.seconds_of(message.end), message.reason)


def word_message(word: SpokenWord) -> common.SpokenWord:
    """A word that was heard."""
    return common.SpokenWord(
        text=word.text, start=wellknown.seconds(word.start), end=wellknown.seconds(word.end), confidence=word.confidence
    )


def model_of(message: common.ModelRef) -> ModelRef:
    """A model."""
    return ModelRef(message.id, message.engine, message.sha256, message.judge)


def model_message(model: ModelRef) -> common.ModelRef:
    """A model."""
    return common.ModelRef(id=model.model_id, engine=model.engine, sha256=model.sha256, judge=model.judge)


def prompt_of(message: common.PromptRef) -> PromptRef:
    """A prompt."""
    return PromptRef(message.id, message.version, message.sha256)


def prompt_message(prompt: PromptRef) -> common.PromptRef:
    """A prompt."""
    return common.PromptRef(id=prompt.prompt_id, version=prompt.version, sha256=prompt.sha256)


def usage_of(message: common.ModelUsage) -> Usage:
    """What a call cost."""
    return Usage(
        message.prompt_tokens,
        message.cached_prompt_tokens,
        message.completion_tokens,
        wellknown.seconds_of(message.first_token),
        wellknown.seconds_of(message.total),
    )


def usage_message(usage: Usage) -> common.ModelUsage:
    """What a call cost."""
    return common.ModelUsage(
        prompt_tokens=usage.prompt_tokens,
        cached_prompt_tokens=usage.cached_prompt_tokens,
        completion_tokens=usage.completion_tokens,
        first_token=wellknown.seconds(usage.first_token_seconds),
        total=wellknown.seconds(usage.total_seconds),
    )


def total_message(total: Total) -> common.WeightedTotal:
    """A total."""
    return common.WeightedTotal(score=total.score, scored_weight=total.scored_weight)


def score_message(score: CriterionScore) -> evaluation.CriterionScore:
    """One criterion's score."""
    reason = score.unscored.value if score.unscored is not None else "UNSPECIFIED"
    return evaluation.CriterionScore(
        criterion_id=score.criterion_id,
        weight=score.weight,
        score=score.score,
        unscored_reason=evaluation.UnscoredReason.Value(f"UNSCORED_REASON_{reason}"),
        quotes=[quote_message(quote) for quote in score.quotes],
        rationale=score.rationale,
        repaired=score.repaired,
    )


def human_score_message(score: HumanScore, *, named: bool = True) -> interview.HumanScore:
    """A score by a person; whose it is and why are the employer's to know."""
    return interview.HumanScore(
        criterion_id=score.criterion_id,
        score=score.score,
        reason=score.reason if named else "",
        reviewer_id=score.reviewer_id if named else "",
        reviewer_name=score.reviewer_name if named else "",
        answer_revision=score.answer_revision,
        created_at=wellknown.stamp(score.created_at),
    )


def evaluation_message(turn_id: UUID, scored: Evaluation) -> evaluation.AnswerEvaluation:
    """All scores of an answer."""
    return evaluation.AnswerEvaluation(
        turn_id=str(turn_id),
        answer_revision=scored.answer_revision,
        scores=[score_message(score) for score in scored.scores],
        total=total_message(scored.total),
        model=None if scored.model is None else model_message(scored.model),
        prompt=None if scored.prompt is None else prompt_message(scored.prompt),
        rubric_id=str(scored.rubric_id),
        rubric_version=scored.rubric_version,
        rubric_sha256=scored.rubric_sha256,
        usage=None if scored.usage is None else usage_message(scored.usage),
    )


def evaluation_of(message: evaluation.AnswerEvaluation) -> Evaluation:
    """All scores of an answer. A reason this version does not know is MODEL_INVALID."""
    return Evaluation(
        answer_revision=message.answer_revision,
        scores=tuple(_score_of(score) for score in message.scores),
        rubric_id=UUID(message.rubric_id),
        rubric_version=message.rubric_version,
        rubric_sha256=message.rubric_sha256,
        model=model_of(message.model) if message.HasField("model") else None,
        prompt=prompt_of(message.prompt) if message.HasField("prompt") else None,
        usage=usage_of(message.usage) if message.HasField("usage") else None,
    )


def _score_of(message: evaluation.CriterionScore) -> CriterionScore:
    scored = message.HasField("score")
    name = evaluation.UnscoredReason.Name(message.unscored_reason).removeprefix("UNSCORED_REASON_")
    reason = Unscored(name) if name in Unscored.__members__ else Unscored.MODEL_INVALID
    return CriterionScore(
        criterion_id=message.criterion_id,
        weight=message.weight,
        score=message.score if scored else None,
        unscored=None if scored else reason,
        quotes=tuple(quote_of(quote) for quote in message.quotes),
        rationale=message.rationale,
        repaired=message.repaired,
    )


def origin_of(message: question.GeneratedQuestion) -> Origin:
    """How a question came about."""
    by_model = message.source == question.QUESTION_SOURCE_MODEL
    reason = question.BankReason.Name(message.bank_reason).removeprefix("BANK_REASON_")
    grounding = message.grounding
    return Origin(
        source=Source.MODEL if by_model else Source.BANK,
        bank_reason=None if by_model or reason not in BankReason.__members__ else BankReason(reason),
        bank_question_id=message.bank_question_id,
        failed_attempts=tuple(
            FailedAttempt(
                failed.attempt,
                tuple(
                    question.QuestionCheck.Name(check).removeprefix("QUESTION_CHECK_") for check in failed.failed_checks
                ),
            )
            for failed in message.failed_attempts
        ),
        grounding=Grounding(grounding.resume_excerpt_id, grounding.turn_number, grounding.text)
        if message.HasField("grounding")
        else None,
        model=model_of(message.model) if message.HasField("model") else None,
        prompt=prompt_of(message.prompt) if message.HasField("prompt") else None,
        usage=usage_of(message.usage) if message.HasField("usage") else None,
    )


def origin_message(text: str, origin: Origin) -> question.GeneratedQuestion:
    """A question and how it came about."""
    reason = origin.bank_reason.value if origin.bank_reason is not None else "UNSPECIFIED"
    grounding = origin.grounding
    return question.GeneratedQuestion(
        text=text,
        source=question.QuestionSource.Value(f"QUESTION_SOURCE_{origin.source.value}"),
        bank_reason=question.BankReason.Value(f"BANK_REASON_{reason}"),
        bank_question_id=origin.bank_question_id,
        failed_attempts=[
            question.FailedAttempt(
                attempt=failed.attempt,
                failed_checks=[question.QuestionCheck.Value(f"QUESTION_CHECK_{check}") for check in failed.checks],
            )
            for failed in origin.failed_attempts
        ],
        grounding=None
        if grounding is None
        else question.Grounding(
            resume_excerpt_id=grounding.excerpt_id, turn_number=grounding.turn_number, text=grounding.text
        ),
        model=None if origin.model is None else model_message(origin.model),
        prompt=None if origin.prompt is None else prompt_message(origin.prompt),
        usage=None if origin.usage is None else usage_message(origin.usage),
    )
