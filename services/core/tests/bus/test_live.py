"""Live messages: heard by whoever listens, lost without harm."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

from google.protobuf.wrappers_pb2 import StringValue
from nats.aio.msg import Msg
from viva.event.v1 import events_pb2
from viva_core.bus import message_types
from viva_core.bus.codec import MessageTypes
from viva_core.bus.live import flushed
from viva_core.bus.subjects import live_subject
from viva_testkit.bus import BusFactory, eventually
from viva_testkit.nats import NatsServer

Make = Callable[[UUID], events_pb2.InterviewReady]
WORDS = message_types(StringValue)


async def test_a_listener_hears_its_interview_and_no_other(
    buses: BusFactory, tenant: UUID, interview: UUID, ready: Make, types: MessageTypes
) -> None:
    speaker, gateway = await buses.connect("question-gen"), await buses.connect("gateway")
    async with gateway.bus.subscribe_live(live_subject(tenant, interview, ">"), types) as messages:
        await speaker.bus.publish_live(live_subject(tenant, uuid4(), "question"), ready(interview))
        await speaker.bus.publish_live(live_subject(tenant, interview, "question"), ready(interview))
        message = await asyncio.wait_for(anext(messages), 5)
    assert message.message == ready(interview)
    assert (message.address.interview_id, message.address.name) == (str(interview), "question")
    assert message.envelope.source == "question-gen"


async def test_a_slow_reader_loses_the_oldest(buses: BusFactory, tenant: UUID, interview: UUID) -> None:
    probe = await buses.connect("gateway")
    subject = live_subject(tenant, interview, "question")
    async with probe.bus.subscribe_live(subject, WORDS, limit=3) as messages:
        for number in range(10):
            await probe.bus.publish_live(subject, StringValue(value=str(number)))
        await eventually(lambda: probe.metric("viva_bus_live_dropped_total") == 7)
        heard = [(await anext(messages)).message for _ in range(3)]
    assert heard == [StringValue(value="7"), StringValue(value="8"), StringValue(value="9")]


async def test_what_the_reader_does_not_know_is_skipped(
    buses: BusFactory, tenant: UUID, interview: UUID, ready: Make
) -> None:
    probe = await buses.connect("gateway")
    subject = live_subject(tenant, interview, "question")
    async with probe.bus.subscribe_live(subject, WORDS) as messages:
        await probe.bus.publish_live(subject, ready(interview))
        await probe.bus.client.publish(subject, b"no event at all")
        await probe.bus.publish_live(subject, StringValue(value="known"))
        assert (await anext(messages)).message == StringValue(value="known")


async def test_a_listener_survives_a_restart_of_the_server(
    buses: BusFactory, nats_server: NatsServer, tenant: UUID, interview: UUID
) -> None:
    probe = await buses.connect("gateway")
    subject = live_subject(tenant, interview, "question")
    async with probe.bus.subscribe_live(subject, WORDS) as messages:
        nats_server.kill()
        nats_server.start()
        await eventually(lambda: probe.ok("bus") and probe.metric("viva_bus_reconnects_total") == 1)
        await probe.bus.publish_live(subject, StringValue(value="again"))
        assert (await asyncio.wait_for(anext(messages), 5)).message == StringValue(value="again")


async def test_closing_ends_the_iteration(buses: BusFactory, tenant: UUID, interview: UUID) -> None:
    probe = await buses.connect("gateway")
    messages = probe.bus.subscribe_live(live_subject(tenant, interview, ">"), WORDS)
    await messages.__aenter__()
    await messages.aclose()
    assert [message async for message in messages] == []


async def test_who_listens_hears_what_is_said_from_then_on(buses: BusFactory, tenant: UUID, interview: UUID) -> None:
    """Often, since it is a race: with nats-py's flush alone, one in six of these is lost."""
    speaker, gateway = (await buses.connect("question-gen")).bus.client, (await buses.connect("gateway")).bus.client
    heard: set[str] = set()

    async def hear(message: Msg) -> None:
        heard.add(message.subject)

    wanted = {live_subject(tenant, interview, f"round{number}") for number in range(300)}
    for subject in sorted(wanted):
        await gateway.subscribe(subject, cb=hear)
        await flushed(gateway)
        await speaker.publish(subject, b"")
        await flushed(speaker)
    await eventually(lambda: heard == wanted)
