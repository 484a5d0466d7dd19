"""The whole stack on one machine: which processes, in which order, with which settings.

Order matters: the stores first, then the streams and the tables, then the workers, then who calls them. `stop` goes
backwards. Every password is made here at the first start and handed on as a file, never as an argument.
"""

import asyncio
import contextlib
import os
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
import httpx
from grpc_health.v1 import health_pb2, health_pb2_grpc
from viva_core.bus.topology import Role

from viva_local.home import Home, RunningStack
from viva_local.stack.child import Child, Command, StartFailed
from viva_local.stack.logview import LogView
from viva_local.stack.nats import nats_command
from viva_local.stack.pages import pages
from viva_local.stack.ports import Claim, claim, is_free
from viva_local.stack.postgres import EmbeddedPostgres
from viva_local.stack.turn import TURN_SECRET, turn_command, turn_url

TENANT_NAME = "Viva on this machine"
ADMIN_EMAIL = "admin@viva.localhost"
_GATEWAY_PORT = 8080
_MEDIA_KEY = "media-token-key"

_LISTENERS = ("session", "question-gen", "evaluator", "media", "vision", "gateway")
"""Who has a health port and a metrics port."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Choices:
    """What the user chose on the command line."""

    gateway_port: int = _GATEWAY_PORT
    question_model: str = "qwen2.5-coder-1.5b-instruct"
    evaluator_model: str = "qwen2.5-coder-1.5b-instruct"
    model_folder: Path | None = None
    model_file: Path | None = None
    text_only: bool = False
    """No media and no vision: interviews are held in writing."""
    turn: bool = False
    """A TURN server beside media, for pages that cannot reach this machine's ports."""


@dataclass(frozen=True)
class _Ports:
    """Every port of a stack."""

    gateway: int
    nats: int
    session: int
    question_gen: int
    evaluator: int
    media: int
    vision: int
    turn: int
    health: Mapping[str, int]
    metrics: Mapping[str, int]

    @classmethod
    def of(cls, claimed: Claim, gateway: int) -> "_Ports":
        spare, *rest = claimed.ports
        ports = iter(rest)
        return cls(
            gateway=gateway if gateway and is_free(gateway) else spare,
            nats=next(ports),
            session=next(ports),
            question_gen=next(ports),
            evaluator=next(ports),
            media=next(ports),
            vision=next(ports),
            turn=next(ports),
            health={name: next(ports) for name in _LISTENERS},
            metrics={name: next(ports) for name in _LISTENERS},
        )


