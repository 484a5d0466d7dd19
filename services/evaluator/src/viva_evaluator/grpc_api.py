"""The gRPC edge: translate, call, translate.

Evaluate and Replay store nothing and say nothing on the bus: they answer the caller. Whether the candidate consented to
scoring by a model is the session's to check before it asks; the evaluator acts on what it is sent.
"""

import time
from datetime import timedelta

import grpc
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as pb
from viva.evaluation.v1 import evaluation_pb2_grpc
from viva_core.errors import Denied, Invalid, Transient, Violation
from viva_core.grpc import current_actor
from viva_core.models.messages import model_message
from viva_core.models.port import TextModel

from viva_evaluator.evaluator import Evaluator
from viva_evaluator.metrics import EvaluationMetrics
from viva_evaluator.replay import Replay
from viva_evaluator.translate import (
    context_of,
    evaluation_message,
    replayed_message,
    rubric_of,
    scored_of,
)

# Left of the caller's time for the way back.
_MARGIN = 0.5


class EvaluationApi(evaluation_pb2_grpc.EvaluationServiceServicer):
    """Serves viva.evaluation.v1.EvaluationService. `longest` bounds an answer, whatever deadline the caller gave; a
    replay is many answers, and only its caller's deadline bounds it."""

    def __init__(
        self, evaluator: Evaluator, replay: Replay, model: TextModel, metrics: EvaluationMetrics, *, longest: timedelta
    ) -> None:
        self._evaluator = evaluator
        self._replay = replay
        self._model = model
        self._metrics = metrics
        self._longest = longest.total_seconds()

    async def Evaluate(
        self, request: pb.EvaluateRequest, context: "grpc.aio.ServicerContext[pb.EvaluateRequest, pb.EvaluateResponse]"
    ) -> pb.EvaluateResponse:
        """Score one answer."""
        _check_actor(request.tenant_id)
        asked = context_of(request)
        left = context.time_remaining()
        seconds = self._longest if left is None else min(self._longest, max(left - _MARGIN, 0.0))
        evaluation = await self._evaluator.evaluate(asked, time.monotonic() + seconds)
        self._metrics.evaluated(asked.language, evaluation)
        return pb.EvaluateResponse(evaluation=evaluation_message(asked, evaluation))

    async def Replay(
        self, request: pb.ReplayRequest, context: "grpc.aio.ServicerContext[pb.ReplayRequest, pb.ReplayResponse]"
    ) -> pb.ReplayResponse:
        """Score the answers of an interview again."""
        _check_items(request)
        answers = [scored_of(item) for item in request.items]
        left = context.time_remaining()
        longest = self._longest * len(answers)
        replayed = await self._replay.run(
            answers,
            model_id=request.model_id,
            prompt_version=request.prompt_version,
            rubric=rubric_of(request.rubric) if request.HasField("rubric") else None,
            deadline=time.monotonic() + (longest if left is None else max(left - _MARGIN, 0.0)),
        )
        return pb.ReplayResponse(answers=map(replayed_message, replayed))

    async def GetModel(
        self, request: pb.GetModelRequest, context: "grpc.aio.ServicerContext[pb.GetModelRequest, pb.GetModelResponse]"
    ) -> pb.GetModelResponse:
        """Which model judges, and whether it can serve now."""
        try:
            await self._model.check()
        except Transient as error:
            return pb.GetModelResponse(model=model_message(self._model.info), ready=False, detail=error.message)
        return pb.GetModelResponse(model=model_message(self._model.info), ready=True)


def _check_actor(tenant_id: str) -> None:
    """Candidates read their feedback in the report, and nobody sends another tenant's answers."""
    actor = current_actor()
    if actor.kind == common.ACTOR_KIND_CANDIDATE:
        raise Denied("candidates read their feedback in the report")
    if actor.tenant_id != tenant_id:
        raise Denied("this answer is another tenant's")


def _check_items(request: pb.ReplayRequest) -> None:
    """Raise Invalid unless every item is of this interview and its two halves are of the same answer."""
    faults: list[Violation] = []
    for index, item in enumerate(request.items):
        _check_actor(item.request.tenant_id)
        if item.request.interview_id != request.interview_id:
            faults.append(Violation(f"items[{index}].request.interview_id", "must be the interview of the call"))
        if item.original.turn_id != item.request.turn_id:
            faults.append(Violation(f"items[{index}].original.turn_id", "must be the turn of the request"))
    if faults:
        raise Invalid("the items do not belong together: " + ", ".join(fault.field for fault in faults[:8]), faults)
