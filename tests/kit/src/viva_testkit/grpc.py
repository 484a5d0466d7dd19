"""A real gRPC server and channel on loopback, with everything that Viva's own have around a call."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import grpc
from opentelemetry import trace
from prometheus_client import CollectorRegistry
from viva.common.v1 import types_pb2 as common
from viva_core.grpc import GrpcMetrics, Registration, create_channel, create_server

TENANT = UUID(int=0xA)


@dataclass(frozen=True)
class _Settings:
    grpc_host: str = "127.0.0.1"
    grpc_port: int = 0
    grpc_max_message_bytes: int = 8 * 1024 * 1024
    grpc_max_connection_age: float = 300.0


def staff(*roles: str, tenant: UUID = TENANT) -> common.Actor:
    """A person of the employer; a recruiter unless told otherwise."""
    return common.Actor(
        kind=common.ACTOR_KIND_STAFF,
        tenant_id=str(tenant),
        subject_id="0190b6a0-0000-7000-8000-000000000001",
        display_name="Kim",
        roles=roles or ("recruiter",),
    )


def candidate(interview: UUID | str, *, tenant: UUID = TENANT) -> common.Actor:
    """A candidate of one interview."""
    return common.Actor(
        kind=common.ACTOR_KIND_CANDIDATE,
        tenant_id=str(tenant),
        subject_id=str(interview),
        display_name="Candidate",
        interview_id=str(interview),
    )


@dataclass(frozen=True)
class Served:
    """Where a server listens, Viva's own channel to it, and the registry of both."""

    target: str
    channel: grpc.aio.Channel
    registry: CollectorRegistry


@asynccontextmanager
async def serving(registrations: Sequence[Registration], *, public: Collection[str] = ()) -> AsyncIterator[Served]:
    """Serve for the time of a block."""
    registry = CollectorRegistry()
    metrics = GrpcMetrics(registry)
    tracer = trace.get_tracer("test")
    server = create_server(registrations, settings=_Settings(), metrics=metrics, tracer=tracer, public=public)
    await server.start()
    channel = create_channel(server.target, metrics=metrics, timeout=5)
    try:
        yield Served(server.target, channel, registry)
    finally:
        await channel.close()
        await server.stop(0.2)
