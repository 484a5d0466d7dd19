"""Channels to other services: what a call needs goes with it, and what comes back as a status is raised as an error."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from grpc.aio import ClientCallDetails, Metadata
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Tracer

from viva_core.errors import Expired
from viva_core.grpc.connection import KEEPALIVE, MAX_MESSAGE_BYTES, channel_options
from viva_core.grpc.context import ACTOR_KEY, CORRELATION_KEY, current_call
from viva_core.grpc.errors import from_rpc_error
from viva_core.grpc.metrics import GrpcMetrics, split_method
from viva_core.grpc.spans import mark_outcome
from viva_core.telemetry.tracing import PROPAGATOR


class _Outfit:
    """What both interceptors do: fit a call out, and account for it."""

    def __init__(self, metrics: GrpcMetrics, tracer: Tracer, timeout: float) -> None:
        self._metrics = metrics
        self._tracer = tracer
        self._timeout = timeout

    def opened(self, method: str | bytes) -> "_Account":
        """Start to account for a call."""
        return _Account(self._metrics, self._tracer, method.decode() if isinstance(method, bytes) else method)

    def fitted(self, given: ClientCallDetails, span: Span) -> ClientCallDetails:
        """Deadline (what is left of the caller's own, if that is less), actor, correlation id, trace."""
        metadata = Metadata(*(given.metadata or ()))
        call = current_call()
        timeout = given.timeout if given.timeout is not None else self._timeout
        if call is not None:
            remaining = call.remaining()
            if remaining is not None:
                timeout = min(timeout, remaining)
            if call.actor is not None:
                metadata.add(ACTOR_KEY, call.actor.SerializeToString())
            metadata.add(CORRELATION_KEY, call.correlation_id)
        if timeout <= 0:
            raise Expired("the time for this call is up before it was made")
        carrier: dict[str, str] = {}
        PROPAGATOR.inject(carrier, trace.set_span_in_context(span))
        for key, value in carrier.items():
            metadata.add(key, value)
        return ClientCallDetails(
            method=given.method,
            timeout=timeout,
            metadata=metadata,
            credentials=given.credentials,
            wait_for_ready=given.wait_for_ready,
        )


class _Account:
    """One call's span and figures; closed once, with the status that it ended with."""

    def __init__(self, metrics: GrpcMetrics, tracer: Tracer, method: str) -> None:
        self._metrics = metrics
        self._method = method
        self._started = time.monotonic()
        service, name = split_method(method)
        self.span = tracer.start_span(
            f"{service}/{name}",
            kind=SpanKind.CLIENT,
            attributes={"rpc.system": "grpc", "rpc.service": service, "rpc.method": name},
        )

    def close(self, code: grpc.StatusCode) -> None:
        self._metrics.handled("client", self._method, code.name, time.monotonic() - self._started)
        mark_outcome(self.span, code)
        self.span.end()


class _Unary(_Outfit, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(
        self,
        continuation: Callable[[ClientCallDetails, Any], Awaitable[Any]],
        client_call_details: ClientCallDetails,
        request: Any,
    ) -> Any:
        account, code = self.opened(client_call_details.method), grpc.StatusCode.UNKNOWN
        try:
            call = await continuation(self.fitted(client_call_details, account.span), request)
            response = await call
            code = grpc.StatusCode.OK
        except grpc.aio.AioRpcError as error:
            code = error.code()
            raise from_rpc_error(error) from None
        except Expired:
            code = grpc.StatusCode.DEADLINE_EXCEEDED
            raise
        except asyncio.CancelledError:
            code = grpc.StatusCode.CANCELLED
            raise
        finally:
            account.close(code)
        return response


class _Streaming(_Outfit, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(
        self,
        continuation: Callable[[ClientCallDetails, Any], Awaitable[Any]],
        client_call_details: ClientCallDetails,
        request: Any,
    ) -> Any:
        account = self.opened(client_call_details.method)
        try:
            call = await continuation(self.fitted(client_call_details, account.span), request)
        except BaseException as error:
            expired = isinstance(error, Expired)
            account.close(grpc.StatusCode.DEADLINE_EXCEEDED if expired else grpc.StatusCode.CANCELLED)
            raise
        return self._responses(call, account)

    async def _responses(self, call: Any, account: _Account) -> AsyncIterator[Any]:
        code = grpc.StatusCode.CANCELLED
        try:
            async for response in call:
                yield response
            code = grpc.StatusCode.OK
        except grpc.aio.AioRpcError as error:
            code = error.code()
            raise from_rpc_error(error) from None
        finally:
            call.cancel()  # no effect on a call that has ended
            account.close(code)


def create_channel(
    target: str,
    *,
    metrics: GrpcMetrics,
    timeout: float = 10.0,
    max_message_bytes: int = MAX_MESSAGE_BYTES,
    tracer: Tracer | None = None,
    keepalive: float = KEEPALIVE,
) -> grpc.aio.Channel:
    """A plaintext channel. Build it inside the event loop; close it with `await channel.close()`.

    Args:
        target: host:port, or dns:///name:port of a headless service, over whose addresses calls are spread.
        metrics: shared with the process's server.
        timeout: seconds for a call that names no deadline and runs inside none.
        max_message_bytes: the largest message either way.
        tracer: spans of the calls; without it those of the process's own provider (`Tracing.install`).
        keepalive: seconds between pings while calls are under way, as given to `create_server`.
    """
    spans = tracer or trace.get_tracer("viva.grpc")
    return grpc.aio.insecure_channel(
        target,
        interceptors=[_Unary(metrics, spans, timeout), _Streaming(metrics, spans, timeout)],
        options=channel_options(max_message_bytes=max_message_bytes, keepalive=keepalive),
    )
