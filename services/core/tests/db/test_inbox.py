"""One effect a message, however often it comes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from viva.event.v1 import events_pb2
from viva_core.bus import Delivery, Worker, message_types
from viva_core.bus.envelope import MESSAGE_ID, new_envelope
from viva_core.bus.subjects import command_subject
from viva_core.bus.topology import EVALUATOR
from viva_core.clock import SystemClock
from viva_core.db import Inbox, transaction
from viva_core.errors import Transient
from viva_testkit.bus import BusFactory, eventually
from viva_testkit.postgres import Postgres

Make = Callable[[UUID], events_pb2.InterviewReady]
Effects = Callable[[], Awaitable[list[str]]]
Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def effects(engine: AsyncEngine) -> Effects:
    """A table of effects; call it to read them."""
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE effect (message_id text NOT NULL)"))

    async def read() -> list[str]:
        async with engine.connect() as connection:
            return list((await connection.execute(text("SELECT message_id FROM effect"))).scalars())

    return read


async def test_a_message_published_three_times_has_one_effect(
    buses: BusFactory, sessions: Sessions, effects: Effects, tenant: UUID, ready: Make
) -> None:
    probe = await buses.connect("evaluator")
    deliveries: list[int] = []

    async def handler(delivery: Delivery) -> None:
        async with transaction(sessions) as session:
            if await Inbox.claim(session, delivery.consumer, delivery.envelope.id):
                await session.execute(text("INSERT INTO effect VALUES (:id)"), {"id": delivery.envelope.id})
        deliveries.append(delivery.sequence)

    interview = uuid4()
    subject = command_subject("evaluator", tenant, interview)
    message = ready(interview)
    envelope = new_envelope(
        subject, message.DESCRIPTOR.full_name, source="session", clock=SystemClock(), event_id="the one"
    )
    for number in range(3):  # past the stream's own duplicate window, as after a long outage
        headers = envelope.headers() | {MESSAGE_ID: f"copy {number}"}
        await probe.bus.publisher.publish(subject, message.SerializeToString(), headers)
    types = message_types(events_pb2)
    worker = Worker(probe.bus, EVALUATOR, handler, message_types=types, health=probe.health, slots=3, expires=1.0)
    task = asyncio.create_task(worker.run())
    await eventually(lambda: len(deliveries) == 3)
    await worker.stop(5)
    await task
    assert await effects() == ["the one"]


async def test_an_effect_that_was_rolled_back_may_be_tried_again(sessions: Sessions, effects: Effects) -> None:
    async def attempt(*, fail: bool) -> bool:
        async with transaction(sessions) as session:
            claimed = await Inbox.claim(session, "session", "m")
            if claimed:
                await session.execute(text("INSERT INTO effect VALUES ('m')"))
            if fail:
                raise Transient("something went wrong after the effect")
            return claimed

    with pytest.raises(Transient):
        await attempt(fail=True)
    assert await attempt(fail=False)
    assert not await attempt(fail=False)
    assert await effects() == ["m"]


async def test_two_at_once_take_turns(sessions: Sessions, effects: Effects) -> None:
    async def attempt() -> bool:
        async with transaction(sessions) as session:
            claimed = await Inbox.claim(session, "session", "m")
            if claimed:
                await session.execute(text("INSERT INTO effect VALUES ('m')"))
            return claimed

    assert sorted(await asyncio.gather(*(attempt() for _ in range(5)))) == [False] * 4 + [True]
    assert await effects() == ["m"]


async def test_each_consumer_has_its_own_marks(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        assert await Inbox.claim(session, "session", "m")
        assert await Inbox.claim(session, "projection", "m")


async def test_old_marks_are_forgotten(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        await Inbox.claim(session, "session", "m")
    async with transaction(sessions) as session:
        assert await Inbox.forget(session, datetime.now(UTC) - timedelta(days=1)) == 0
        assert await Inbox.forget(session, datetime.now(UTC) + timedelta(days=1)) == 1
    async with transaction(sessions) as session:
        assert await Inbox.claim(session, "session", "m")


async def test_a_database_that_went_away_is_transient_and_comes_back(sessions: Sessions, postgres: Postgres) -> None:
    async def interrupted() -> None:
        async with transaction(sessions) as session:
            await session.execute(text("SELECT 1"))
            await asyncio.to_thread(postgres.restart)
            await session.execute(text("SELECT 1"))

    with pytest.raises(Transient) as caught:
        await interrupted()
    assert caught.value.reason == "DATABASE_UNAVAILABLE"
    async with transaction(sessions) as session:
        assert (await session.execute(text("SELECT 1"))).scalar_one() == 1
