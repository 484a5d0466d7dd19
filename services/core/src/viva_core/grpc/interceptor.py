"""What happens around every call of a server, in one place and in this order:

correlation id and trace → deadline → actor → protovalidate → the servicer → error to status → metrics.

Health and reflection (`/grpc.…`) pass untouched.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractContextManager, aclosing
from typing import Any, NoReturn, TypeAlias

import grpc
from google.protobuf.message import DecodeError
from opentelemetry.trace import Span, SpanKind, Tracer, use_span
from viva.common.v1.types_pb2 import Actor

from viva_core.errors import Expired, Invalid, Permanent, Transient, Unauthenticated, VivaError
from viva_core.grpc.context import ACTOR_KEY, CORRELATION_KEY, CallContext, entered
from viva_core.grpc.errors import DETAILS_KEY, details, short, status_code
from viva_core.grpc.metrics import GrpcMetrics, split_method
from viva_core.grpc.spans import mark_outcome
from viva_core.ids import uuid7
from viva_core.telemetry.logs import get_logger
from viva_core.telemetry.tracing import PROPAGATOR
from viva_core.validation import check

_log = get_logger("viva.grpc")
_ServicerContext: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"  # generic in its stubs only
_CORRELATION_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")  # as the gateway takes it: fit for logs and messages
_CLOSE_TO_THE_END = 0.05  # seconds: a time-out set to what was left fires about then


def _current(span: Span) -> AbstractContextManager[Span]:
    """The span as the current one, for a step. It does not see exceptions: their messages may quote what was said."""
    return use_span(span, end_on_exit=False, record_exception=False, set_status_on_exception=False)


class EdgeInterceptor(grpc.aio.ServerInterceptor):
    """Wraps unary and server-streaming methods; Viva has no others."""

    def __init__(self, metrics: GrpcMetrics, tracer: Tracer, public: Collection[str]) -> None:
        self._metrics = metrics
        self._tracer = tracer
        self._public = frozenset(public)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["grpc.RpcMethodHandler[Any, Any] | None"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Wrap the handler."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.startswith("/grpc."):
            return handler
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(
                self._unary(method, handler.unary_unary),
                request_deserializer=handler.request_deserializer,
                response_serializer=handler.response_serializer,
            )
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(
                self._streaming(method, handler.unary_stream),
                request_deserializer=handler.request_deserializer,
                response_serializer=handler.response_serializer,
            )
        raise Permanent(f"{method}: client streams are not part of Viva's contracts")

    def _unary(self, method: str, behaviour: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(request: Any, context: _ServicerContext) -> Any:
            passage = _Passage(self._metrics, method, context)
            span = self._span(method, context)
            try:
                with entered(self._enter(method, request, context, passage)), _current(span):
                    response = await behaviour(request, context)
            except (asyncio.CancelledError, GeneratorExit):
                passage.abandoned(span)
                raise
            except Exception as error:
                await passage.fail(error, span)
            else:
                passage.end(grpc.StatusCode.OK, span)
            finally:
                span.end()
            return response

        return call

    def _streaming(self, method: str, behaviour: Callable[..., Any]) -> Callable[..., AsyncIterator[Any]]:
        async def call(request: Any, context: _ServicerContext) -> AsyncIterator[Any]:
            passage = _Passage(self._metrics, method, context)
            span = self._span(method, context)
            try:
                run = self._enter(method, request, context, passage)
                async with aclosing(behaviour(request, context)) as responses:
                    while True:
                        # Entered anew for each step: a generator shares the context of whoever drives it.
                        with entered(run), _current(span):
                            try:
                                response = await anext(responses)
                            except StopAsyncIteration:
                                break
                        yield response
            except (asyncio.CancelledError, GeneratorExit):
                passage.abandoned(span)
                raise
            except Exception as error:
                await passage.fail(error, span)
            else:
                passage.end(grpc.StatusCode.OK, span)
            finally:
                span.end()

        return call

    def _span(self, method: str, context: _ServicerContext) -> Span:
        carrier = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        service, name = split_method(method)
        return self._tracer.start_span(
            f"{service}/{name}",
            context=PROPAGATOR.extract(carrier),
            kind=SpanKind.SERVER,
            attributes={"rpc.system": "grpc", "rpc.service": service, "rpc.method": name},
        )

    def _enter(self, method: str, request: Any, context: _ServicerContext, passage: "_Passage") -> CallContext:
        remaining = context.time_remaining()
        if remaining is None:
            raise Invalid("this call has no deadline: set a time-out", reason="DEADLINE_REQUIRED")
        actor = self._actor(method, passage.metadata)
        check(request)
        return CallContext(passage.correlation_id, actor, time.monotonic() + remaining)

    def _actor(self, method: str, metadata: dict[str, str | bytes]) -> Actor | None:
        raw = metadata.get(ACTOR_KEY)
        if not isinstance(raw, bytes):
            if method in self._public:
                return None
            raise Unauthenticated("this call names nobody who acts")
        try:
            actor = Actor.FromString(raw)
            check(actor)
        except (DecodeError, Invalid):
            raise Unauthenticated("this call names nobody who could act") from None
        return actor


class _Passage:
    """One call on its way through: its metadata and what came of it."""

    def __init__(self, metrics: GrpcMetrics, method: str, context: _ServicerContext) -> None:
        self._metrics = metrics
        self._method = method
        self._context = context
        self._started = time.monotonic()
        self.metadata: dict[str, str | bytes] = dict(context.invocation_metadata() or ())
        given = self.metadata.get(CORRELATION_KEY)
        self.correlation_id = given if isinstance(given, str) and _CORRELATION_ID.fullmatch(given) else str(uuid7())

    def end(self, code: grpc.StatusCode, span: Span) -> None:
        self._metrics.handled("server", self._method, code.name, time.monotonic() - self._started)
        mark_outcome(span, code)

    def abandoned(self, span: Span) -> None:
        """The call was cancelled: by its caller, or because its time is up."""
        self.end(grpc.StatusCode.DEADLINE_EXCEEDED if self._late() else grpc.StatusCode.CANCELLED, span)

    def _late(self) -> bool:
        remaining = self._context.time_remaining()
        return remaining is not None and remaining <= _CLOSE_TO_THE_END

    async def fail(self, error: Exception, span: Span) -> NoReturn:
        """Answer with the error's status. What was not raised on purpose becomes INTERNAL and is logged, once."""
        if isinstance(error, grpc.aio.AbortError):
            self.end(grpc.StatusCode.UNKNOWN, span)  # no servicer of Viva's aborts: they raise what they mean
            raise error
        known = self._known(error)
        if known is None:
            with _current(span):
                _log.error(
                    "a call failed on a fault of ours",
                    method=self._method,
                    correlation_id=self.correlation_id,
                    exc_info=error,
                )
            known = Permanent(f"something went wrong on our side; quote {self.correlation_id} when you report it")
        code = status_code(known)
        self.end(code, span)
        trailing = ((DETAILS_KEY, details(known, self.correlation_id)), (CORRELATION_KEY, self.correlation_id))
        await self._context.abort(code, short(known.message), trailing_metadata=trailing)
        raise AssertionError("abort raises")

    def _known(self, error: Exception) -> VivaError | None:
        if isinstance(error, VivaError):
            return error
        if isinstance(error, TimeoutError):
            if self._late():
                return Expired("the call's time is up")
            return Transient("something that this call needs did not answer in time", reason="TIMEOUT")
        return None
