"""From a command on the bus to the question's event, on a real nats-server."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.question.v1 import question_pb2 as pb
from viva_core.bus import Worker, message_types, subjects
from viva_core.bus.topology import QUESTION_GEN
from viva_core.clock import SystemClock
from viva_question_gen.adapters.prompts import load_prompts
from viva_question_gen.generator import Generator
from viva_question_gen.metrics import QuestionMetrics
from viva_question_gen.worker import QuestionWorker
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.models import Hang, Play, ScriptedModel

TENANT, INTERVIEW, TURN = uuid4(), uuid4(), uuid4()
QUESTION = "How would you keep a payment from being lost when a database fails?"


def command(request_id: UUID) -> pb.GenerateRequest:
    return pb.GenerateRequest(
        request_id=str(request_id),
        tenant_id=str(TENANT),
        interview_id=str(INTERVIEW),
        turn_id=str(TURN),
        language=common.LANGUAGE_EN,
        position_title="Backend engineer",
        job_description="Payments in Python.",
        competency=common.Competency(competency_id="system_design", title="System design"),
        intent=pb.QUESTION_INTENT_MAIN,
        fallback=pb.BankQuestion(question_id="system_design.1", text="What would you build first, and why?"),
    )


@asynccontextmanager
async def working(buses: BusFactory, scripts: Sequence[Play], longest: float = 20) -> AsyncIterator[BusProbe]:
    probe = await buses.connect("question-gen")
    generator = Generator(ScriptedModel(scripts), load_prompts())
    metrics = QuestionMetrics(CollectorRegistry())
    handler = QuestionWorker(probe.bus, generator, metrics, SystemClock(), longest=timedelta(seconds=longest))
    types = message_types(pb.GenerateRequest)
    worker = Worker(
        probe.bus, QUESTION_GEN, handler.handle, message_types=types, health=probe.health, expires=0.6, heartbeat=0.2
    )
    running = asyncio.create_task(worker.run())
    try:
        yield probe
    finally:
        await worker.stop(grace=5)
        await running


async def said(probe: BusProbe, event: str) -> Any:
    """The newest event of the interview with this name; waits for it."""
    found: list[Any] = []

    async def there() -> bool:
        subject = subjects.event_subject(TENANT, INTERVIEW, event)
        info = await probe.bus.api.request("STREAM.INFO.VIVA_EVENT_V1", {"subjects_filter": subject})
        if not info["state"].get("subjects"):
            return False
        answer = await probe.bus.api.request("STREAM.MSG.GET.VIVA_EVENT_V1", {"last_by_subj": subject})
        found.append(answer["message"])
        return True

    await eventually(there)
    return found[0]


async def ask(probe: BusProbe, request_id: UUID) -> None:
    subject = subjects.command_subject("question-gen", TENANT, INTERVIEW)
    await probe.bus.publish(subject, command(request_id), event_id=request_id)


async def generated(probe: BusProbe) -> events.QuestionGenerated:
    stored = await said(probe, "question-generated")
    return events.QuestionGenerated.FromString(base64.b64decode(stored["data"]))


async def test_a_command_becomes_a_question(buses: BusFactory) -> None:
    admin = await buses.connect("admin")
    live: list[pb.QuestionDelta] = []
    subject = subjects.live_subject(TENANT, INTERVIEW, "question")
    async with (
        admin.bus.subscribe_live(subject, message_types(pb.QuestionDelta)) as deltas,
        working(buses, [QUESTION]),
    ):
        await ask(admin, uuid4())
        async for delta in deltas:
            assert isinstance(delta.message, pb.QuestionDelta)
            live.append(delta.message)
            if delta.message.text == QUESTION:
                break
        event = await generated(admin)
        await said(admin, "question-started")
    assert event.question.text == QUESTION
    assert event.question.source == pb.QUESTION_SOURCE_MODEL
    assert event.turn_id == str(TURN)
    assert [delta.sequence for delta in live] == list(range(1, len(live) + 1))


async def test_a_command_delivered_twice_is_one_event(buses: BusFactory) -> None:
    admin = await buses.connect("admin")
    request_id = uuid4()
    async with working(buses, [QUESTION, QUESTION]):
        await ask(admin, request_id)
        await generated(admin)
        # The same command again, as a redelivery after a lost ack would bring it.
        subject = subjects.command_subject("question-gen", TENANT, INTERVIEW)
        await admin.bus.publish(subject, command(request_id), event_id=uuid4())

        async def drained() -> bool:
            info = await admin.bus.api.request("STREAM.INFO.VIVA_COMMAND_V1")
            return bool(info["state"]["messages"] == 0)

        await eventually(drained)
    subject = subjects.event_subject(TENANT, INTERVIEW, "question-generated")
    info = await admin.bus.api.request("STREAM.INFO.VIVA_EVENT_V1", {"subjects_filter": subject})
    assert info["state"]["subjects"] == {subject: 1}


async def test_a_model_that_never_ends_leaves_the_bank_question(buses: BusFactory) -> None:
    admin = await buses.connect("admin")
    async with working(buses, [Hang("How")], longest=0.3):
        await ask(admin, uuid4())
        event = await generated(admin)
    assert event.question.source == pb.QUESTION_SOURCE_BANK
    assert event.question.bank_reason == pb.BANK_REASON_TIMEOUT
    assert event.question.bank_question_id == "system_design.1"
