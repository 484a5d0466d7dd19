"""question_gen and evaluator as the session sees them: they take commands off the bus and answer as told.

The real ones have tests of their own, and cross-service tests use them; this pair lets a test of the session decide
what comes, when, and how often.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as evaluation
from viva.event.v1 import events_pb2 as events
from viva.question.v1 import question_pb2 as question
from viva_core import wellknown
from viva_core.bus import Delivery, Worker, message_types, subjects
from viva_core.bus.topology import EVALUATOR, QUESTION_GEN, ConsumerSpec
from viva_core.ids import derived

from viva_testkit.bus import BusFactory, BusProbe

MODEL = common.ModelRef(id="scripted", engine="llama.cpp", judge=True)
PROMPT = common.PromptRef(id="scripted", version=1, sha256="0" * 64)


def now() -> Timestamp:
    """The time, as a message."""
    return wellknown.stamp(datetime.now(UTC))


def score_by_first_words(request: evaluation.EvaluateRequest) -> evaluation.AnswerEvaluation:
    """A 4 for every criterion, with the answer's beginning as the quote; unscored without an answer."""
    quote = request.answer[:40].rstrip()
    scores = [
        evaluation.CriterionScore(
            criterion_id=criterion.criterion_id,
            weight=criterion.weight,
            score=4,
            quotes=[common.Quote(text=quote, span=common.TextSpan(start=0, end=len(quote)))],
            rationale="It says so.",
        )
        for criterion in request.rubric.criteria
    ]
    return evaluation.AnswerEvaluation(
        turn_id=request.turn_id,
        answer_revision=request.answer_revision,
        scores=scores,
        total=common.WeightedTotal(score=4, scored_weight=100),
        model=MODEL,
        prompt=PROMPT,
        rubric_id=request.rubric.rubric_id,
        rubric_version=request.rubric.version,
        rubric_sha256=request.rubric.sha256,
    )


Score = Callable[[evaluation.EvaluateRequest], evaluation.AnswerEvaluation]


class FakeWorkers:
    """`start` makes both take commands; `asked` and `scored` are what they were asked."""

    def __init__(self, probe: BusProbe, buses: BusFactory) -> None:
        self._probe = probe
        self._buses = buses
        self.asked: list[question.GenerateRequest] = []
        self.scored: list[evaluation.EvaluateRequest] = []
        self.score: Score = score_by_first_words
        self._running: list[tuple[Worker, asyncio.Task[None]]] = []

    async def start(self, *, ask: bool = True, score: bool = True) -> None:
        """Take commands: both kinds, or one."""
        if ask:
            await self._run(QUESTION_GEN, self._ask, question.GenerateRequest)
        if score:
            await self._run(EVALUATOR, self._score, evaluation.EvaluateRequest)

    async def stop(self) -> None:
        """Take no more."""
        for worker, task in self._running:
            await worker.stop(grace=2)
            with suppress(asyncio.CancelledError):
                await task
        self._running.clear()

    async def _run(
        self,
        consumer: ConsumerSpec,
        handler: Callable[[Delivery], Awaitable[None]],
        kind: type[question.GenerateRequest] | type[evaluation.EvaluateRequest],
    ) -> None:
        worker = Worker(
            self._probe.bus,
            consumer,
            handler,
            message_types=message_types(kind),
            health=self._probe.health,
            expires=0.5,
            heartbeat=0.2,
        )
        self._running.append((worker, asyncio.create_task(worker.run())))

    async def _ask(self, delivery: Delivery) -> None:
        request = delivery.message
        assert isinstance(request, question.GenerateRequest)
        self.asked.append(request)
        await self.say_question(request, f"What about {request.competency.title}, number {len(self.asked)}?")

    async def say_question(self, request: question.GenerateRequest, text: str, *, event_id: UUID | None = None) -> None:
        """question_gen's event for a request."""
        await self._probe.bus.publish(
            subjects.event_subject(request.tenant_id, request.interview_id, "question-generated"),
            events.QuestionGenerated(
                tenant_id=request.tenant_id,
                interview_id=request.interview_id,
                occurred_at=now(),
                turn_id=request.turn_id,
                request_id=request.request_id,
                question=question.GeneratedQuestion(
                    text=text, source=question.QUESTION_SOURCE_MODEL, model=MODEL, prompt=PROMPT
                ),
            ),
            event_id=event_id or derived(request.request_id, "question-generated"),
        )

    async def _score(self, delivery: Delivery) -> None:
        request = delivery.message
        assert isinstance(request, evaluation.EvaluateRequest)
        self.scored.append(request)
        await self.say_evaluation(request, self.score(request))

    async def say_evaluation(
        self,
        request: evaluation.EvaluateRequest,
        scored: evaluation.AnswerEvaluation,
        *,
        event_id: UUID | None = None,
    ) -> None:
        """The evaluator's event for a request."""
        await self._probe.bus.publish(
            subjects.event_subject(request.tenant_id, request.interview_id, "answer-evaluated"),
            events.AnswerEvaluated(
                tenant_id=request.tenant_id,
                interview_id=request.interview_id,
                occurred_at=now(),
                turn_id=request.turn_id,
                request_id=request.request_id,
                evaluation=scored,
            ),
            event_id=event_id or derived(request.request_id, "answer-evaluated"),
        )
