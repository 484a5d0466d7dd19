"""A database with the outbox and the inbox, and a bus beside it."""

from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from viva.event.v1 import events_pb2
from viva_core.bus.apply import apply
from viva_core.db import create_engine, session_factory
from viva_core.db.tables import metadata
from viva_core.settings import DatabaseSettings
from viva_testkit.bus import BusFactory
from viva_testkit.nats import NatsServer

TENANT = UUID("0190a5c0-0000-7000-8000-000000000001")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a fresh database with the tables."""
    engine = create_engine(DatabaseSettings(database_url=SecretStr(database_url)))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions on the database."""
    return session_factory(engine)


@pytest.fixture
async def buses(nats_server: NatsServer) -> AsyncIterator[BusFactory]:
    """Connects buses; the topology has been applied."""
    factory = BusFactory(nats_server.url)
    await apply((await factory.connect("admin")).bus.api)
    yield factory
    await factory.close()


@pytest.fixture
def tenant() -> UUID:
    """A tenant."""
    return TENANT


@pytest.fixture
def ready() -> Callable[[UUID], events_pb2.InterviewReady]:
    """Makes a small valid event of an interview."""

    def make(interview_id: UUID) -> events_pb2.InterviewReady:
        return events_pb2.InterviewReady(
            tenant_id=str(TENANT), interview_id=str(interview_id), occurred_at=Timestamp(seconds=1)
        )

    return make
