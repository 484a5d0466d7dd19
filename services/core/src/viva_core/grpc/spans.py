"""How the span of a call says what came of it, alike on both ends."""

import grpc
from opentelemetry.trace import Span, Status, StatusCode

# What the caller did wrong, or wanted no longer, is no fault of the server that answers so.
_FAULTS = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)


def mark_outcome(span: Span, code: grpc.StatusCode) -> None:
    """Set the status code, and mark faults; without a message, which may quote what was said."""
    span.set_attribute("rpc.grpc.status_code", code.value[0])
    if code in _FAULTS:
        span.set_status(Status(StatusCode.ERROR))
