"""How a worker ends each delivery, on a real nats-server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from viva.event.v1 import events_pb2
from viva_core.bus import Delivery, Worker
from viva_core.bus.apply import apply
from viva_core.bus.codec import MessageTypes
from viva_core.bus.dead import DeadLetters
from viva_core.bus.envelope import new_envelope
from viva_core.bus.subjects import command_subject
from viva_core.bus.topology import QUESTION_GEN, Backoff, ConsumerSpec
from viva_core.clock import SystemClock
from viva_core.errors import Expired, Permanent, Refused, Transient
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.nats import NatsServer

Make = Callable[[UUID], events_pb2.InterviewReady]
Running = Callable[..., AbstractAsyncContextManager[Worker]]

FAST = replace(QUESTION_GEN, backoff=Backoff(first=0.02, factor=2.0, limit=0.2), max_attempts=4)


@pytest.fixture
def subject(tenant: UUID, interview: UUID) -> str:
    return command_subject("question-gen", tenant, interview)


@pytest.fixture
async def probe(buses: BusFactory) -> BusProbe:
    return await buses.connect("question-gen")


@pytest.fixture
def running(probe: BusProbe, types: MessageTypes) -> Running:
    """Runs a worker for the length of a block."""

    @asynccontextmanager
    async def run(
        handler: Callable[[Delivery], Awaitable[None]], consumer: ConsumerSpec = FAST, slots: int = 1
    ) -> AsyncIterator[Worker]:
        worker = Worker(
            probe.bus,
            consumer,
            handler,
            message_types=types,
            health=probe.health,
            slots=slots,
            expires=0.6,
            heartbeat=0.2,
        )
        task = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            await worker.stop(grace=5.0)
            await task

    return run


async def left(probe: BusProbe) -> int:
    """How many messages the command stream still holds."""
    info = await probe.bus.api.request("STREAM.INFO.VIVA_COMMAND_V1")
    messages: int = info["state"]["messages"]
    return messages


async def letters(probe: BusProbe) -> list[tuple[str, str, int]]:
    return [(letter.reason, letter.cause, letter.attempts) async for letter in DeadLetters(probe.bus.api).list()]


async def test_a_handled_message_leaves_the_queue(
    probe: BusProbe, running: Running, ready: Make, subject: str, interview: UUID
) -> None:
    seen: list[Delivery] = []
    done = asyncio.Event()

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery)
        done.set()

    event_id = uuid4()
    async with running(handler):
        await probe.bus.publish(subject, ready(interview), event_id=event_id, causation_id="cause")
        await asyncio.wait_for(done.wait(), 10)
    await eventually(lambda: _is(left(probe), 0))
    delivery = seen[0]
    assert len(seen) == 1
    assert delivery.message == ready(interview)
    assert (delivery.envelope.id, delivery.envelope.causation_id) == (str(event_id), "cause")
    assert (delivery.interview_id, delivery.attempt, delivery.subject) == (str(interview), 1, subject)


async def _is(actual: Awaitable[object], expected: object) -> bool:
    return await actual == expected


async def test_a_transient_failure_is_tried_again_after_its_backoff(
    probe: BusProbe, running: Running, ready: Make, subject: str, interview: UUID
) -> None:
    loop = asyncio.get_running_loop()
    times: list[float] = []
    done = asyncio.Event()

    async def handler(delivery: Delivery) -> None:
        times.append(loop.time())
        if delivery.attempt < 3:
            raise Transient("the engine is busy", retry_after=timedelta(seconds=0.3 if delivery.attempt == 1 else 0))
        done.set()

    async with running(handler):
        await probe.bus.publish(subject, ready(interview))
        await asyncio.wait_for(done.wait(), 10)
    assert len(times) == 3
    assert times[1] - times[0] >= 0.3
    assert times[2] - times[1] >= 0.02
    assert (
        probe.metric("viva_bus_handled_total", stream="VIVA_COMMAND_V1", consumer="question-gen", outcome="retried")
        == 2
    )


async def test_a_transient_failure_without_end_becomes_a_dead_letter(
    probe: BusProbe, running: Running, ready: Make, subject: str, interview: UUID
) -> None:
    async def handler(delivery: Delivery) -> None:
        raise Transient("the engine is away", reason="ENGINE_AWAY")

    async with running(handler):
        await probe.bus.publish(subject, ready(interview))
        await eventually(lambda: _is(letters(probe), [("ENGINE_AWAY", "the engine is away", 4)]))
    await eventually(lambda: _is(left(probe), 0))


async def test_a_permanent_failure_is_dead_lettered_with_its_cause_and_retry_brings_it_back(
    probe: BusProbe, running: Running, ready: Make, subject: str, interview: UUID
) -> None:
    broken = True
    seen: list[Delivery] = []

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery)
        if broken:
            raise Refused("질문이 이미 닫혔습니다", reason="QUESTION_CLOSED")

    async with running(handler):
        expires = datetime.now(UTC) + timedelta(hours=1)
        await probe.bus.publish(subject, ready(interview), event_id="first", expires_at=expires)
        await eventually(lambda: _is(letters(probe), [("QUESTION_CLOSED", "질문이 이미 닫혔습니다", 1)]))
        await eventually(lambda: _is(left(probe), 0))
        broken = False
        dead = DeadLetters(probe.bus.api)
        [letter] = [letter async for letter in dead.list(consumer="question-gen")]
        assert (letter.subject, letter.message_type) == (subject, "viva.event.v1.InterviewReady")
        await dead.retry(letter.number, probe.bus.publisher)
        await eventually(lambda: len(seen) == 2)
    assert await letters(probe) == []
    assert [delivery.envelope.id for delivery in seen] == ["first", "first"]
    assert seen[1].envelope.expires_at is None
    assert seen[1].message == ready(interview)


async def test_an_expired_command_is_dropped_unseen(
    probe: BusProbe, running: Running, ready: Make, subject: str, interview: UUID
) -> None:
    seen: list[str] = []

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery.envelope.id)

    await probe.bus.publish(subject, ready(interview), event_id="late", expires_at=datetime.now(UTC))
    await probe.bus.publish(
        subject, ready(interview), event_id="in time", expires_at=datetime.now(UTC) + timedelta(minutes=1)
    )
    async with running(handler):
        await eventually(lambda: _is(left(probe), 0))
    assert seen == ["in time"]
    assert await letters(probe) == []
    assert (
        probe.metric("viva_bus_handled_total", stream="VIVA_COMMAND_V1", consumer="question-gen", outcome="expired")
        == 1
    )


async def test_a_handler_that_finds_the_deadline_passed_drops_the_message(
    probe: BusProbe, running: Running, ready: Make, subject: str, interview: UUID
) -> None:
    async def handler(delivery: Delivery) -> None:
        raise Expired("the candidate has gone on")

    async with running(handler):
        await probe.bus.publish(subject, ready(interview))
        await eventually(lambda: _is(left(probe), 0))
    assert await letters(probe) == []


@pytest.mark.parametrize(
    ("headers", "payload", "reason"),
    [
        ({"ce-type": "viva.event.v2.InterviewReady"}, None, "UNKNOWN_VERSION"),
        ({"ce-type": "google.protobuf.StringValue"}, None, "UNKNOWN_TYPE"),
        ({"ce-datacontenttype": "application/json"}, None, "UNKNOWN_CONTENT_TYPE"),
        ({"ce-specversion": "0.3"}, None, "NOT_A_CLOUDEVENT"),
        ({}, b"\xff\xff\xff", "MALFORMED"),
        ({}, b"", "INVALID_ARGUMENT"),
    ],
)
async def test_what_the_handler_can_not_read_is_dead_lettered(
    probe: BusProbe,
    running: Running,
    ready: Make,
    subject: str,
    interview: UUID,
    headers: dict[str, str],
    payload: bytes | None,
    reason: str,
) -> None:
    called = asyncio.Event()

    async def handler(delivery: Delivery) -> None:
        called.set()

    message = ready(interview)
    envelope = new_envelope(subject, message.DESCRIPTOR.full_name, source="session", clock=SystemClock())
    body = message.SerializeToString() if payload is None else payload
    await probe.bus.publisher.publish(subject, body, envelope.headers() | headers)
    async with running(handler):
        await eventually(lambda: _is(left(probe), 0))
    assert [letter[0] for letter in await letters(probe)] == [reason]
    assert not called.is_set()


async def test_a_fault_of_the_program_is_tried_again_and_its_text_is_kept_out_of_the_dead_letter(
    probe: BusProbe, running: Running, ready: Make, subject: str, interview: UUID
) -> None:
    async def handler(delivery: Delivery) -> None:
        raise ValueError("what the candidate answered")

    async with running(handler):
        await probe.bus.publish(subject, ready(interview))
        await eventually(lambda: _is(letters(probe), [("UNEXPECTED", "the handler failed with ValueError", 4)]))


async def test_a_handler_that_never_ends_is_cut_off_and_tried_again(
    probe: BusProbe, running: Running, ready: Make, subject: str, interview: UUID
) -> None:
    attempts: list[int] = []
    done = asyncio.Event()

    async def handler(delivery: Delivery) -> None:
        attempts.append(delivery.attempt)
        if delivery.attempt == 1:
            await asyncio.Event().wait()
        done.set()

    async with running(handler, replace(FAST, time_limit=0.2)):
        await probe.bus.publish(subject, ready(interview))
        await asyncio.wait_for(done.wait(), 10)
    assert attempts == [1, 2]


async def test_a_long_handler_keeps_its_message(
    probe: BusProbe, running: Running, buses: BusFactory, ready: Make, subject: str, interview: UUID
) -> None:
    quick = replace(FAST, ack_wait=0.5)
    await _apply_consumer(probe, quick)
    seen: list[int] = []
    done = asyncio.Event()

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery.attempt)
        await asyncio.sleep(1.5)  # the work itself: three times ack_wait
        done.set()

    async with running(handler, quick, slots=2):
        await probe.bus.publish(subject, ready(interview))
        await asyncio.wait_for(done.wait(), 10)
        await eventually(lambda: _is(left(probe), 0))
    assert seen == [1]


async def _apply_consumer(probe: BusProbe, consumer: ConsumerSpec) -> None:
    await apply(probe.bus.api, consumers=[consumer])


async def test_a_message_that_kills_its_worker_each_time_ends_as_a_dead_letter_and_leaves_the_queue(
    probe: BusProbe, running: Running, nats_server: NatsServer, ready: Make, subject: str, interview: UUID
) -> None:
    quick = replace(FAST, ack_wait=0.2, max_attempts=2)
    await _apply_consumer(probe, quick)
    await probe.bus.publish(subject, ready(interview))
    js = probe.bus.client.jetstream()
    victim = await js.pull_subscribe_bind("question-gen", "VIVA_COMMAND_V1")
    for _ in range(2):  # two workers that took it and were never heard of again
        await victim.fetch(1, timeout=10)
    called = asyncio.Event()

    async def handler(delivery: Delivery) -> None:
        called.set()

    async with running(handler, quick):
        await eventually(lambda: _is(letters(probe), [("ATTEMPTS_EXHAUSTED", "every attempt ended without a word", 3)]))
        await eventually(lambda: _is(left(probe), 0))
    assert not called.is_set()


async def test_stopping_finishes_the_message_in_hand_and_takes_no_other(
    probe: BusProbe, types: MessageTypes, ready: Make, subject: str, interview: UUID
) -> None:
    begun, finish = asyncio.Event(), asyncio.Event()
    finished: list[str] = []

    async def handler(delivery: Delivery) -> None:
        begun.set()
        await finish.wait()
        finished.append(delivery.envelope.id)

    worker = Worker(probe.bus, FAST, handler, message_types=types, health=probe.health, expires=0.6, heartbeat=0.2)
    running = asyncio.create_task(worker.run())
    await eventually(lambda: probe.ok("worker.question-gen"))
    await probe.bus.publish(subject, ready(interview), event_id="one")
    await asyncio.wait_for(begun.wait(), 10)
    await probe.bus.publish(subject, ready(interview), event_id="two")
    stopping = asyncio.create_task(worker.stop(grace=10))
    await eventually(lambda: not probe.ok("worker.question-gen"))
    finish.set()
    await asyncio.wait_for(asyncio.gather(stopping, running), 10)
    assert finished == ["one"]
    await eventually(lambda: _is(left(probe), 1))


async def test_what_outlasts_the_grace_is_given_back_at_once(
    probe: BusProbe, types: MessageTypes, running: Running, ready: Make, subject: str, interview: UUID
) -> None:
    begun = asyncio.Event()

    async def endless(delivery: Delivery) -> None:
        begun.set()
        await asyncio.Event().wait()

    worker = Worker(probe.bus, FAST, endless, message_types=types, health=probe.health, expires=0.6, heartbeat=0.2)
    task = asyncio.create_task(worker.run())
    await probe.bus.publish(subject, ready(interview))
    await asyncio.wait_for(begun.wait(), 10)
    await worker.stop(grace=0.05)
    await task
    taken = asyncio.Event()

    async def handler(delivery: Delivery) -> None:
        taken.set()

    async with running(handler):
        await asyncio.wait_for(taken.wait(), 5)  # long before ack_wait, 30 s


async def test_a_full_dead_letter_stream_loses_nothing(
    probe: BusProbe, running: Running, ready: Make, subject: str, interview: UUID
) -> None:
    await probe.bus.api.request("STREAM.DELETE.VIVA_DEAD_V1")
    attempts: list[int] = []

    async def handler(delivery: Delivery) -> None:
        attempts.append(delivery.attempt)
        raise Permanent("no")

    async with running(handler):
        await probe.bus.publish(subject, ready(interview))
        await eventually(lambda: len(attempts) >= 2)
    assert await left(probe) == 1


async def test_a_message_of_no_known_subject_is_refused_at_the_publisher(probe: BusProbe) -> None:
    with pytest.raises(Transient) as caught:
        await probe.bus.publish("viva.v1.nowhere.a.b", StringValue(value="x"))
    assert caught.value.reason == "STREAM_UNAVAILABLE"
