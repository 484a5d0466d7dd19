"""The bus edge: takes GenerateRequest commands, says the pieces live, and ends with a QuestionGenerated event.

Stateless and repeatable: the event's id follows from the command's id, so a redelivered command that was answered
already adds nothing to the stream.
"""

from contextlib import aclosing
from datetime import timedelta

from viva.event.v1 import events_pb2 as events
from viva.question.v1 import question_pb2 as pb
from viva_core import wellknown
from viva_core.bus import Bus, Delivery, subjects
from viva_core.clock import Clock
from viva_core.errors import Permanent
from viva_core.ids import derived

from viva_question_gen.generator import Generator, Made
from viva_question_gen.metrics import QuestionMetrics
from viva_question_gen.translate import context_of, delta_message, question_message

# Left of the command's time for the checks, the event and its way back.
_MARGIN = timedelta(seconds=1)


class QuestionWorker:
    """Handles one command at a time. `longest` bounds a question for which the command sets no time."""

    def __init__(
        self, bus: Bus, generator: Generator, metrics: QuestionMetrics, clock: Clock, *, longest: timedelta
    ) -> None:
        self._bus = bus
        self._generator = generator
        self._metrics = metrics
        self._clock = clock
        self._longest = longest

    async def handle(self, delivery: Delivery) -> None:
        """Make the question of one command. Raises Permanent for a message of another type."""
        request = delivery.message
        if not isinstance(request, pb.GenerateRequest):
            raise Permanent("question-gen takes GenerateRequest commands", reason="UNKNOWN_TYPE")
        tenant, interview = delivery.tenant_id, delivery.interview_id
        live = subjects.live_subject(tenant, interview, "question")
        context = context_of(request)
        async with aclosing(self._generator.generate(context, self._deadline(delivery))) as parts:
            async for part in parts:
                if isinstance(part, Made):
                    self._metrics.made(context.language, part)
                    await self._say_generated(delivery, request, part)
                    return
                await self._bus.publish_live(live, delta_message(request.turn_id, part))
                if part.attempt == 1 and part.sequence == 1:
                    await self._say_started(delivery, request)

    def _deadline(self, delivery: Delivery) -> float:
        """When to fall back on the bank, in monotonic seconds."""
        expires_at = delivery.envelope.expires_at
        left = self._longest
        if expires_at is not None:
            left = min(left, expires_at - self._clock.now() - _MARGIN)
        return self._clock.monotonic() + max(left.total_seconds(), 0.0)

    async def _say_started(self, delivery: Delivery, request: pb.GenerateRequest) -> None:
        tenant, interview = delivery.tenant_id, delivery.interview_id
        await self._bus.publish(
            subjects.event_subject(tenant, interview, "question-started"),
            events.QuestionStarted(
                tenant_id=tenant,
                interview_id=interview,
                occurred_at=wellknown.stamp(self._clock.now()),
                turn_id=request.turn_id,
                request_id=request.request_id,
            ),
            event_id=derived(request.request_id, "question-started"),
            causation_id=delivery.envelope.id,
        )

    async def _say_generated(self, delivery: Delivery, request: pb.GenerateRequest, made: Made) -> None:
        tenant, interview = delivery.tenant_id, delivery.interview_id
        question = question_message(made, context_of(request).fallback)
        await self._bus.publish(
            subjects.event_subject(tenant, interview, "question-generated"),
            events.QuestionGenerated(
                tenant_id=tenant,
                interview_id=interview,
                occurred_at=wellknown.stamp(self._clock.now()),
                turn_id=request.turn_id,
                request_id=request.request_id,
                question=question,
            ),
            event_id=derived(request.request_id, "question-generated"),
            causation_id=delivery.envelope.id,
        )
