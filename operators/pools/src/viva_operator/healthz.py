"""`/healthz` over HTTP: 200 while reconciles end, 503 with the reason when none has for a minute."""

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from viva_core.clock import Clock
from viva_core.health import Health

_PART = "reconcile"


class Pulse:
    """When a reconcile ended last. A replica that does not lead has nothing to reconcile, and is well."""

    def __init__(self, clock: Clock, health: Health, *, limit: float = 60.0) -> None:
        self._clock = clock
        self._health = health
        self._limit = limit
        self._since: float | None = None

    def beat(self) -> None:
        """A reconcile ended. From any thread."""
        if self._since is not None:
            self._since = self._clock.monotonic()

    def led(self, leading: bool) -> None:
        """Leadership came or went: the time for the first reconcile starts to run, or does not matter."""
        self._since = self._clock.monotonic() if leading else None

    @property
    def complaint(self) -> str:
        """Empty while all is well."""
        since = self._since
        age = 0.0 if since is None else self._clock.monotonic() - since
        return f"no reconcile has ended for {age:.0f} s" if age > self._limit else ""

    async def watch(self) -> None:
        """Keep the process's health up to date, for ever."""
        while True:
            complaint = self.complaint
            self._health.set(_PART, not complaint, complaint)
            await asyncio.sleep(1.0)


class HealthzServer:
    """Serves it from a thread of its own."""

    def __init__(self, pulse: Pulse, *, host: str, port: int) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                complaint = pulse.complaint if self.path == "/healthz" else "there is /healthz, and nothing else"
                body = (complaint or "ok").encode()
                self.send_response(200 if not complaint else 503 if self.path == "/healthz" else 404)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """A probe every few seconds is not worth a line."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        """The port in use."""
        return self._server.server_address[1]

    async def start(self) -> None:
        """Serve."""
        threading.Thread(target=self._server.serve_forever, name="healthz", daemon=True).start()

    async def stop(self, _: float) -> None:
        """Stop serving."""
        await asyncio.to_thread(self._server.shutdown)
        self._server.server_close()
