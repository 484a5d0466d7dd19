"""A nats-server with the topology applied, and buses on it."""

from collections.abc import AsyncIterator, Callable
from uuid import UUID, uuid4

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from viva.event.v1 import events_pb2
from viva_core.bus import message_types
from viva_core.bus.apply import apply
from viva_core.bus.codec import MessageTypes
from viva_testkit.bus import BusFactory
from viva_testkit.nats import NatsServer

TENANT = UUID("0190a5c0-0000-7000-8000-000000000001")


@pytest.fixture
async def buses(nats_server: NatsServer) -> AsyncIterator[BusFactory]:
    """Connects buses to the test's server; the topology has been applied."""
    factory = BusFactory(nats_server.url)
    await apply((await factory.connect("admin")).bus.api)
    yield factory
    await factory.close()


@pytest.fixture
def tenant() -> UUID:
    """A tenant."""
    return TENANT


@pytest.fixture
def interview() -> UUID:
    """A fresh interview."""
    return uuid4()


@pytest.fixture
def types() -> MessageTypes:
    """Every event."""
    return message_types(events_pb2)


@pytest.fixture
def ready() -> Callable[[UUID], events_pb2.InterviewReady]:
    """Makes a small valid event of an interview."""

    def make(interview_id: UUID) -> events_pb2.InterviewReady:
        return events_pb2.InterviewReady(
            tenant_id=str(TENANT), interview_id=str(interview_id), occurred_at=Timestamp(seconds=1)
        )

    return make
