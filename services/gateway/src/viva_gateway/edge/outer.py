"""The outermost layer, pure ASGI: correlation id, size limit, security headers, renewed cookies, metrics, and the last
net under everything."""

import re
import time
from collections.abc import Mapping

from opentelemetry.trace import SpanKind, Tracer
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from viva_core.ids import IdFactory
from viva_core.telemetry.tracing import PROPAGATOR

from viva_gateway.domain.errors import TooLarge
from viva_gateway.edge.metrics import HttpMetrics
from viva_gateway.edge.problems import failure_response

_CORRELATION = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Outer:
    """Wraps the application.

    Args:
        app: what is wrapped.
        new_id: makes correlation ids.
        metrics: of the edge.
        tracer: spans of requests.
        max_body: bytes of a body, by path, and for every other path under "".
        https: whether browsers come over TLS.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        new_id: IdFactory,
        metrics: HttpMetrics,
        tracer: Tracer,
        max_body: Mapping[str, int],
        https: bool,
    ) -> None:
        self._app = app
        self._new_id = new_id
        self._metrics = metrics
        self._tracer = tracer
        self._max_body = max_body
        self._headers = dict(_HEADERS)
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-correlation-id", b"")
        correlation_id = given.decode() if _CORRELATION.fullmatch(given) else str(self._new_id())
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        await self._http(scope, receive, send, headers, correlation_id)

    async def _http(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes], correlation_id: str
    ) -> None:
        started, status = time.monotonic(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(MutableHeaders(scope=message), scope, correlation_id)
            await send(message)

        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
        with self._tracer.start_as_current_span(
            f"HTTP {scope['method']}",
            context=PROPAGATOR.extract(carrier),
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                await self._app(scope, self._bounded(scope, receive, headers), sending)
            except Exception as error:
                if status:  # too late to answer otherwise: the server cuts the connection
                    raise
                await failure_response(error, scope)(scope, receive, sending)
            finally:
                template = _template(scope)
                span.update_name(f"HTTP {scope['method']} {template}")
                span.set_attributes({"http.route": template, "http.response.status_code": status})
                self._metrics.requests.labels(scope["method"], template, str(status)).inc()
                self._metrics.seconds.labels(template).observe(time.monotonic() - started)

    def _dress(self, headers: MutableHeaders, scope: Scope, correlation_id: str) -> None:
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        headers["X-Correlation-Id"] = correlation_id
        for cookie in scope["state"].get("set_cookies", ()):
            headers.append("Set-Cookie", cookie)

    def _bounded(self, scope: Scope, receive: Receive, headers: dict[bytes, bytes]) -> Receive:
        """`receive` that raises TooLarge as soon as more has come than the path allows."""
        limit = self._max_body.get(scope["path"], self._max_body[""])
        declared = headers.get(b"content-length", b"0")
        too_large = TooLarge(f"the body is larger than the {limit} bytes that are allowed here")
        read = 0

        async def bounded() -> Message:
            nonlocal read
            if declared.isdigit() and int(declared[:20]) > limit:
                raise too_large
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > limit:
                    raise too_large
            return message

        return bounded


def _template(scope: Scope) -> str:
    """The route's path template; one word for every path that no route has."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "(none)"
