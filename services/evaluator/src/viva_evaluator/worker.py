"""The bus edge: takes EvaluateRequest commands and says an AnswerEvaluated event for each.

Stateless and repeatable: the event's id follows from the command's id, so a redelivered command that was answered
already adds nothing to the stream. While the model is away the command is given back, to be tried until it expires.
Consent is not known here: the session sends a command only where the candidate agreed to scoring by a model.
"""

from datetime import timedelta

from viva.evaluation.v1 import evaluation_pb2 as pb
from viva.event.v1 import events_pb2 as events
from viva_core import wellknown
from viva_core.bus import Bus, Delivery, subjects
from viva_core.bus.topology import EVALUATOR
from viva_core.clock import Clock
from viva_core.errors import Denied, Permanent
from viva_core.ids import derived

from viva_evaluator.domain.context import AnswerContext
from viva_evaluator.evaluator import Evaluation, Evaluator
from viva_evaluator.metrics import EvaluationMetrics
from viva_evaluator.translate import context_of, evaluation_message

# Left of the command's time for the event and its way back.
_MARGIN = timedelta(seconds=1)
# Left of the time that the bus consumer gives a handler: past it the answer would be judged again from the start.
_LONGEST = timedelta(seconds=EVALUATOR.time_limit - 30)


class EvaluationWorker:
    """Handles one command at a time. `longest` bounds an answer for which the command sets no time."""

    def __init__(
        self, bus: Bus, evaluator: Evaluator, metrics: EvaluationMetrics, clock: Clock, *, longest: timedelta
    ) -> None:
        self._bus = bus
        self._evaluator = evaluator
        self._metrics = metrics
        self._clock = clock
        self._longest = longest

    async def handle(self, delivery: Delivery) -> None:
        """Score the answer of one command.

        Raises:
            Transient: the model or the bus is away or busy.
            Permanent: a message of another type, a rubric that no answer can be scored on, or a command that is not of
                the interview on whose subject it came.
        """
        request = delivery.message
        if not isinstance(request, pb.EvaluateRequest):
            raise Permanent("evaluator takes EvaluateRequest commands", reason="UNKNOWN_TYPE")
        if (request.tenant_id, request.interview_id) != (delivery.tenant_id, delivery.interview_id):
            raise Denied("the command is not of the interview on whose subject it came", reason="FOREIGN_COMMAND")
        context = context_of(request)
        evaluation = await self._evaluator.evaluate(context, self._deadline(delivery))
        await self._say_evaluated(delivery, request, context, evaluation)
        self._metrics.evaluated(context.language, evaluation)

    def _deadline(self, delivery: Delivery) -> float:
        """When to leave unscored what is not judged, in monotonic seconds."""
        expires_at = delivery.envelope.expires_at
        left = self._longest if expires_at is None else min(expires_at - self._clock.now() - _MARGIN, _LONGEST)
        return self._clock.monotonic() + max(left.total_seconds(), 0.0)

    async def _say_evaluated(
        self, delivery: Delivery, request: pb.EvaluateRequest, context: AnswerContext, evaluation: Evaluation
    ) -> None:
        tenant, interview = delivery.tenant_id, delivery.interview_id
        await self._bus.publish(
            subjects.event_subject(tenant, interview, "answer-evaluated"),
            events.AnswerEvaluated(
                tenant_id=tenant,
                interview_id=interview,
                occurred_at=wellknown.stamp(self._clock.now()),
                turn_id=request.turn_id,
                request_id=request.request_id,
                evaluation=evaluation_message(context, evaluation),
            ),
            event_id=derived(request.request_id, "answer-evaluated"),
            causation_id=delivery.envelope.id,
        )