class Stack:
    """Starts and stops everything. `start` raises StartFailed with the name of what did not come up."""

    def __init__(self, home: Home, log: LogView, choices: Choices) -> None:
        self._home = home
        self._log = log
        self._choices = choices
        self._claim = claim(8 + 2 * len(_LISTENERS))
        self._ports = _Ports.of(self._claim, choices.gateway_port)
        self._postgres = EmbeddedPostgres(home.postgres, log)
        self._children: list[Child] = []

    @property
    def children(self) -> Sequence[Child]:
        """The processes, in the order they were started."""
        return tuple(self._children)

    async def start(self, progress: Progress) -> RunningStack:
        """Start everything and return once a browser could use it."""
        tenant = self._tenant_id()
        # Both stores take their time and know nothing of each other.
        progress("PostgreSQL and nats-server")
        await asyncio.gather(self._postgres.start(), self._child(self._bus()))
        progress("streams and tables")
        await asyncio.gather(
            self._streams(),
            self._once("session", "viva_session", "migrate", environment=self._database()),
            self._once("gateway", "viva_gateway", "migrate", environment=self._database()),
        )
        progress("the services (the model is loaded)")
        voice = [] if self._choices.text_only else self._voice()
        if self._choices.turn and voice:
            await self._child(turn_command(self._home, self._ports.turn))
        await asyncio.gather(*(self._child(command) for command in (*self._services(), *voice)))
        progress("the gateway")
        await self._child(self._gateway())
        await self._first_account(tenant)
        state = RunningStack(
            pid=os.getpid(),
            gateway_url=f"http://localhost:{self._ports.gateway}",
            nats_url=self._nats_url,
            database_url=self._postgres.url,
            session_target=f"127.0.0.1:{self._ports.session}",
            evaluator_target=f"127.0.0.1:{self._ports.evaluator}",
            tenant_id=tenant,
            admin_email=ADMIN_EMAIL,
            voice=not self._choices.text_only,
        )
        self._home.announce(state)
        return state

    async def stop(self) -> None:
        """Stop everything, last started first."""
        self._home.retract()
        for child in reversed(self._children):  # nats-server was started first: every service drains before it goes
            await child.stop()
        await self._postgres.stop()
        self._claim.release()

    def _bus(self) -> Command:
        """nats-server; when it comes back after a death, with the streams that it kept in memory alone."""
        command = nats_command(self._home, self._ports.nats)
        came_up = False

        async def ready() -> None:
            nonlocal came_up
            await command.ready()
            if came_up:
                await self._streams()
            came_up = True

        return replace(command, ready=ready)

    async def _streams(self) -> None:
        await self._once("streams", "viva_local", "streams", "apply", "--quiet", environment=self._nats(Role.ADMIN))

    def _tenant_id(self) -> str:
        path = self._home.root / "tenant"
        if not path.exists():
            path.write_text(str(uuid.uuid4()))
        return path.read_text().strip()

    @property
    def _nats_url(self) -> str:
        return f"nats://127.0.0.1:{self._ports.nats}"

    def _nats(self, role: Role) -> dict[str, str]:
        return {
            "VIVA_NATS_URL": self._nats_url,
            "VIVA_NATS_USER": role.value,
            "VIVA_NATS_PASSWORD_FILE": str(self._home.secret(f"nats-{role}")),
        }

    def _database(self) -> dict[str, str]:
        return {"VIVA_DATABASE_URL": self._postgres.url}

    def _common(self, name: str) -> dict[str, str]:
        return {
            "VIVA_LOG_FORMAT": "json",
            "VIVA_HEALTH_PORT": str(self._ports.health[name]),
            "VIVA_METRICS_PORT": str(self._ports.metrics[name]),
        }

    def _model(self, model: str) -> dict[str, str]:
        # Two models that each take every core starve one another: half of them each was twice as fast (2 cores).
        threads = max(1, len(os.sched_getaffinity(0)) // 2)
        environment = {"VIVA_MODEL_ENGINE": "llama", "VIVA_MODEL_ID": model, "VIVA_MODEL_THREADS": str(threads)}
        if self._choices.model_folder is not None:
            environment["VIVA_MODEL_FOLDER"] = str(self._choices.model_folder)
        if self._choices.model_file is not None:
            environment["VIVA_MODEL_FILE"] = str(self._choices.model_file)
        return environment

    def _services(self) -> list[Command]:
        return [
            self._service(
                "session",
                self._ports.session,
                {
                    **self._nats(Role.SESSION),
                    **self._database(),
                    **_PATIENT_TIMERS,
                    "VIVA_WEBHOOK_KEY_FILE": str(self._home.secret("webhook-key")),
                    "VIVA_PUBLIC_URL": f"http://localhost:{self._ports.gateway}",
                },
            ),
            self._service(
                "question-gen",
                self._ports.question_gen,
                {**self._nats(Role.QUESTION_GEN), **self._model(self._choices.question_model)},
            ),
            # The candidate waits for the next question, nobody waits for a score: on few cores the asker goes first.
            self._service(
                "evaluator",
                self._ports.evaluator,
                {**self._nats(Role.EVALUATOR), **self._model(self._choices.evaluator_model)},
                nice=10,
            ),
        ]

    def _voice(self) -> list[Command]:
        """Who listens and who looks."""
        turn = {}
        if self._choices.turn:
            turn = {
                "VIVA_TURN_URLS": turn_url(self._ports.turn),
                "VIVA_TURN_SECRET_FILE": str(self._home.secret(TURN_SECRET)),
                "VIVA_TURN_RELAY": "true",
            }
        return [
            self._service(
                "media",
                self._ports.media,
                {
                    **self._nats(Role.MEDIA),
                    "VIVA_MEDIA_TOKEN_KEY_FILE": str(self._home.secret(_MEDIA_KEY)),
                    "VIVA_SPOOL_KEY_FILE": str(self._home.secret("spool")),
                    "VIVA_SPOOL_FOLDER": str(self._home.spool),
                    "VIVA_RECORDING_KEY_FILE": str(self._home.secret("recordings")),
                    "VIVA_RECORDING_FOLDER": str(self._home.recordings),
                    **turn,
                },
            ),
            self._service("vision", self._ports.vision, self._nats(Role.VISION), nice=10),
        ]

    def _hears(self) -> dict[str, str]:
        """What the gateway needs to know of media and vision."""
        if self._choices.text_only:
            return {}
        return {
            "VIVA_MEDIA_TARGET": f"127.0.0.1:{self._ports.media}",
            "VIVA_MEDIA_TOKEN_KEY_FILE": str(self._home.secret(_MEDIA_KEY)),
            "VIVA_VISION_TARGET": f"127.0.0.1:{self._ports.vision}",
        }

    def _service(self, name: str, port: int, environment: Mapping[str, str], nice: int = 0) -> Command:
        return Command(
            name=name,
            argv=(sys.executable, "-m", f"viva_{name.replace('-', '_')}"),
            environment={**self._common(name), "VIVA_GRPC_PORT": str(port), **environment},
            ready=lambda: _serves(self._ports.health[name]),
            nice=nice,
        )

    def _gateway(self) -> Command:
        port = self._ports.gateway
        return Command(
            name="gateway",
            argv=(sys.executable, "-m", "viva_gateway"),
            environment={
                **self._common("gateway"),
                **self._nats(Role.GATEWAY),
                **self._database(),
                **self._hears(),
                **pages(),
                "VIVA_HTTP_PORT": str(port),
                "VIVA_PUBLIC_URL": f"http://localhost:{port}",
                "VIVA_SESSION_TARGET": f"127.0.0.1:{self._ports.session}",
                "VIVA_QUESTION_TARGET": f"127.0.0.1:{self._ports.question_gen}",
                "VIVA_EVALUATION_TARGET": f"127.0.0.1:{self._ports.evaluator}",
                "VIVA_TOKEN_KEY_FILE": str(self._home.secret("token-key")),
            },
            ready=lambda: _answers(f"http://127.0.0.1:{port}/readyz"),
        )

    async def _first_account(self, tenant: str) -> None:
        await self._once(
            "gateway",
            "viva_gateway",
            *("create-account", "--tenant", tenant, "--tenant-name", TENANT_NAME, "--email", ADMIN_EMAIL),
            *("--name", "Admin", "--roles", "admin,recruiter,reviewer"),
            *("--password-file", str(self._home.secret("admin-password"))),
            environment={
                **self._database(),
                **self._nats(Role.GATEWAY),
                "VIVA_SESSION_TARGET": f"127.0.0.1:{self._ports.session}",
                "VIVA_TOKEN_KEY_FILE": str(self._home.secret("token-key")),
            },
        )

    async def _child(self, command: Command) -> None:
        child = Child(command, self._log)
        self._children.append(child)
        await child.start()

    async def _once(self, name: str, module: str, *arguments: str, environment: Mapping[str, str]) -> None:
        """Run a command to its end. Raises StartFailed with what it said."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        for line in output.decode(errors="replace").splitlines():
            self._log.line(name, line)
        if process.returncode != 0:
            raise StartFailed(f"`python -m {module} {arguments[0]}` failed with code {process.returncode}: see the log")


# A model on two cores writes a question in ten to thirty seconds, not in one: waiting beats the bank's question here.
_PATIENT_TIMERS = {"VIVA_QUESTION_TIMEOUT": "90", "VIVA_EVALUATION_TIMEOUT": "600"}


async def _serves(port: int) -> None:
    """Return once the health service says SERVING."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        while True:
            with contextlib.suppress(grpc.aio.AioRpcError):
                answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=2)  # type: ignore[attr-defined]  # its stubs lack it
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
            await asyncio.sleep(0.1)


async def _answers(url: str) -> None:
    """Return once a GET is answered with 200."""
    async with httpx.AsyncClient(timeout=2) as client:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.1)
