"""From a command on the bus to the event with the scores, on a real nats-server."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry
from viva.evaluation.v1 import evaluation_pb2 as pb
from viva.event.v1 import events_pb2 as events
from viva_core.bus import Worker, message_types, subjects
from viva_core.bus.topology import EVALUATOR
from viva_core.clock import SystemClock
from viva_core.models.port import ModelBusy, ModelUnavailable
from viva_evaluator.adapters.prompts import load_prompts
from viva_evaluator.evaluator import Evaluator
from viva_evaluator.metrics import EvaluationMetrics
from viva_evaluator.worker import EvaluationWorker
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.models import Fail, Hang, Play, ScriptedModel

TENANT, INTERVIEW = UUID(int=0xA), UUID(int=0xB)
ACTION = "I partitioned the ledger table by month"
RESULT = "the batch ran in six minutes"
SUBJECT = subjects.event_subject(TENANT, INTERVIEW, "answer-evaluated")
Requests = Callable[..., pb.EvaluateRequest]
Verdict = Callable[..., str]


@asynccontextmanager
async def working(buses: BusFactory, scripts: Sequence[Play], longest: float = 20) -> AsyncIterator[ScriptedModel]:
    probe = await buses.connect("evaluator")
    model = ScriptedModel(scripts)
    metrics = EvaluationMetrics(CollectorRegistry())
    evaluator = Evaluator(model, load_prompts())
    handler = EvaluationWorker(probe.bus, evaluator, metrics, SystemClock(), longest=timedelta(seconds=longest))
    types = message_types(pb.EvaluateRequest)
    worker = Worker(
        probe.bus, EVALUATOR, handler.handle, message_types=types, health=probe.health, expires=0.6, heartbeat=0.2
    )
    running = asyncio.create_task(worker.run())
    try:
        yield model
    finally:
        await worker.stop(grace=5)
        await running


async def command(probe: BusProbe, request: pb.EvaluateRequest, *, seconds: float | None = None) -> None:
    subject = subjects.command_subject("evaluator", TENANT, INTERVIEW)
    expires_at = None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)
    await probe.bus.publish(subject, request, event_id=uuid4(), expires_at=expires_at)


async def stored(probe: BusProbe) -> int:
    info = await probe.bus.api.request("STREAM.INFO.VIVA_EVENT_V1", {"subjects_filter": SUBJECT})
    return int((info["state"].get("subjects") or {}).get(SUBJECT, 0))


async def drained(probe: BusProbe) -> bool:
    info = await probe.bus.api.request("STREAM.INFO.VIVA_COMMAND_V1")
    return bool(info["state"]["messages"] == 0)


async def evaluated(probe: BusProbe) -> events.AnswerEvaluated:
    """The event; waits for it."""

    async def there() -> bool:
        return await stored(probe) > 0

    await eventually(there)
    answer: Any = await probe.bus.api.request("STREAM.MSG.GET.VIVA_EVENT_V1", {"last_by_subj": SUBJECT})
    return events.AnswerEvaluated.FromString(base64.b64decode(answer["message"]["data"]))


async def test_a_command_becomes_scores(buses: BusFactory, request_in: Requests, verdict: Verdict) -> None:
    admin = await buses.connect("admin")
    request = request_in()
    async with working(buses, [verdict(own_action=(4, ACTION), result=(2, RESULT))]):
        await command(admin, request)
        event = await evaluated(admin)
    assert (event.request_id, event.turn_id) == (request.request_id, request.turn_id)
    assert [score.score for score in event.evaluation.scores] == [4, 2]
    assert event.evaluation.scores[0].quotes[0].text == ACTION


async def test_a_command_delivered_thrice_is_one_event(
    buses: BusFactory, request_in: Requests, verdict: Verdict
) -> None:
    admin = await buses.connect("admin")
    request = request_in()
    async with working(buses, [verdict(own_action=(4, ACTION), result=(2, RESULT))] * 3) as model:
        for _ in range(3):
            await command(admin, request)

        async def all_handled() -> bool:
            return len(model.calls) == 3 and await drained(admin)

        await eventually(all_handled)
    assert await stored(admin) == 1


async def test_a_model_that_is_away_is_asked_again_later(
    buses: BusFactory, request_in: Requests, verdict: Verdict
) -> None:
    admin = await buses.connect("admin")
    away = [Fail(ModelUnavailable("away")), Fail(ModelBusy("busy"))]
    async with working(buses, [*away, verdict(own_action=(4, ACTION), result=(2, RESULT))]) as model:
        await command(admin, request_in())
        event = await evaluated(admin)
    assert [score.score for score in event.evaluation.scores] == [4, 2]
    assert len(model.calls) == 3


async def test_a_model_that_never_ends_is_told_as_a_timeout(buses: BusFactory, request_in: Requests) -> None:
    admin = await buses.connect("admin")
    async with working(buses, [Hang()], longest=0.3):
        await command(admin, request_in())
        event = await evaluated(admin)
    assert {score.unscored_reason for score in event.evaluation.scores} == {pb.UNSCORED_REASON_TIMEOUT}


async def test_the_command_sets_the_time(buses: BusFactory, request_in: Requests) -> None:
    admin = await buses.connect("admin")
    async with working(buses, [Hang()], longest=60):
        await command(admin, request_in(), seconds=2)
        event = await evaluated(admin)
    assert {score.unscored_reason for score in event.evaluation.scores} == {pb.UNSCORED_REASON_TIMEOUT}


async def test_rubbish_twice_is_an_event_too(buses: BusFactory, request_in: Requests) -> None:
    admin = await buses.connect("admin")
    async with working(buses, ["rubbish", "rubbish"]):
        await command(admin, request_in("ko"))
        event = await evaluated(admin)
    assert {score.unscored_reason for score in event.evaluation.scores} == {pb.UNSCORED_REASON_MODEL_INVALID}
    assert event.evaluation.prompt.id == "evaluate.ko"


async def test_a_rubric_with_a_criterion_twice_goes_to_the_dead_letters(
    buses: BusFactory, request_in: Requests
) -> None:
    admin = await buses.connect("admin")
    request = request_in()
    request.rubric.criteria.append(request.rubric.criteria[0])
    async with working(buses, []):
        await command(admin, request)

        async def buried() -> bool:
            info = await admin.bus.api.request("STREAM.INFO.VIVA_DEAD_V1")
            return bool(info["state"]["messages"] == 1) and await drained(admin)

        await eventually(buried)
    assert await stored(admin) == 0


async def test_a_command_on_another_interviews_subject_is_never_judged(buses: BusFactory, request_in: Requests) -> None:
    admin = await buses.connect("admin")
    async with working(buses, []) as model:
        await command(admin, request_in(interview_id=str(UUID(int=0xC))))

        async def buried() -> bool:
            info = await admin.bus.api.request("STREAM.INFO.VIVA_DEAD_V1")
            return bool(info["state"]["messages"] == 1) and await drained(admin)

        await eventually(buried)
    assert not model.calls
    assert await stored(admin) == 0


async def test_a_command_that_nobody_waits_for_any_more_is_dropped(buses: BusFactory, request_in: Requests) -> None:
    admin = await buses.connect("admin")
    async with working(buses, []) as model:
        await command(admin, request_in(), seconds=-1)

        async def gone() -> bool:
            return await drained(admin)

        await eventually(gone)
    assert not model.calls
    assert await stored(admin) == 0
