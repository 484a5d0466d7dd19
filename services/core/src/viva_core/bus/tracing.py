"""The W3C trace context of a message, to and from OpenTelemetry; what a no-op tracer leaves empty costs nothing."""

import re

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, TraceFlags, TraceState

from viva_core.bus.envelope import Envelope

_TRACE_PARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")


def inject(span: Span) -> tuple[str | None, str | None]:
    """`traceparent` and `tracestate` of a span; None where there is nothing to hand on."""
    context = span.get_span_context()
    if not context.is_valid:
        return None, None
    parent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
    return parent, (context.trace_state.to_header() or None) if context.trace_state else None


def extract(envelope: Envelope) -> Context | None:
    """The context in which to go on; None when the message carries none, or a broken one."""
    if envelope.traceparent is None:
        return None
    match = _TRACE_PARENT.fullmatch(envelope.traceparent)
    if match is None:
        return None
    remote = SpanContext(
        trace_id=int(match[1], 16),
        span_id=int(match[2], 16),
        is_remote=True,
        trace_flags=TraceFlags(int(match[3], 16)),
        trace_state=TraceState.from_header([envelope.tracestate]) if envelope.tracestate else None,
    )
    return trace.set_span_in_context(NonRecordingSpan(remote)) if remote.is_valid else None
