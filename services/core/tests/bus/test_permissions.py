"""Each role can do what it must and is refused what it must not, by a real server with the generated configuration."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from viva.event.v1 import events_pb2
from viva_core.bus import Bus, Delivery, Worker
from viva_core.bus.apply import apply
from viva_core.bus.codec import MessageTypes
from viva_core.bus.dead import DeadLetters
from viva_core.bus.erase import erase_interview
from viva_core.bus.live import flushed
from viva_core.bus.permissions import nats_config, permissions
from viva_core.bus.subjects import command_subject, dead_subject, event_subject, frame_subject, live_subject
from viva_core.bus.topology import BINDS, COMMANDED, CONSUMERS, LIVE, SAYS, SESSION, WATCHES, ConsumerSpec, Role
from viva_core.errors import Denied, Invalid, Permanent, Transient, VivaError
from viva_testkit.bus import BusFactory, eventually
from viva_testkit.nats import NatsServer

Make = Callable[[UUID], events_pb2.InterviewReady]

PASSWORDS = {role: f'{role}-"secret"\\$' for role in Role}


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[NatsServer]:
    """A nats-server that runs the generated users and rights."""
    server = NatsServer(tmp_path / "guarded", config=nats_config(PASSWORDS))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def factory(guarded: NatsServer) -> AsyncIterator[BusFactory]:
    factory = BusFactory(guarded.url)
    admin = await factory.connect("admin", password=PASSWORDS[Role.ADMIN])
    await apply(admin.bus.api)
    yield factory
    await factory.close()


async def enter(factory: BusFactory, role: Role) -> Bus:
    return (await factory.connect(role, password=PASSWORDS[role])).bus


def subjects(tenant: UUID, interview: UUID) -> dict[str, set[Role]]:
    """Every stream subject there is, and the roles that may publish to it."""
    allowed: dict[str, set[Role]] = {}
    for role, events in SAYS.items():
        for event in events:
            hears = f"viva.v1.event.*.*.{event}" in SESSION.filters  # a dead letter of its own goes there again
            allowed[event_subject(tenant, interview, event)] = {role, Role.ADMIN} | ({Role.SESSION} if hears else set())
    for role in COMMANDED:
        allowed[command_subject(role, tenant, interview)] = {Role.SESSION, Role.ADMIN}
    allowed[frame_subject(tenant, interview)] = {Role.MEDIA, Role.ADMIN}
    for role, consumers in BINDS.items():
        for consumer in consumers:
            keeps = {role} if consumer.dead_letters else set()
            allowed[dead_subject(consumer.stream, consumer.durable)] = {*keeps, Role.ADMIN}
    return allowed


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_publishes_exactly_what_is_its_own(
    factory: BusFactory, role: Role, tenant: UUID, interview: UUID
) -> None:
    bus = await enter(factory, role)

    async def may(subject: str) -> bool:
        try:
            await bus.publisher.publish(subject, b"", {})
        except Denied:
            return False
        return True

    table = subjects(tenant, interview)
    actual = {subject for subject in table if await may(subject)}
    assert actual == {subject for subject, roles in table.items() if role in roles}


BOUND = [(role, consumer) for role in BINDS if role is not Role.VISION for consumer in BINDS[role]]


@pytest.mark.parametrize(("role", "consumer"), BOUND, ids=[consumer.durable for _, consumer in BOUND])
async def test_a_worker_lives_on_its_rights(
    factory: BusFactory,
    role: Role,
    consumer: ConsumerSpec,
    tenant: UUID,
    interview: UUID,
    types: MessageTypes,
    ready: Make,
) -> None:
    """Bind, pull, acknowledge, give back and dead-letter."""
    admin = await enter(factory, Role.ADMIN)
    probe = await factory.connect(role, password=PASSWORDS[role])
    seen: list[int] = []

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery.attempt)
        if delivery.attempt == 1:
            raise Transient("once more", retry_after=timedelta(0))
        if delivery.envelope.id == "bad":
            raise Permanent("no")

    worker = Worker(probe.bus, consumer, handler, message_types=types, health=probe.health, expires=0.6, heartbeat=0.2)
    task = asyncio.create_task(worker.run())
    subject = consumer.filters[0].replace(">", "*.*").replace("*", str(tenant), 1).replace("*", str(interview), 1)
    await admin.publish(subject, ready(interview), event_id="good")
    await admin.publish(subject, ready(interview), event_id="bad")
    await eventually(lambda: sorted(seen) == [1, 1, 2, 2])

    async def dead() -> bool:
        return [letter.message_id async for letter in DeadLetters(admin.api).list()] == ["bad"]

    await eventually(dead)
    await worker.stop(5)
    await task
    info = await admin.api.request(f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}")
    assert (info["num_pending"], info["num_ack_pending"]) == (0, 0)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
async def test_no_service_may_change_the_topology_or_read_what_is_not_its_own(factory: BusFactory, role: Role) -> None:
    bus = await enter(factory, role)
    rights = permissions(role).publish
    calls = (
        "STREAM.DELETE.VIVA_EVENT_V1",
        "STREAM.UPDATE.VIVA_EVENT_V1",
        "STREAM.MSG.GET.VIVA_EVENT_V1",
        "STREAM.MSG.DELETE.VIVA_EVENT_V1",
        "STREAM.PURGE.VIVA_DEAD_V1",
        "CONSUMER.CREATE.VIVA_EVENT_V1.spy",
        *(
            f"CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.durable}"
            for other, consumers in BINDS.items()
            if other is not role
            for consumer in consumers
        ),
    )
    for call in calls:
        assert f"$JS.API.{call}" not in rights
        with pytest.raises(Denied):
            await bus.publisher.publish(f"$JS.API.{call}", b"{}", {})


@pytest.mark.parametrize("role", list(Role))
async def test_live_messages_are_said_by_their_role_and_heard_by_the_gateway_alone(
    factory: BusFactory, role: Role, tenant: UUID, interview: UUID, types: MessageTypes, ready: Make
) -> None:
    gateway, listener = await enter(factory, Role.GATEWAY), await enter(factory, role)
    admin = await enter(factory, Role.ADMIN)
    heard: dict[str, set[str]] = {"gateway": set(), "role": set()}

    async def listen(bus: Bus, name: str, ready_event: asyncio.Event) -> None:
        async with bus.subscribe_live(live_subject(tenant, interview, ">"), types) as messages:
            ready_event.set()
            async for message in messages:
                heard[name].add(message.address.name)

    events = [asyncio.Event(), asyncio.Event()]
    tasks = [
        asyncio.create_task(listen(gateway, "gateway", events[0])),
        asyncio.create_task(listen(listener, "role", events[1])),
    ]
    await asyncio.gather(*(event.wait() for event in events))
    for kind in sorted({kind for kinds in LIVE.values() for kind in kinds}):
        await listener.publish_live(live_subject(tenant, interview, kind), ready(interview))
    await flushed(listener.client)
    await admin.publish_live(live_subject(tenant, interview, "end"), ready(interview))
    said = {kind for kinds in LIVE.values() for kind in kinds} if role is Role.ADMIN else set(LIVE.get(role, ()))
    await eventually(lambda: heard["gateway"] >= said | {"end"})
    assert heard["gateway"] == said | {"end"}
    if role not in (Role.GATEWAY, Role.ADMIN):
        await flushed(listener.client)
        assert heard["role"] == set()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_operator_reads_what_waits_and_never_a_message(
    factory: BusFactory, tenant: UUID, interview: UUID, ready: Make
) -> None:
    admin, operator = await enter(factory, Role.ADMIN), await enter(factory, Role.OPERATOR)
    await admin.publish(command_subject(Role.EVALUATOR, tenant, interview), ready(interview))
    waiting = {
        consumer.durable: (await operator.api.request(f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}"))[
            "num_pending"
        ]
        for consumer in WATCHES[Role.OPERATOR]
    }
    assert waiting == {"question-gen": 0, "evaluator": 1, "vision": 0, "media": 0}
    assert (await operator.api.request("STREAM.INFO.VIVA_COMMAND_V1"))["state"]["messages"] == 1
    for call in ("STREAM.MSG.GET.VIVA_COMMAND_V1", "CONSUMER.MSG.NEXT.VIVA_COMMAND_V1.evaluator", "STREAM.NAMES"):
        with pytest.raises(Denied):
            await operator.publisher.publish(f"$JS.API.{call}", b"{}", {})


async def test_session_may_erase_an_interview_and_the_workers_may_not(
    factory: BusFactory, tenant: UUID, interview: UUID, ready: Make
) -> None:
    session, evaluator = await enter(factory, Role.SESSION), await enter(factory, Role.EVALUATOR)
    await session.publish(event_subject(tenant, interview, "interview-ready"), ready(interview))
    assert (await erase_interview(session.api, tenant, interview))["VIVA_EVENT_V1"] == 1
    with pytest.raises(Denied):
        await evaluator.publisher.publish("$JS.API.STREAM.PURGE.VIVA_EVENT_V1", b"{}", {})


@pytest.mark.parametrize("role", list(Role))
async def test_what_a_face_showed_is_read_back_by_who_looked_at_it_alone(
    factory: BusFactory, role: Role, tenant: UUID, interview: UUID
) -> None:
    bus, seen = await enter(factory, role), event_subject(tenant, interview, "expressions-seen")

    async def may(call: str) -> bool:
        try:
            await bus.publisher.publish(f"$JS.API.{call}", b"", {})
        except Denied:
            return False
        except VivaError:
            pass  # the server took the call; an empty body is not what it wants
        return True

    reader = role in (Role.VISION, Role.ADMIN)
    assert await may(f"CONSUMER.CREATE.VIVA_EVENT_V1.spy.{seen}") == reader
    everything = role is Role.ADMIN
    for call in (
        f"DIRECT.GET.VIVA_EVENT_V1.{seen}",
        "DIRECT.GET.VIVA_EVENT_V1",
        "STREAM.MSG.GET.VIVA_EVENT_V1",
        "CONSUMER.CREATE.VIVA_EVENT_V1.spy",
        "CONSUMER.DURABLE.CREATE.VIVA_EVENT_V1.spy",
        f"CONSUMER.CREATE.VIVA_EVENT_V1.session.{seen}",
        f"CONSUMER.CREATE.VIVA_EVENT_V1.media.{seen}",
    ):
        assert await may(call) == everything, call


def test_of_what_a_face_showed_only_the_session_is_told_which_keeps_or_removes_it() -> None:
    told = {consumer.durable for consumer in CONSUMERS if any("expressions" in each for each in consumer.filters)}
    assert told == {SESSION.durable}


async def test_a_role_can_not_hear_anothers_replies(factory: BusFactory) -> None:
    spy, session = await enter(factory, Role.EVALUATOR), await enter(factory, Role.SESSION)
    heard: list[str] = []

    async def hear(message: object) -> None:
        heard.append("something")

    await spy.client.subscribe("_INBOX_session.>", cb=hear)
    await flushed(spy.client)
    await session.publisher.publish(event_subject(uuid4(), uuid4(), "interview-ready"), b"", {})
    await flushed(spy.client)
    assert heard == []


async def test_a_wrong_password_gets_nobody_in(factory: BusFactory) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await factory.connect("session", password="guessed")


@pytest.mark.parametrize("password", ["", "line\nbreak", "비밀"])
def test_a_password_that_the_configuration_can_not_hold_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        nats_config({Role.SESSION: password})
