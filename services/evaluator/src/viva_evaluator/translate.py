"""Protobuf to domain and back, in one place for the gRPC edge and the bus worker."""

from uuid import UUID

from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as pb
from viva_core import wellknown
from viva_core.errors import Invalid, Violation
from viva_core.models.messages import model_message, prompt_message, usage_message

from viva_evaluator.domain.context import AnswerContext, Criterion, Language, Rubric, SpokenWord
from viva_evaluator.domain.evidence import Quote
from viva_evaluator.domain.scoring import CriterionScore
from viva_evaluator.evaluator import Evaluation
from viva_evaluator.replay import Replayed, Scored

_LANGUAGES: dict[int, Language] = {common.LANGUAGE_KO: "ko", common.LANGUAGE_EN: "en"}


def context_of(request: pb.EvaluateRequest) -> AnswerContext:
    """The domain's view of a validated request. Raises Invalid for a rubric that names a criterion twice."""
    return AnswerContext(
        request_id=UUID(request.request_id),
        turn_id=UUID(request.turn_id),
        answer_revision=request.answer_revision,
        language=_LANGUAGES[request.language],
        position_title=request.position_title,
        competency_title=request.competency.title,
        competency_description=request.competency.description,
        question=request.question,
        answer=request.answer,
        rubric=rubric_of(request.rubric),
        words=tuple(
            SpokenWord(word.text, wellknown.seconds_of(word.start), wellknown.seconds_of(word.end))
            for word in request.words
        ),
        confidence=request.confidence if request.HasField("confidence") else None,
        min_confidence=request.min_confidence,
    )


def rubric_of(rubric: common.Rubric) -> Rubric:
    """The domain's view of a validated rubric. Raises Invalid where a criterion or a band is named twice."""
    if len({criterion.criterion_id for criterion in rubric.criteria}) < len(rubric.criteria):
        raise Invalid("A rubric names a criterion twice.", [Violation("rubric.criteria", "each criterion_id once")])
    return Rubric(UUID(rubric.rubric_id), rubric.version, rubric.sha256, tuple(map(_criterion, rubric.criteria)))


def _criterion(criterion: common.Criterion) -> Criterion:
    anchors = {anchor.band: anchor.description for anchor in criterion.anchors}
    if len(anchors) < len(criterion.anchors):
        raise Invalid(
            f"The criterion {criterion.criterion_id} describes a band twice.",
            [Violation("rubric.criteria.anchors", "the bands 1 to 5, once each")],
        )
    return Criterion(
        criterion_id=criterion.criterion_id,
        title=criterion.title,
        description=criterion.description,
        weight=criterion.weight,
        anchors=tuple(anchors[band] for band in sorted(anchors)),
    )


def scored_of(item: pb.ReplayItem) -> Scored:
    """An answer with the scores it had."""
    scores = {score.criterion_id: score.score or None for score in item.original.scores}
    return Scored(context_of(item.request), scores)


def evaluation_message(context: AnswerContext, evaluation: Evaluation) -> pb.AnswerEvaluation:
    """The scores with how they came about."""
    total = evaluation.total
    message = pb.AnswerEvaluation(
        turn_id=str(context.turn_id),
        answer_revision=context.answer_revision,
        scores=map(_score, evaluation.scores),
        total=common.WeightedTotal(score=total.score, scored_weight=total.scored_weight),
        rubric_id=str(context.rubric.rubric_id),
        rubric_version=context.rubric.version,
        rubric_sha256=context.rubric.sha256,
    )
    if evaluation.model is not None:
        message.model.CopyFrom(model_message(evaluation.model))
    if evaluation.prompt is not None:
        message.prompt.CopyFrom(prompt_message(evaluation.prompt))
    if evaluation.cost is not None:
        message.usage.CopyFrom(usage_message(evaluation.cost))
    return message


def replayed_message(replayed: Replayed) -> pb.ReplayedAnswer:
    """An answer scored again."""
    return pb.ReplayedAnswer(
        turn_id=str(replayed.context.turn_id),
        replayed=evaluation_message(replayed.context, replayed.evaluation),
        differences=[
            pb.ScoreDifference(criterion_id=each.criterion_id, before=each.before, after=each.after)
            for each in replayed.differences
        ],
    )


def _score(score: CriterionScore) -> pb.CriterionScore:
    return pb.CriterionScore(
        criterion_id=score.criterion_id,
        weight=score.weight,
        score=score.score,
        unscored_reason=pb.UnscoredReason.Value(
            f"UNSCORED_REASON_{score.unscored.value if score.unscored else 'UNSPECIFIED'}"
        ),
        quotes=map(_quote, score.quotes),
        rationale=score.rationale,
        repaired=score.repaired,
    )


def _quote(quote: Quote) -> common.Quote:
    message = common.Quote(text=quote.text, span=common.TextSpan(start=quote.start, end=quote.end))
    if quote.start_time is not None and quote.end_time is not None:
        message.start_time.CopyFrom(wellknown.seconds(quote.start_time))
        message.end_time.CopyFrom(wellknown.seconds(quote.end_time))
    return message
