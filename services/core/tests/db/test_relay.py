"""The outbox and its relay, on a real PostgreSQL and a real nats-server."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from viva.event.v1 import events_pb2
from viva_core.bus.apply import apply
from viva_core.bus.subjects import command_subject, event_subject
from viva_core.bus.topology import COMMANDS, EVENTS, Backoff
from viva_core.db import Outbox, Relay, transaction
from viva_core.errors import Invalid
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.nats import NatsServer
from viva_testkit.postgres import Postgres

Make = Callable[[UUID], events_pb2.InterviewReady]
Sessions = async_sessionmaker[AsyncSession]
Relaying = Callable[..., AbstractAsyncContextManager[Relay]]


@pytest.fixture
def outbox() -> Outbox:
    return Outbox("session")


@pytest.fixture
async def probe(buses: BusFactory) -> BusProbe:
    return await buses.connect("session", ack_timeout=2.0)


@pytest.fixture
def relaying(database_url: str, probe: BusProbe) -> Relaying:
    """Runs a relay for the length of a block."""

    @asynccontextmanager
    async def run(poll: float = 1.0, grace: float = 5.0) -> AsyncIterator[Relay]:
        relay = Relay(
            database_url,
            probe.bus,
            health=probe.health,
            registry=probe.registry,
            poll=poll,
            backoff=Backoff(first=0.05, limit=0.2),
        )
        task = asyncio.create_task(relay.run())
        await eventually(lambda: probe.ok("outbox.relay"))
        try:
            yield relay
        finally:
            await relay.stop(grace)
            await task

    return run


async def waiting(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM outbox"))).scalar_one())


async def published(probe: BusProbe, stream: str = EVENTS.name) -> list[str]:
    """The ids of what a stream holds, in order."""
    info = await probe.bus.api.request(f"STREAM.INFO.{stream}")
    ids = []
    for sequence in range(info["state"]["first_seq"], info["state"]["last_seq"] + 1):
        message = await probe.bus.api.message(stream, sequence)
        assert message is not None
        ids.append(message.headers["ce-id"])
    return ids


async def empty(engine: AsyncEngine) -> bool:
    return await waiting(engine) == 0


async def test_a_committed_message_is_published_and_a_rolled_back_one_is_not(
    sessions: Sessions,
    engine: AsyncEngine,
    probe: BusProbe,
    outbox: Outbox,
    relaying: Relaying,
    tenant: UUID,
    ready: Make,
) -> None:
    interview = uuid4()
    subject = event_subject(tenant, interview, "interview-ready")

    async def fail() -> None:
        async with transaction(sessions) as session:
            await outbox.add(session, subject, ready(interview), event_id="never said")
            raise RuntimeError

    async with relaying():
        with pytest.raises(RuntimeError):
            await fail()
        async with transaction(sessions) as session:
            envelope = await outbox.add(session, subject, ready(interview), event_id="said")
        await eventually(lambda: empty(engine))
    assert await published(probe) == ["said"]
    stored = await probe.bus.api.message(EVENTS.name, 1)
    assert stored is not None
    assert stored.payload == ready(interview).SerializeToString()
    assert stored.headers.items() >= envelope.headers().items()


async def test_a_message_that_breaks_its_rules_is_refused_before_it_is_written(
    sessions: Sessions, engine: AsyncEngine, outbox: Outbox, tenant: UUID
) -> None:
    subject = event_subject(tenant, uuid4(), "interview-ready")
    with pytest.raises(Invalid) as caught:
        async with transaction(sessions) as session:
            await outbox.add(session, subject, events_pb2.InterviewReady())
    assert [violation.field for violation in caught.value.violations] == ["tenant_id", "interview_id", "occurred_at"]
    assert await empty(engine)


async def test_a_commit_wakes_the_relay(
    sessions: Sessions, engine: AsyncEngine, outbox: Outbox, relaying: Relaying, tenant: UUID, ready: Make
) -> None:
    interview = uuid4()
    async with relaying(poll=60.0, grace=0.1):
        await eventually(lambda: empty(engine))
        async with transaction(sessions) as session:
            await outbox.add(session, event_subject(tenant, interview, "interview-ready"), ready(interview))
        await eventually(lambda: empty(engine), within=5.0)


async def test_an_interviews_messages_are_published_in_the_order_of_their_commits(
    sessions: Sessions,
    engine: AsyncEngine,
    probe: BusProbe,
    outbox: Outbox,
    relaying: Relaying,
    tenant: UUID,
    ready: Make,
) -> None:
    interviews = [uuid4() for _ in range(3)]
    committed: dict[UUID, list[str]] = {interview: [] for interview in interviews}
    dice = random.Random(7)

    async def change(interview: UUID, number: int) -> None:
        async with transaction(sessions) as session:
            subject = event_subject(tenant, interview, "interview-ready")
            await outbox.add(session, subject, ready(interview), event_id=f"{interview}/{number}")
            await asyncio.sleep(dice.random() / 50)  # so that transactions overlap
            committed[interview].append(f"{interview}/{number}")  # the next one of this interview waits until commit

    async with relaying():
        async with asyncio.TaskGroup() as changes:
            for number in range(20):
                for interview in interviews:
                    changes.create_task(change(interview, number))
        await eventually(lambda: empty(engine))
    ids = await published(probe)
    assert {i: [x for x in ids if x.startswith(str(i))] for i in interviews} == committed


async def test_two_relays_keep_the_order_and_publish_nothing_twice(
    sessions: Sessions,
    engine: AsyncEngine,
    buses: BusFactory,
    probe: BusProbe,
    outbox: Outbox,
    relaying: Relaying,
    database_url: str,
    tenant: UUID,
    ready: Make,
) -> None:
    second = await buses.connect("session")
    other = Relay(database_url, second.bus, health=second.health, registry=second.registry, batch=7)
    task = asyncio.create_task(other.run())
    interviews = [uuid4() for _ in range(4)]
    async with relaying():
        for number in range(100):
            interview = interviews[number % 4]
            async with transaction(sessions) as session:
                subject = event_subject(tenant, interview, "interview-ready")
                await outbox.add(session, subject, ready(interview), event_id=f"{interview}/{number:03}")
        await eventually(lambda: empty(engine))
    await other.stop(5.0)
    await task
    ids = await published(probe)
    assert len(ids) == 100
    for interview in interviews:
        mine = [each for each in ids if each.startswith(str(interview))]
        assert mine == sorted(mine)


async def test_a_full_stream_keeps_its_rows_and_stops_only_its_own_interviews(
    sessions: Sessions,
    engine: AsyncEngine,
    probe: BusProbe,
    outbox: Outbox,
    relaying: Relaying,
    tenant: UUID,
    ready: Make,
) -> None:
    await apply(probe.bus.api, streams=[replace(COMMANDS, max_messages=1)])
    full, other = uuid4(), uuid4()
    async with relaying(poll=0.05):
        async with transaction(sessions) as session:
            for number in range(2):
                subject = command_subject("evaluator", tenant, full)
                await outbox.add(session, subject, ready(full), event_id=f"command {number}")
            await outbox.add(session, event_subject(tenant, full, "interview-ready"), ready(full), event_id="after")
        async with transaction(sessions) as session:
            await outbox.add(session, event_subject(tenant, other, "interview-ready"), ready(other), event_id="other")
        await eventually(lambda: _holds(engine, 2))
        assert await published(probe) == ["other"]
        assert probe.metric("viva_outbox_relayed_total", outcome="resting") >= 1
        await apply(probe.bus.api)  # room again
        await eventually(lambda: empty(engine))
    assert await published(probe) == ["other", "after"]
    assert await published(probe, COMMANDS.name) == ["command 0", "command 1"]


async def _holds(engine: AsyncEngine, count: int) -> bool:
    return await waiting(engine) == count


async def test_an_expired_row_is_dropped(
    sessions: Sessions,
    engine: AsyncEngine,
    probe: BusProbe,
    outbox: Outbox,
    relaying: Relaying,
    tenant: UUID,
    ready: Make,
) -> None:
    interview = uuid4()
    subject = command_subject("evaluator", tenant, interview)
    async with transaction(sessions) as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        await outbox.add(session, subject, ready(interview), event_id="late", expires_at=past)
        await outbox.add(session, subject, ready(interview), event_id="in time")
    async with relaying():
        await eventually(lambda: empty(engine))
    assert await published(probe, COMMANDS.name) == ["in time"]


async def test_what_can_never_be_published_waits_for_a_person_and_blocks_nobody(
    sessions: Sessions,
    engine: AsyncEngine,
    probe: BusProbe,
    outbox: Outbox,
    relaying: Relaying,
    tenant: UUID,
    ready: Make,
) -> None:
    await apply(probe.bus.api, streams=[replace(COMMANDS, max_message_bytes=100)])
    interview = uuid4()
    async with transaction(sessions) as session:
        await outbox.add(session, command_subject("evaluator", tenant, interview), ready(interview))
        await outbox.add(
            session, event_subject(tenant, interview, "interview-ready"), ready(interview), event_id="next"
        )
    async with relaying():
        await eventually(lambda: _holds(engine, 1))
    assert await published(probe) == ["next"]
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT refused FROM outbox"))).scalar_one() == "MESSAGE_TOO_LARGE"


async def test_a_nats_restart_loses_nothing_and_doubles_nothing(
    sessions: Sessions,
    engine: AsyncEngine,
    probe: BusProbe,
    outbox: Outbox,
    relaying: Relaying,
    nats_server: NatsServer,
    tenant: UUID,
    ready: Make,
) -> None:
    interview = uuid4()

    async def say(number: int) -> None:
        async with transaction(sessions) as session:
            subject = event_subject(tenant, interview, "interview-ready")
            await outbox.add(session, subject, ready(interview), event_id=f"{number:03}")

    async with relaying(poll=0.1):
        for number in range(50):
            await say(number)
        nats_server.kill()
        for number in range(50, 100):
            await say(number)
        nats_server.start()
        await eventually(lambda: empty(engine), within=30)
    assert await published(probe) == [f"{number:03}" for number in range(100)]


async def test_a_postgres_restart_is_survived(
    sessions: Sessions,
    engine: AsyncEngine,
    probe: BusProbe,
    outbox: Outbox,
    relaying: Relaying,
    postgres: Postgres,
    tenant: UUID,
    ready: Make,
) -> None:
    interview = uuid4()
    subject = event_subject(tenant, interview, "interview-ready")
    async with relaying():
        async with transaction(sessions) as session:
            await outbox.add(session, subject, ready(interview), event_id="before")
        await eventually(lambda: empty(engine))
        await asyncio.to_thread(postgres.restart)
        async with transaction(sessions) as session:
            await outbox.add(session, subject, ready(interview), event_id="after")
        await eventually(lambda: empty(engine), within=30)
        await eventually(lambda: probe.ok("outbox.relay"))
    assert await published(probe) == ["before", "after"]


async def test_stopping_publishes_what_is_there(
    sessions: Sessions,
    engine: AsyncEngine,
    probe: BusProbe,
    outbox: Outbox,
    database_url: str,
    tenant: UUID,
    ready: Make,
) -> None:
    async with transaction(sessions) as session:
        for number in range(30):
            interview = uuid4()
            subject = event_subject(tenant, interview, "interview-ready")
            await outbox.add(session, subject, ready(interview), event_id=str(number))
    relay = Relay(database_url, probe.bus, health=probe.health, registry=probe.registry, batch=10)
    await asyncio.gather(relay.run(), relay.stop(grace=10))
    assert await empty(engine)
    assert len(await published(probe)) == 30


def forget_peak() -> None:
    """Let the peak count from here (see proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mebibytes() -> float:
    """The most memory this process has had resident."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


@pytest.mark.slow
async def test_a_backlog_of_100_000_rows_is_drained_in_bounded_memory(
    sessions: Sessions,
    engine: AsyncEngine,
    probe: BusProbe,
    outbox: Outbox,
    relaying: Relaying,
    tenant: UUID,
    ready: Make,
) -> None:
    interview = uuid4()
    async with transaction(sessions) as session:
        await outbox.add(session, event_subject(tenant, interview, "interview-ready"), ready(interview))
        await session.execute(
            text("""
                INSERT INTO outbox (key, subject, headers, payload)
                SELECT key || n % 1000, subject, headers || jsonb_build_object('Nats-Msg-Id', 'm' || n), payload
                FROM outbox, generate_series(2, 100000) AS n
            """)
        )
    loop = asyncio.get_running_loop()
    forget_peak()
    before, started = peak_mebibytes(), loop.time()
    async with relaying():
        await eventually(lambda: empty(engine), within=100)
    seconds = loop.time() - started
    grown = peak_mebibytes() - before
    info = await probe.bus.api.request(f"STREAM.INFO.{EVENTS.name}")
    print(f"{100_000 / seconds:.0f} rows/s, {grown:.1f} MiB grown")
    assert info["state"]["messages"] == 100_000
    assert grown < 32  # the whole backlog is more than 100 MiB as Python objects
