"""Channels to other services: what a call needs goes with it, and what comes back as a status is raised as an error."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from grpc.aio import ClientCallDetails, Metadata
from opentelemetry import trace

from viva_core.errors import Expired
from viva_core.grpc.context import ACTOR_KEY, CORRELATION_KEY, current_call
from viva_core.grpc.errors import from_rpc_error
from viva_core.grpc.metrics import GrpcMetrics
from viva_core.telemetry.tracing import PROPAGATOR


class _Outfit:
    """What both interceptors do: fit a call out, and count it."""

    def __init__(self, metrics: GrpcMetrics, timeout: float) -> None:
        self._metrics = metrics
        self._timeout = timeout

    def fitted(self, given: ClientCallDetails) -> ClientCallDetails:
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
        PROPAGATOR.inject(carrier, trace.set_span_in_context(trace.get_current_span()))
        for key, value in carrier.items():
            metadata.add(key, value)
        return ClientCallDetails(
            method=given.method,
            timeout=timeout,
            metadata=metadata,
            credentials=given.credentials,
            wait_for_ready=given.wait_for_ready,
        )

    def count(self, method: str | bytes, code: str, started: float) -> None:
        name = method.decode() if isinstance(method, bytes) else method
        self._metrics.handled("client", name, code, time.monotonic() - started)


class _Unary(_Outfit, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(
        self,
        continuation: Callable[[ClientCallDetails, Any], Awaitable[Any]],
        client_call_details: ClientCallDetails,
        request: Any,
    ) -> Any:
        started = time.monotonic()
        call = await continuation(self.fitted(client_call_details), request)
        try:
            response = await call
        except grpc.aio.AioRpcError as error:
            self.count(client_call_details.method, error.code().name, started)
            raise from_rpc_error(error) from None
        self.count(client_call_details.method, "OK", started)
        return response


class _Streaming(_Outfit, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(
        self,
        continuation: Callable[[ClientCallDetails, Any], Awaitable[Any]],
        client_call_details: ClientCallDetails,
        request: Any,
    ) -> Any:
        started = time.monotonic()
        call = await continuation(self.fitted(client_call_details), request)
        return self._responses(call, client_call_details.method, started)

    async def _responses(self, call: Any, method: str | bytes, started: float) -> AsyncIterator[Any]:
        code = "CANCELLED"
        try:
            async for response in call:
                yield response
            code = "OK"
        except grpc.aio.AioRpcError as error:
            code = error.code().name
            raise from_rpc_error(error) from None
        finally:
            call.cancel()  # no effect on a call that has ended
            self.count(method, code, started)


def create_channel(
    target: str,
    *,
    metrics: GrpcMetrics,
    timeout: float = 10.0,
    max_message_bytes: int = 8 * 1024 * 1024,
) -> grpc.aio.Channel:
    """A plaintext channel. Build it inside the event loop; close it with `await channel.close()`.

    Args:
        target: host:port, or dns:///name:port of a headless service, over whose addresses calls are spread.
        metrics: shared with the process's server.
        timeout: seconds for a call that names no deadline and runs inside none.
        max_message_bytes: the largest message either way.
    """
    return grpc.aio.insecure_channel(
        target,
        interceptors=[_Unary(metrics, timeout), _Streaming(metrics, timeout)],
        options=[
            ("grpc.max_send_message_length", max_message_bytes),
            ("grpc.max_receive_message_length", max_message_bytes),
            ("grpc.service_config", '{"loadBalancingConfig": [{"round_robin": {}}]}'),
            ("grpc.initial_reconnect_backoff_ms", 200),
            ("grpc.max_reconnect_backoff_ms", 5_000),
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.keepalive_timeout_ms", 10_000),
        ],
    )
