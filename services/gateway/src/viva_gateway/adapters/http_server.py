"""uvicorn as a part of a service: it listens when `start` returns, and leaves signals to `viva_core.runtime`."""

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn
from starlette.types import ASGIApp
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from viva_core.telemetry.logs import get_logger

_log = get_logger("viva.gateway")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()
        """Set once it listens, or cannot."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.begun.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """None: the runtime has them."""
        yield


class _WebSockets(WebSocketsSansIOProtocol):
    async def send(self, message: ASGISendEvent) -> None:
        """uvicorn's own, which forgets that a refusal completes a handshake, and then logs each one as an error."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True


class HttpServer:
    """Serves an application.

    Args:
        app: what is served.
        host, port: where; port 0 takes a free one.
        forwarded_allow_ips: proxies whose X-Forwarded-* headers are believed; empty for none.
        grace: seconds that requests under way get at the end.
    """

    def __init__(self, app: ASGIApp, *, host: str, port: int, forwarded_allow_ips: str, grace: float) -> None:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,  # paths are measured by route template; addresses of people are not logged
            server_header=False,
            lifespan="off",
            ws=_WebSockets,
            ws_max_size=16 * 1024,
            ws_ping_interval=20,
            ws_ping_timeout=20,
            ws_per_message_deflate=False,  # a zlib state a socket would cost more memory than its messages
            proxy_headers=bool(forwarded_allow_ips),
            forwarded_allow_ips=forwarded_allow_ips or None,
            timeout_graceful_shutdown=max(1, round(grace)),
            timeout_keep_alive=15,
            h11_max_incomplete_event_size=32 * 1024,
        )
        self._server = _Server(config)
        self._host = host
        self._port = port
        self._serving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port in use; it must have been started."""
        number: int = self._server.servers[0].sockets[0].getsockname()[1]
        return number

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._serving = asyncio.create_task(self._serve(), name="http")
        await self._server.begun.wait()
        if not self._server.started:
            raise OSError(f"cannot listen on {self._host}:{self._port}")
        _log.info("HTTP listens", host=self._host, port=self.port)

    async def _serve(self) -> None:
        with contextlib.suppress(SystemExit):  # uvicorn's way to say that it could not start
            await self._server.serve()

    async def run(self) -> None:
        """Return when the server has ended."""
        assert self._serving is not None
        await asyncio.shield(self._serving)

    async def stop(self, _grace: float) -> None:
        """Take no new requests, let those under way end, close sockets with 1012."""
        self._server.should_exit = True
        if self._serving is not None:
            await asyncio.gather(self._serving, return_exceptions=True)

    def cut(self, client: tuple[str, int]) -> None:
        """Cut the connection of a client that does not read: what is buffered for it would wait for ever."""
        for connection in tuple(self._server.server_state.connections):
            if getattr(connection, "client", None) == client:
                connection.transport.abort()
