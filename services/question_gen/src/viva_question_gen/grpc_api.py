"""The gRPC edge: translate, call, translate."""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta

import grpc
from viva.question.v1 import question_pb2 as pb
from viva.question.v1 import question_pb2_grpc
from viva_core.errors import Transient
from viva_core.models.messages import model_message
from viva_core.models.port import TextModel

from viva_question_gen.generator import Generator, Made
from viva_question_gen.metrics import QuestionMetrics
from viva_question_gen.translate import context_of, delta_message, question_message


class QuestionApi(question_pb2_grpc.QuestionServiceServicer):
    """Serves viva.question.v1.QuestionService. `longest` bounds a question, whatever deadline the caller gave."""

    def __init__(self, generator: Generator, model: TextModel, metrics: QuestionMetrics, *, longest: timedelta) -> None:
        self._generator = generator
        self._model = model
        self._metrics = metrics
        self._longest = longest

    async def Generate(
        self, request: pb.GenerateRequest, context: "grpc.aio.ServicerContext[pb.GenerateRequest, pb.GenerateResponse]"
    ) -> AsyncIterator[pb.GenerateResponse]:
        """Stream the pieces, then the question."""
        asked = context_of(request)
        left = context.time_remaining()
        longest = self._longest.total_seconds()
        deadline = time.monotonic() + (longest if left is None else min(longest, max(left - 0.5, 0.0)))
        async with aclosing(self._generator.generate(asked, deadline)) as parts:
            async for part in parts:
                if isinstance(part, Made):
                    self._metrics.made(asked.language, part)
                    yield pb.GenerateResponse(question=question_message(part, asked.fallback))
                else:
                    yield pb.GenerateResponse(delta=delta_message(request.turn_id, part))

    async def GetModel(
        self, request: pb.GetModelRequest, context: "grpc.aio.ServicerContext[pb.GetModelRequest, pb.GetModelResponse]"
    ) -> pb.GetModelResponse:
        """Which model asks, and whether it can serve now."""
        try:
            await self._model.check()
        except Transient as error:
            return pb.GetModelResponse(model=model_message(self._model.info), ready=False, detail=error.message)
        return pb.GetModelResponse(model=model_message(self._model.info), ready=True)
