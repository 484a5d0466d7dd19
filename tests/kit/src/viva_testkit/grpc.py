"""A real gRPC server and channel on loopback, with everything that Viva's own have around a call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import grpc
from opentelemetry import trace
from opentelemetry.trace import Tracer
from prometheus_client import CollectorRegistry
from viva.common.v1 import types_pb2 as common
from viva.question.v1 import question_pb2, question_pb2_grpc
from viva_core.grpc import (
    CallContext,
    GrpcMetrics,
    GrpcServer,
    Registration,
    create_channel,
    create_server,
    current_actor,
    current_call,
)
from viva_core.grpc.connection import KEEPALIVE

TENANT = UUID(int=0xA)


@dataclass(frozen=True)
class _Settings:
    grpc_max_connection_age: float
    grpc_host: str = "127.0.0.1"
    grpc_port: int = 0
    grpc_max_message_bytes: int = 8 * 1024 * 1024


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


QUESTION_SERVICE = "viva.question.v1.QuestionService"


def question_request(**changes: Any) -> question_pb2.GenerateRequest:
    """A valid request for a question; `changes` are set on it."""
    made = question_pb2.GenerateRequest(
        request_id=str(UUID(int=1)),
        tenant_id=str(TENANT),
        interview_id=str(UUID(int=3)),
        turn_id=str(UUID(int=4)),
        language=common.LANGUAGE_EN,
        position_title="Engineer",
        competency=common.Competency(competency_id="system_design", title="System design"),
        intent=question_pb2.QUESTION_INTENT_MAIN,
        fallback=question_pb2.BankQuestion(question_id="b1", text="What did you build?"),
    )
    for name, value in changes.items():
        setattr(made, name, value)
    return made


async def _at_once() -> None:
    """Answer without waiting."""


class Questions(question_pb2_grpc.QuestionServiceServicer):
    """A small servicer for tests of what is around a call: it answers who acts, or streams three deltas, and does
    what the test tells it in between.

    Args:
        act: called in each call, before the answer and after the last delta; what it raises is the call's end.
        hold: awaited at the same places.
        name: how it signs, to tell servers apart.
    """

    def __init__(
        self,
        act: Callable[[], None] = lambda: None,
        *,
        hold: Callable[[], Awaitable[Any]] = _at_once,
        name: str = "",
    ) -> None:
        self._act = act
        self._hold = hold
        self._name = name
        self.calls: list[CallContext | None] = []
        self.peers: set[str] = set()
        self.entered = asyncio.Event()
        self.left = asyncio.Event()

    async def GetModel(self, request: question_pb2.GetModelRequest, context: Any) -> question_pb2.GetModelResponse:
        """Answer with who acts, or with the name of this servicer."""
        self.peers.add(context.peer())
        self.calls.append(current_call())
        try:
            self.entered.set()
            self._act()
            await self._hold()
            return question_pb2.GetModelResponse(ready=True, detail=self._name or current_actor().display_name)
        finally:
            self.left.set()

    async def Generate(
        self, request: question_pb2.GenerateRequest, context: Any
    ) -> AsyncIterator[question_pb2.GenerateResponse]:
        """Stream three deltas."""
        try:
            for number in (1, 2, 3):
                self.calls.append(current_call())
                delta = question_pb2.QuestionDelta(turn_id=request.turn_id, sequence=number, attempt=1)
                yield question_pb2.GenerateResponse(delta=delta)
            self.entered.set()
            self._act()
            await self._hold()
        finally:
            self.left.set()

    @property
    def registration(self) -> Registration:
        """To serve it by."""
        return Registration(question_pb2_grpc.add_QuestionServiceServicer_to_server, self, QUESTION_SERVICE)


@dataclass(frozen=True)
class Served:
    """Where a server listens, Viva's own channel to it, and the registry of both."""

    target: str
    channel: grpc.aio.Channel
    registry: CollectorRegistry
    server: GrpcServer

    @property
    def questions(self) -> "question_pb2_grpc.QuestionServiceAsyncStub":
        """A stub for `Questions`."""
        return question_pb2_grpc.QuestionServiceStub(self.channel)

    def calls(self, side: str, method: str, code: str) -> float:
        """How many calls of `Questions` were counted."""
        labels = {"side": side, "service": QUESTION_SERVICE, "method": method, "code": code}
        return self.registry.get_sample_value("viva_grpc_calls_total", labels) or 0.0


@asynccontextmanager
async def serving(
    registrations: Sequence[Registration],
    *,
    public: Collection[str] = (),
    tracer: Tracer | None = None,
    keepalive: float = KEEPALIVE,
    max_connection_age: float = 300.0,
) -> AsyncIterator[Served]:
    """Serve for the time of a block; the arguments are those of `create_server` and `create_channel`."""
    registry = CollectorRegistry()
    metrics = GrpcMetrics(registry)
    server = create_server(
        registrations,
        settings=_Settings(max_connection_age),
        metrics=metrics,
        tracer=tracer or trace.get_tracer("test"),
        public=public,
        keepalive=keepalive,
    )
    await server.start()
    channel = create_channel(server.target, metrics=metrics, timeout=5, tracer=tracer, keepalive=keepalive)
    try:
        yield Served(server.target, channel, registry, server)
    finally:
        await channel.close()
        await server.stop(0.2)
