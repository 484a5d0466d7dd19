"""Timers as rows: what fails neither stops the others nor is lost, and nobody waits for anybody in a circle."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, text
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as evaluation
from viva.event.v1 import events_pb2 as events
from viva.session.v1 import session_pb2 as pb
from viva_core import wellknown
from viva_core.bus import dead, subjects
from viva_core.bus.subjects import command_subject, dead_subject
from viva_core.bus.topology import COMMANDS, DEAD, EVALUATOR, EVENTS
from viva_core.errors import Permanent
from viva_core.grpc import acting_as
from viva_session.domain.interview import Interview, Outcome
from viva_session.domain.rules import Rules
from viva_testkit import steps
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.session import Service

Launch = Callable[..., Awaitable[Service]]
WORDS = "the unmistakable sentence of this candidate"


async def test_a_timer_that_fails_is_put_off_and_the_others_fire(
    launch: Launch, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whose: list[UUID] = []
    asked = Rules.question_overdue

    def broken_for_the_first(rules: Rules, interview: Interview, turn_id: UUID, now: datetime) -> Outcome:
        whose.append(interview.interview_id)
        if interview.interview_id == whose[0]:
            raise ZeroDivisionError
        return asked(rules, interview, turn_id, now)

    monkeypatch.setattr(Rules, "question_overdue", broken_for_the_first)
    service = await launch(question_timeout=0.2)
    await service.make_tenant()
    first = (await steps.in_progress(service.stub, service.staff())).interview_id
    await eventually(lambda: len(whose) == 1)
    await steps.open_turn(service.stub, await steps.in_progress(service.stub, service.staff()))
    assert not service.running.done()
    assert whose[0] == UUID(first)
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        query = text("SELECT due_at FROM timers WHERE interview_id = :one AND kind = 'question_overdue'")
        (due,) = connection.execute(query, {"one": first}).scalars()
    engine.dispose()
    assert due > datetime.now(UTC) + timedelta(seconds=30)
    failed = service.env.registry.get_sample_value("viva_timers_failed_total", {"kind": "question_overdue"})
    assert failed == whose.count(UUID(first)) == 1


async def test_timers_and_erasures_at_the_same_time_wait_for_nobody_in_a_circle(launch: Launch) -> None:
    service = await launch(question_timeout=0.05)
    await service.make_tenant()
    running = [await steps.in_progress(service.stub, service.staff()) for _ in range(12)]

    async def erase(candidate: common.Actor) -> None:
        with acting_as(candidate):
            await service.stub.EraseInterview(pb.EraseInterviewRequest(interview_id=candidate.interview_id))

    await asyncio.gather(*(erase(candidate) for candidate in running))
    assert service.env.registry.get_sample_value("viva_timers_failed_total", {"kind": "question_overdue"}) is None


async def buried(bus: BusProbe, tenant: UUID, request: evaluation.EvaluateRequest) -> None:
    """The dead letter of an evaluator that gives this command up."""
    headers = dead.dead_headers(
        {"ce-id": request.turn_id, "ce-type": request.DESCRIPTOR.full_name},
        Permanent("broken"),
        stream=COMMANDS.name,
        consumer=EVALUATOR.durable,
        subject=command_subject("evaluator", tenant, request.interview_id),
        sequence=1,
        attempts=1,
        moment=datetime.now(UTC),
    )
    subject = dead_subject(COMMANDS.name, EVALUATOR.durable)
    await bus.bus.publisher.publish(subject, request.SerializeToString(), headers)


async def test_what_is_given_up_after_an_erasure_is_swept_and_stands_on_the_receipt(
    launch: Launch, buses: BusFactory
) -> None:
    service = await launch(erasure_sweep=1.5)
    await service.make_tenant()
    await service.workers.start()
    candidate = await steps.in_progress(service.stub, service.staff())
    interview_id = candidate.interview_id
    turn = await steps.open_turn(service.stub, candidate)
    await steps.submit(service.stub, candidate, turn.turn_id, f"{WORDS}, as I said.")
    await eventually(lambda: len(service.workers.scored) == 1)
    admin = await buses.connect("admin")
    with acting_as(candidate):
        await service.stub.EraseInterview(pb.EraseInterviewRequest(interview_id=interview_id))
    await buried(admin, service.tenant, service.workers.scored[0])

    async def swept() -> bool:
        return await admin.bus.api.message(DEAD.name, 1, subject=">") is None

    await eventually(swept)

    async def on_the_receipt() -> bool:
        with acting_as(candidate):
            reply = await service.stub.GetErasureReceipt(pb.GetErasureReceiptRequest(interview_id=interview_id))
        return {entry.what: entry.removed for entry in reply.receipt.stores}.get(DEAD.name) == 1

    await eventually(on_the_receipt)
    kept = await admin.bus.api.subjects(EVENTS.name, f"viva.v1.event.*.{interview_id}.>")
    assert [subject.rsplit(".", 1)[1] for subject in kept] == ["interview-erased"]


async def test_what_a_restored_backup_brought_back_is_gone_when_it_is_erased_again(
    service: Service, buses: BusFactory
) -> None:
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    interview_id, token = await steps.invited(service.stub, staff, position_id)
    candidate = await steps.entered(service.stub, token)

    async def erase() -> dict[str, int]:
        with acting_as(candidate):
            reply = await service.stub.EraseInterview(pb.EraseInterviewRequest(interview_id=interview_id))
        return {entry.what: entry.removed for entry in reply.receipt.stores if entry.store == "jetstream"}

    before = await erase()
    admin = await buses.connect("admin")
    restored = command_subject("evaluator", service.tenant, interview_id)
    await admin.bus.publisher.publish(restored, b"what the candidate said", {})
    after = await erase()
    assert after[COMMANDS.name] == before[COMMANDS.name] + 1
    assert await admin.bus.api.subjects(COMMANDS.name, restored) == []


async def test_what_media_destroyed_is_on_the_receipt_once(service: Service, buses: BusFactory) -> None:
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    interview_id, token = await steps.invited(service.stub, staff, position_id)
    candidate = await steps.entered(service.stub, token)
    with acting_as(candidate):
        await service.stub.EraseInterview(pb.EraseInterviewRequest(interview_id=interview_id))
    media = (await buses.connect("media")).bus
    gone = events.MediaErased(
        tenant_id=str(service.tenant),
        interview_id=interview_id,
        occurred_at=wellknown.stamp(datetime.now(UTC)),
        objects=5,
        spooled_answers=1,
    )
    subject = subjects.event_subject(service.tenant, interview_id, "media-erased")
    await media.publish(subject, gone, event_id=uuid4())

    async def on_the_receipt() -> bool:
        with acting_as(candidate):
            reply = await service.stub.GetErasureReceipt(pb.GetErasureReceiptRequest(interview_id=interview_id))
        stores = {(entry.store, entry.what): entry.removed for entry in reply.receipt.stores}
        return (stores.get(("media", "objects")), stores.get(("media", "spooled_answers"))) == (5, 1)

    await eventually(on_the_receipt)
