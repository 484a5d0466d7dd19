"""What a publisher learns about the fate of its message."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from viva.event.v1 import events_pb2
from viva_core.bus.apply import apply
from viva_core.bus.subjects import command_subject, event_subject
from viva_core.bus.topology import COMMANDS
from viva_core.errors import Conflict, Exhausted, Invalid, Transient
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.clock import FakeClock
from viva_testkit.nats import NatsServer

Make = Callable[[UUID], events_pb2.InterviewReady]


@pytest.fixture
def subject(tenant: UUID, interview: UUID) -> str:
    return event_subject(tenant, interview, "interview-ready")


@pytest.fixture
async def probe(buses: BusFactory, clock: FakeClock) -> BusProbe:
    return await buses.connect("session", clock=clock)


async def test_a_message_is_stored_as_a_cloudevent_in_binary_mode(
    probe: BusProbe, ready: Make, subject: str, interview: UUID, clock: FakeClock
) -> None:
    event_id, cause = uuid4(), uuid4()
    ack = await probe.bus.publish(
        subject, ready(interview), event_id=event_id, causation_id=cause, expires_at=clock.now()
    )
    assert (ack.stream, ack.sequence, ack.duplicate) == ("VIVA_EVENT_V1", 1, False)
    stored = await probe.bus.api.message("VIVA_EVENT_V1", 1)
    assert stored is not None
    assert (stored.subject, stored.payload) == (subject, ready(interview).SerializeToString())
    assert stored.headers == {
        "ce-specversion": "1.0",
        "ce-id": str(event_id),
        "ce-type": "viva.event.v1.InterviewReady",
        "ce-source": "session",
        "ce-subject": str(interview),
        "ce-time": "2026-01-05T09:00:00.000Z",
        "ce-expiresat": "2026-01-05T09:00:00.000Z",
        "ce-causationid": str(cause),
        "ce-datacontenttype": "application/protobuf",
        "Nats-Msg-Id": str(event_id),
    }


async def test_the_same_event_twice_is_stored_once(probe: BusProbe, ready: Make, subject: str, interview: UUID) -> None:
    first = await probe.bus.publish(subject, ready(interview), event_id="e")
    second = await probe.bus.publish(subject, ready(interview), event_id="e")
    assert (first.duplicate, second.duplicate) == (False, True)
    assert first.sequence == second.sequence
    assert probe.metric("viva_bus_published_total", stream="VIVA_EVENT_V1", outcome="stored") == 1
    assert probe.metric("viva_bus_published_total", stream="VIVA_EVENT_V1", outcome="duplicate") == 1


async def test_a_writer_that_read_too_early_meets_a_conflict(
    probe: BusProbe, ready: Make, subject: str, interview: UUID
) -> None:
    ack = await probe.bus.publish(subject, ready(interview), expected_last_subject_sequence=0)
    with pytest.raises(Conflict):
        await probe.bus.publish(subject, ready(interview), expected_last_subject_sequence=0)
    await probe.bus.publish(subject, ready(interview), expected_last_subject_sequence=ack.sequence)


async def test_a_full_work_queue_says_so(probe: BusProbe, ready: Make, tenant: UUID, interview: UUID) -> None:
    await apply(probe.bus.api, streams=[replace(COMMANDS, max_messages=1)])
    subject = command_subject("evaluator", tenant, interview)
    await probe.bus.publish(subject, ready(interview))
    with pytest.raises(Exhausted) as caught:
        await probe.bus.publish(subject, ready(interview))
    assert caught.value.reason == "STREAM_FULL"
    assert probe.metric("viva_bus_published_total", stream="VIVA_COMMAND_V1", outcome="full") == 1


async def test_a_message_that_breaks_its_rules_never_leaves(probe: BusProbe, subject: str, interview: UUID) -> None:
    with pytest.raises(Invalid) as caught:
        await probe.bus.publish(subject, events_pb2.InterviewReady(interview_id=str(interview)))
    assert [violation.field for violation in caught.value.violations] == ["tenant_id", "occurred_at"]


async def test_a_message_that_is_too_large_is_refused(
    probe: BusProbe, ready: Make, subject: str, tenant: UUID, interview: UUID
) -> None:
    for size in (1024 * 1024 + 1, 2 * 1024 * 1024):  # more than the stream takes, more than the server takes
        with pytest.raises(Invalid) as caught:
            await probe.bus.publisher.publish(subject, b"x" * size, {})
        assert caught.value.reason == "MESSAGE_TOO_LARGE"


async def test_while_the_server_is_away_a_publish_fails_at_once_and_nothing_is_buffered(
    probe: BusProbe, nats_server: NatsServer, ready: Make, subject: str, interview: UUID
) -> None:
    nats_server.kill()
    await eventually(lambda: not probe.bus.connected)
    for _ in range(3):
        with pytest.raises(Transient) as caught:
            await asyncio.wait_for(probe.bus.publish(subject, ready(interview)), 4)  # less than the time limit
        assert caught.value.reason == "BUS_UNAVAILABLE"
    await probe.bus.publish_live(subject, ready(interview))  # lost without harm
    assert not probe.ok("bus")
    nats_server.start()
    await eventually(lambda: probe.ok("bus"))
    sequences: list[int] = []

    async def published() -> bool:  # the server takes connections a moment before its streams are there again
        with suppress(Transient):
            sequences.append((await probe.bus.publish(subject, ready(interview), event_id="e")).sequence)
        return bool(sequences)

    await eventually(published, within=30)
    assert sequences == [1]
    assert probe.metric("viva_bus_reconnects_total") >= 1


async def test_an_acknowledgement_that_will_never_come_is_not_waited_for(
    buses: BusFactory, nats_server: NatsServer, subject: str
) -> None:
    probe = await buses.connect("session", ack_timeout=90)
    nats_server.pause()
    publishing = asyncio.create_task(probe.bus.publisher.publish(subject, b"", {}))
    await asyncio.sleep(0)
    nats_server.kill()
    with pytest.raises(Transient) as caught:
        await asyncio.wait_for(publishing, 45)
    assert caught.value.reason == "BUS_UNAVAILABLE"
    nats_server.start()


async def test_a_server_that_hangs_is_given_up_after_the_time_limit(
    buses: BusFactory, nats_server: NatsServer, subject: str
) -> None:
    probe = await buses.connect("session", ack_timeout=0.2)
    nats_server.pause()
    with pytest.raises(Transient) as caught:
        await probe.bus.publisher.publish(subject, b"", {})
    assert caught.value.reason == "BUS_TIMEOUT"
    nats_server.resume()


async def test_connecting_waits_for_the_server(nats_server: NatsServer, ready: Make, subject: str) -> None:
    nats_server.kill()
    factory = BusFactory(nats_server.url)
    connecting = asyncio.create_task(factory.connect("session"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(connecting), 0.3)
    nats_server.start()
    probe = await asyncio.wait_for(connecting, 45)
    assert probe.ok("bus")
    await factory.close()
    assert not probe.ok("bus")
