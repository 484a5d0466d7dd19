"""The one place where Viva's errors become gRPC statuses, and statuses become Viva's errors again.

Details are google.rpc messages: ErrorInfo (reason, correlation id), BadRequest (violations), RetryInfo.
"""

from datetime import timedelta

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from viva_core.errors import (
    Conflict,
    Denied,
    Exhausted,
    Expired,
    Invalid,
    NotFound,
    Permanent,
    Refused,
    Transient,
    Unauthenticated,
    Violation,
    VivaError,
)

DOMAIN = "viva.dev"
DETAILS_KEY = "grpc-status-details-bin"
_DEFAULT_RETRY = timedelta(seconds=1)

# The first class that fits counts, so the narrower ones stand before the wider ones.
_STATUS: tuple[tuple[type[VivaError], grpc.StatusCode], ...] = (
    (Invalid, grpc.StatusCode.INVALID_ARGUMENT),
    (NotFound, grpc.StatusCode.NOT_FOUND),
    (Conflict, grpc.StatusCode.ABORTED),
    (Refused, grpc.StatusCode.FAILED_PRECONDITION),
    (Denied, grpc.StatusCode.PERMISSION_DENIED),
    (Unauthenticated, grpc.StatusCode.UNAUTHENTICATED),
    (Exhausted, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (Transient, grpc.StatusCode.UNAVAILABLE),
    (Expired, grpc.StatusCode.DEADLINE_EXCEEDED),
)
_ERROR: dict[grpc.StatusCode, type[VivaError]] = {code: kind for kind, code in _STATUS} | {
    grpc.StatusCode.ALREADY_EXISTS: Conflict,
    grpc.StatusCode.OUT_OF_RANGE: Invalid,
    grpc.StatusCode.CANCELLED: Transient,
}


def status_code(error: VivaError) -> grpc.StatusCode:
    """The status of an error; INTERNAL for a Permanent without a kind."""
    return next((code for kind, code in _STATUS if isinstance(error, kind)), grpc.StatusCode.INTERNAL)


def details(error: VivaError, correlation_id: str) -> bytes:
    """The serialized google.rpc.Status for `grpc-status-details-bin`."""
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata={"correlation_id": correlation_id})
    status = status_pb2.Status(code=status_code(error).value[0], message=error.message, details=[_packed(info)])
    if isinstance(error, Invalid) and error.violations:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(field=violation.field, description=violation.description)
            for violation in error.violations
        ]
        status.details.append(_packed(error_details_pb2.BadRequest(field_violations=violations)))
    if isinstance(error, Transient):
        delay = Duration()
        delay.FromTimedelta(error.retry_after or _DEFAULT_RETRY)
        status.details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    serialized: bytes = status.SerializeToString()
    return serialized


def from_rpc_error(error: grpc.aio.AioRpcError) -> VivaError:
    """The error that the server meant. A status of another's making keeps its kind, with a message of ours."""
    kind = _ERROR.get(error.code(), Permanent)
    status = _status_of(error)
    info, bad_request, retry = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.BadRequest(),
        error_details_pb2.RetryInfo(),
    )
    for detail in status.details if status is not None else ():
        for message in (info, bad_request, retry):
            detail.Unpack(message)
    ours = info.domain == DOMAIN
    message = error.details() or "" if ours else f"a service answered {error.code().name}"
    reason = info.reason if ours else None
    if issubclass(kind, Invalid):
        violations = [Violation(v.field, v.description) for v in bad_request.field_violations]
        return kind(message, violations, reason=reason)
    if issubclass(kind, Transient):
        delay = retry.retry_delay.ToTimedelta() if retry.HasField("retry_delay") else None
        return kind(message, reason=reason, retry_after=delay)
    return kind(message, reason=reason)


def _status_of(error: grpc.aio.AioRpcError) -> status_pb2.Status | None:
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                return None
    return None


def _packed(message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest | error_details_pb2.RetryInfo) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed
