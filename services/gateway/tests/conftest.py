"""The gateway on a real PostgreSQL, nats-server and gRPC server; behind it a small neighbour says what it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from google.protobuf.message import Message
from pydantic import SecretStr
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2_grpc
from viva.media.v1 import media_pb2_grpc
from viva.question.v1 import question_pb2_grpc
from viva.session.v1 import administration_pb2_grpc, interview_pb2, session_pb2_grpc, webhook_pb2_grpc
from viva.session.v1 import session_pb2 as api
from viva.vision.v1 import vision_pb2_grpc
from viva_core.clock import Clock
from viva_core.errors import NotFound
from viva_core.grpc import Registration, current_call
from viva_core.health import Health
from viva_core.runtime import Environment
from viva_core.telemetry.metrics import new_registry
from viva_core.telemetry.tracing import Tracing
from viva_gateway import commands
from viva_gateway.bootstrap import Built, bootstrap
from viva_gateway.domain.principal import Role
from viva_gateway.settings import GatewaySettings
from viva_testkit.clock import FakeClock
from viva_testkit.grpc import serving
from viva_testkit.nats import NatsServer

TENANT = UUID(int=0xA)
OTHER_TENANT = UUID(int=0xB)
INTERVIEW = UUID("0190b6a0-0000-7000-8000-00000000000a")
PASSWORD = "correct horse battery staple"
TOKEN_KEY = "k" * 43
MEDIA_KEY = "m" * 43


@dataclass(frozen=True)
class Call:
    """A call that reached the neighbour."""

    method: str
    request: Any
    actor: common.Actor | None
    correlation_id: str


@dataclass
class Neighbour:
    """Answers calls as told: `answers[method]` is a message, an exception, or a function of the request."""

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    watched: "asyncio.Queue[Message]" = field(default_factory=asyncio.Queue)
    board: "asyncio.Queue[Message]" = field(default_factory=asyncio.Queue)

    def called(self, method: str) -> list[Call]:
        """The calls of a method."""
        return [call for call in self.calls if call.method == method]

    async def answer(self, method: str, request: Any) -> Any:
        """What is told for the call."""
        context = current_call()
        assert context is not None
        self.calls.append(Call(method, request, context.actor, context.correlation_id))
        told = self.answers.get(method, NotFound("there is no such thing"))
        if callable(told):
            told = told(request)
            if asyncio.iscoroutine(told):
                told = await told
        if isinstance(told, Exception):
            raise told
        return told


def _servicer(base: type, neighbour: Neighbour) -> Any:
    """A servicer of a generated base class whose unary methods ask the neighbour."""

    def method(name: str) -> Callable[..., Awaitable[Any]]:
        async def call(_self: Any, request: Any, _context: Any) -> Any:
            return await neighbour.answer(name, request)

        return call

    names = [
        name
        for name in vars(base)
        if name[0].isupper() and name not in ("WatchInterview", "WatchCandidates", "Generate", "GetRecording")
    ]
    return type(f"Fake{base.__name__}", (base,), {name: method(name) for name in names})()


def _session(neighbour: Neighbour) -> Any:
    servicer = _servicer(session_pb2_grpc.SessionServiceServicer, neighbour)

    async def watch(request: api.WatchInterviewRequest, _context: Any) -> AsyncIterator[api.WatchInterviewResponse]:
        context = current_call()
        assert context is not None
        neighbour.calls.append(Call("WatchInterview", request, context.actor, context.correlation_id))
        for change in neighbour.answers.get("history", ()):
            if change.sequence > request.after_sequence:
                yield change
        while True:
            yield await neighbour.watched.get()

    async def board(request: api.WatchCandidatesRequest, _context: Any) -> AsyncIterator[api.WatchCandidatesResponse]:
        yield await neighbour.answer("WatchCandidates", request)
        while True:
            yield await neighbour.board.get()

    servicer.WatchInterview = watch
    servicer.WatchCandidates = board
    return servicer


def _streaming(base: type, neighbour: Neighbour, name: str) -> Any:
    """As `_servicer`, with one method that streams the parts of what the neighbour is told to answer."""
    servicer = _servicer(base, neighbour)

    async def parts(request: Any, _context: Any) -> AsyncIterator[Any]:
        for part in await neighbour.answer(name, request):
            yield part

    setattr(servicer, name, parts)
    return servicer


@pytest.fixture
async def neighbour() -> Neighbour:
    """The services behind the gateway."""
    told = Neighbour()
    told.answers["GetInterview"] = lambda request: api.GetInterviewResponse(interview=interview())
    return told


def interview(**changes: Any) -> interview_pb2.Interview:
    """A small interview."""
    made = interview_pb2.Interview(
        interview_id=str(INTERVIEW),
        position_id=str(UUID(int=0xC)),
        position_title="Backend engineer",
        state=interview_pb2.INTERVIEW_STATE_IN_PROGRESS,
        mode=common.INTERVIEW_MODE_HIRING,
        language=common.LANGUAGE_EN,
        candidate=interview_pb2.Candidate(name="Kim Minji", email="minji@example.com"),
        sequence=3,
    )
    for name, value in changes.items():
        setattr(made, name, value)
    return made


@pytest.fixture
async def targets(neighbour: Neighbour) -> AsyncIterator[str]:
    """Where the neighbour listens, for all services."""
    registrations = [
        Registration(
            session_pb2_grpc.add_SessionServiceServicer_to_server,
            _session(neighbour),
            "viva.session.v1.SessionService",
        ),
        Registration(
            webhook_pb2_grpc.add_WebhookServiceServicer_to_server,
            _servicer(webhook_pb2_grpc.WebhookServiceServicer, neighbour),
            "viva.session.v1.WebhookService",
        ),
        Registration(
            administration_pb2_grpc.add_AdministrationServiceServicer_to_server,
            _servicer(administration_pb2_grpc.AdministrationServiceServicer, neighbour),
            "viva.session.v1.AdministrationService",
        ),
        Registration(
            question_pb2_grpc.add_QuestionServiceServicer_to_server,
            _streaming(question_pb2_grpc.QuestionServiceServicer, neighbour, "Generate"),
            "viva.question.v1.QuestionService",
        ),
        Registration(
            evaluation_pb2_grpc.add_EvaluationServiceServicer_to_server,
            _servicer(evaluation_pb2_grpc.EvaluationServiceServicer, neighbour),
            "viva.evaluation.v1.EvaluationService",
        ),
        Registration(
            media_pb2_grpc.add_MediaServiceServicer_to_server,
            _streaming(media_pb2_grpc.MediaServiceServicer, neighbour, "GetRecording"),
            "viva.media.v1.MediaService",
        ),
        Registration(
            vision_pb2_grpc.add_VisionServiceServicer_to_server,
            _servicer(vision_pb2_grpc.VisionServiceServicer, neighbour),
            "viva.vision.v1.VisionService",
        ),
    ]
    public = ["/viva.session.v1.SessionService/RedeemInvitation"]
    async with serving(registrations, public=public) as served:
        yield served.target


Settings = Callable[..., GatewaySettings]


@pytest.fixture
async def settings(database_url: str, nats_server: NatsServer, targets: str) -> Settings:
    """Makes settings; what a test names wins."""

    def make(**changes: Any) -> GatewaySettings:
        values: dict[str, Any] = {
            "database_url": SecretStr(database_url),
            "nats_url": nats_server.url,
            "session_target": targets,
            "question_target": targets,
            "evaluation_target": targets,
            "media_target": targets,
            "vision_target": targets,
            "media_token_key": SecretStr(MEDIA_KEY),
            "token_key": SecretStr(TOKEN_KEY),
            "http_port": 0,
            "public_url": "http://gateway.test",
            "metrics_port": -1,
            "health_port": -1,
            "grace": 2.0,
        }
        return GatewaySettings(**(values | changes))

    await commands.migrate(make())
    return make


@dataclass
class Running:
    """A gateway and a way to talk to its application without a socket."""

    built: Built
    http: httpx.AsyncClient
    neighbour: Neighbour
    clock: Clock
    tenant = TENANT
    other_tenant = OTHER_TENANT
    interview_id = INTERVIEW
    password = PASSWORD

    async def account(self, *roles: Role, email: str = "kim@example.com", tenant: UUID = TENANT) -> UUID:
        """An account with PASSWORD."""
        gateway = self.built.gateway
        hashed = await gateway.passwords.hash(PASSWORD)
        made = await gateway.accounts.create(uuid4(), tenant, email, "Kim", roles or (Role.RECRUITER,), hashed)
        return made.id

    def client(self, **headers: str) -> httpx.AsyncClient:
        """Another caller, with cookies of its own."""
        transport = httpx.ASGITransport(app=self.built.app)
        return httpx.AsyncClient(transport=transport, base_url="http://gateway.test/api/v1", headers=headers)

    async def signed_in(self, *roles: Role, email: str = "kim@example.com", tenant: UUID = TENANT) -> httpx.AsyncClient:
        """A caller with a staff cookie that says where it comes from."""
        await self.account(*roles, email=email, tenant=tenant)
        client = self.client(**{"X-Viva-CSRF": "1"})
        answered = await client.post("/auth/login", json={"email": email, "password": PASSWORD})
        assert answered.status_code == 200, answered.text
        return client

    async def bearer(self, *roles: Role, email: str = "kim@example.com", tenant: UUID = TENANT) -> httpx.AsyncClient:
        """A caller with a bearer token."""
        await self.account(*roles, email=email, tenant=tenant)
        client = self.client()
        answered = await client.post("/auth/token", json={"email": email, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answered.json()['access_token']}"
        return client

    async def candidate(self, interview_id: UUID = INTERVIEW, tenant: UUID = TENANT) -> httpx.AsyncClient:
        """A caller with a candidate's cookie."""
        self.neighbour.answers["RedeemInvitation"] = api.RedeemInvitationResponse(
            actor=common.Actor(
                kind=common.ACTOR_KIND_CANDIDATE,
                tenant_id=str(tenant),
                subject_id=str(interview_id),
                display_name="Kim Minji",
                interview_id=str(interview_id),
            ),
            interview=interview(),
        )
        client = self.client(**{"X-Viva-CSRF": "1"})
        answered = await client.post("/candidate/session", json={"token": "t" * 32})
        assert answered.status_code == 200, answered.text
        return client


@asynccontextmanager
async def running(settings: GatewaySettings, neighbour: Neighbour, clock: Clock) -> AsyncIterator[Running]:
    """A gateway whose parts run, without its HTTP server."""
    env = Environment("gateway", settings, Health(), new_registry(), Tracing("gateway", None), clock)
    built = await bootstrap(settings, env)
    parts = {part.name: part for part in built.parts}
    await parts["database"].start()
    transport = httpx.ASGITransport(app=built.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test/api/v1") as client:
        yield Running(built, client, neighbour, clock)
    await built.hub.stop()
    await parts["bus"].stop(1)
    await parts["database"].stop(1)
    env.tracing.shutdown()


@pytest.fixture
async def gateway(settings: Settings, neighbour: Neighbour, clock: FakeClock) -> AsyncIterator[Running]:
    """A gateway with a clock that the test moves."""
    async with running(settings(), neighbour, clock) as made:
        yield made


@pytest.fixture
def run_gateway() -> Callable[..., Any]:
    """`running`, for settings of a test's own."""
    return running
