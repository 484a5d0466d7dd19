"""The gRPC server of a service."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import grpc
from grpc_reflection.v1alpha import reflection
from opentelemetry.trace import Tracer

from viva_core.grpc.connection import KEEPALIVE, server_options
from viva_core.grpc.interceptor import EdgeInterceptor
from viva_core.grpc.metrics import GrpcMetrics
from viva_core.telemetry.logs import get_logger

_log = get_logger("viva.grpc")


@dataclass(frozen=True)
class Registration:
    """A service to serve: `Registration(session_pb2_grpc.add_SessionServiceServicer_to_server, SessionApi(…),
    "viva.session.v1.SessionService")`."""

    add: Callable[[Any, Any], None]
    servicer: Any
    name: str


class ServerSettings(Protocol):
    """What of the settings the server reads; `viva_core.settings.GrpcServerSettings` has it."""

    @property
    def grpc_host(self) -> str: ...
    @property
    def grpc_port(self) -> int: ...
    @property
    def grpc_max_message_bytes(self) -> int: ...
    @property
    def grpc_max_connection_age(self) -> float: ...


class GrpcServer:
    """Start it, stop it gracefully. `port` is the one in use."""

    def __init__(self, server: grpc.aio.Server, host: str, port: int) -> None:
        self._server = server
        self.port = port
        self.target = f"{host}:{port}"

    async def start(self) -> None:
        """Take calls."""
        await self._server.start()
        _log.info("gRPC listens", address=self.target)

    async def stop(self, grace: float) -> None:
        """Take no new calls, let those under way end within `grace` seconds, then cancel them."""
        await self._server.stop(grace)


def create_server(
    registrations: Sequence[Registration],
    *,
    settings: ServerSettings,
    metrics: GrpcMetrics,
    tracer: Tracer,
    public: Collection[str] = (),
    keepalive: float = KEEPALIVE,
) -> GrpcServer:
    """Build the server, inside the event loop that will run it.

    Args:
        registrations: the services.
        settings: address, sizes, connection age (with round_robin on headless names, callers find new pods by it).
        metrics: shared with the process's channels.
        tracer: spans of the calls.
        public: full methods ("/viva.session.v1.SessionService/RedeemInvitation") that need nobody who acts.
        keepalive: seconds between the pings of its callers, as given to `create_channel`.

    Raises OSError when the port is taken.
    """
    server = grpc.aio.server(
        interceptors=[EdgeInterceptor(metrics, tracer, public)],
        options=server_options(
            max_message_bytes=settings.grpc_max_message_bytes,
            max_connection_age=settings.grpc_max_connection_age,
            keepalive=keepalive,
        ),
    )
    for registration in registrations:
        registration.add(registration.servicer, server)
    names = [registration.name for registration in registrations]
    reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], server)
    try:
        port = server.add_insecure_port(f"{settings.grpc_host}:{settings.grpc_port}")
    except RuntimeError as error:
        raise OSError(f"cannot listen on {settings.grpc_host}:{settings.grpc_port}") from error
    if port == 0:
        raise OSError(f"cannot listen on {settings.grpc_host}:{settings.grpc_port}")
    return GrpcServer(server, settings.grpc_host, port)
