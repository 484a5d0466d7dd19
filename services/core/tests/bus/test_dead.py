"""Dead letters for people, and the erasure of an interview from the streams."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from viva.event.v1 import events_pb2
from viva_core.bus.dead import DeadLetters, dead_headers
from viva_core.bus.envelope import new_envelope
from viva_core.bus.erase import erase_interview
from viva_core.bus.subjects import command_subject, dead_subject, event_subject, frame_subject
from viva_core.bus.topology import COMMANDS, EVENTS
from viva_core.clock import SystemClock
from viva_core.errors import NotFound, Permanent, Refused
from viva_testkit.bus import BusFactory, BusProbe

Make = Callable[[UUID], events_pb2.InterviewReady]
Bury = Callable[..., Awaitable[None]]


@pytest.fixture
async def probe(buses: BusFactory) -> BusProbe:
    return await buses.connect("admin")


@pytest.fixture
def bury(probe: BusProbe, tenant: UUID, ready: Make) -> Bury:
    """Puts a dead letter of an interview onto the stream, as a worker does."""

    async def put(
        interview: UUID, *, stream: str = COMMANDS.name, consumer: str = "evaluator", number: int = 1
    ) -> None:
        subject = command_subject("evaluator", tenant, interview)
        message = ready(interview)
        headers = new_envelope(
            subject, message.DESCRIPTOR.full_name, source="session", clock=SystemClock(), event_id=f"m{number}"
        ).headers()
        dead = dead_headers(
            headers,
            Permanent("the rubric has no criteria", reason="RUBRIC_EMPTY"),
            stream=stream,
            consumer=consumer,
            subject=subject,
            sequence=number,
            attempts=3,
            moment=datetime(2026, 1, 5, tzinfo=UTC),
        )
        await probe.bus.publisher.publish(dead_subject(stream, consumer), message.SerializeToString(), dead)

    return put


async def test_letters_are_listed_oldest_first_and_by_consumer(probe: BusProbe, bury: Bury, interview: UUID) -> None:
    await bury(interview, number=1)
    await bury(interview, stream=EVENTS.name, consumer="session", number=2)
    await bury(interview, number=3)
    dead = DeadLetters(probe.bus.api)
    assert [letter.message_id async for letter in dead.list()] == ["m1", "m2", "m3"]
    assert [letter.message_id async for letter in dead.list(consumer="evaluator")] == ["m1", "m3"]
    assert [letter.message_id async for letter in dead.list(stream=EVENTS.name)] == ["m2"]


async def test_a_letter_shows_its_cause_and_its_origin(
    probe: BusProbe, bury: Bury, tenant: UUID, interview: UUID, ready: Make
) -> None:
    await bury(interview)
    letter = await DeadLetters(probe.bus.api).show(1)
    assert (letter.reason, letter.cause, letter.attempts, letter.retries) == (
        "RUBRIC_EMPTY",
        "the rubric has no criteria",
        3,
        0,
    )
    assert (letter.stream, letter.consumer) == (COMMANDS.name, "evaluator")
    assert letter.subject == command_subject("evaluator", tenant, interview)
    assert letter.died_at == datetime(2026, 1, 5, tzinfo=UTC)
    assert letter.message_type == "viva.event.v1.InterviewReady"
    assert events_pb2.InterviewReady.FromString(letter.payload) == ready(interview)


async def test_the_same_message_dies_once(probe: BusProbe, bury: Bury, interview: UUID) -> None:
    await bury(interview)
    await bury(interview)
    assert len([letter async for letter in DeadLetters(probe.bus.api).list()]) == 1


async def test_a_retry_counts_and_a_second_one_has_nothing_to_do(probe: BusProbe, bury: Bury, interview: UUID) -> None:
    await bury(interview)
    dead = DeadLetters(probe.bus.api)
    ack = await dead.retry(1, probe.bus.publisher)
    stored = await probe.bus.api.message(ack.stream, ack.sequence)
    assert stored is not None
    assert (stored.headers["ce-id"], stored.headers["Viva-Retries"]) == ("m1", "1")
    assert not [name for name in stored.headers if name.startswith("Viva-Dead-")]
    with pytest.raises(NotFound):
        await dead.retry(1, probe.bus.publisher)


async def test_a_letter_that_its_consumer_cannot_have_read_is_not_sent_again(
    probe: BusProbe, tenant: UUID, interview: UUID
) -> None:
    """Who may bury what one consumer read must not have a score said by whoever sends it again."""
    forged = event_subject(tenant, interview, "answer-evaluated")
    dead = dead_headers(
        {"ce-id": "m1"},
        Permanent("broken"),
        stream=EVENTS.name,  # whatever the headers say: the subject that it lies on is what counts
        consumer="session",
        subject=forged,
        sequence=1,
        attempts=1,
        moment=datetime(2026, 1, 5, tzinfo=UTC),
    )
    await probe.bus.publisher.publish(dead_subject(COMMANDS.name, "question-gen"), b"forged", dead)
    letters = DeadLetters(probe.bus.api)
    [letter] = [letter async for letter in letters.list()]
    assert (letter.stream, letter.consumer) == (COMMANDS.name, "question-gen")
    with pytest.raises(Refused, match="only deleted"):
        await letters.retry(letter.number, probe.bus.publisher)
    assert await probe.bus.api.message(EVENTS.name, 1, subject=forged) is None
    await letters.delete(letter.number)


async def test_a_letter_may_be_deleted(probe: BusProbe, bury: Bury, interview: UUID) -> None:
    await bury(interview)
    dead = DeadLetters(probe.bus.api)
    await dead.delete(1)
    for act in (dead.show, dead.delete):
        with pytest.raises(NotFound):
            await act(1)


async def test_erasure_takes_one_interview_from_every_stream(
    probe: BusProbe, bury: Bury, tenant: UUID, interview: UUID, ready: Make
) -> None:
    other = uuid4()
    for each, number in ((interview, 1), (other, 2)):
        await probe.bus.publish(event_subject(tenant, each, "interview-ready"), ready(each))
        await probe.bus.publish(command_subject("evaluator", tenant, each), ready(each))
        await probe.bus.publish(frame_subject(tenant, each), ready(each))
        await bury(each, number=number)
    everything = {"VIVA_EVENT_V1": 1, "VIVA_COMMAND_V1": 1, "VIVA_FRAME_V1": 1, "VIVA_DEAD_V1": 1}
    assert await erase_interview(probe.bus.api, tenant, interview) == everything
    assert await erase_interview(probe.bus.api, tenant, interview) == dict.fromkeys(everything, 0)
    assert await erase_interview(probe.bus.api, tenant, other) == everything


async def test_a_frame_replaces_the_one_before(probe: BusProbe, tenant: UUID, interview: UUID, ready: Make) -> None:
    for _ in range(3):
        await probe.bus.publish(frame_subject(tenant, interview), ready(interview))
    info = await probe.bus.api.request("STREAM.INFO.VIVA_FRAME_V1")
    assert (info["state"]["messages"], info["config"]["storage"]) == (1, "memory")
