"""The one place where Viva's errors become gRPC statuses, and statuses become Viva's errors again.

Details are google.rpc messages: ErrorInfo (reason, correlation id), BadRequest (violations), RetryInfo. They travel as
trailing metadata, of which gRPC takes 8 KiB: more, and the caller gets RESOURCE_EXHAUSTED instead of the error. So
texts are cut and only as many violations are named as fit; a last one says how many more there are.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

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
    RateLimited,
    Refused,
    Transient,
    Unauthenticated,
    Violation,
    VivaError,
)

DOMAIN = "viva.dev"
DETAILS_KEY = "grpc-status-details-bin"
_DEFAULT_RETRY = timedelta(seconds=1)
_MESSAGE_BYTES = 1800  # as gRPC sends it: percent-encoded, so nine for a Korean syllable
_DETAILS_BYTES = 4096
_FIELD_CHARACTERS = 160
# gRPC's own words for a message over the limit. It says RESOURCE_EXHAUSTED, which would be worth another try.
_REQUEST_TOO_LARGE = re.compile(r"(SERVER: Received|CLIENT: Sent) message larger than max")
_ANSWER_TOO_LARGE = re.compile(r"message larger than max|metadata size exceeds")

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
    status = status_pb2.Status(code=status_code(error).value[0], message=short(error.message), details=[_packed(info)])
    if isinstance(error, Invalid) and error.violations:
        room = _DETAILS_BYTES - status.ByteSize()
        status.details.append(_packed(_bad_request(error.violations, room)))
    if isinstance(error, Transient):
        delay = Duration()
        delay.FromTimedelta(error.retry_after or _DEFAULT_RETRY)
        status.details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    serialized: bytes = status.SerializeToString()
    return serialized


def from_rpc_error(error: grpc.aio.AioRpcError) -> VivaError:
    """The error that the server meant. A status of another's making keeps its kind, with a message of ours."""
    kind = _ERROR.get(error.code(), Permanent)
    if kind is Exhausted:
        said = error.details() or ""
        if _REQUEST_TOO_LARGE.search(said):
            return Invalid("the request is larger than the service takes", reason="MESSAGE_TOO_LARGE")
        if _ANSWER_TOO_LARGE.search(said):
            return Permanent("the answer is larger than can be sent", reason="MESSAGE_TOO_LARGE")
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
    if kind is Exhausted and reason == RateLimited.reason:
        kind = RateLimited
    if issubclass(kind, Transient):
        delay = retry.retry_delay.ToTimedelta() if retry.HasField("retry_delay") else None
        return kind(message, reason=reason, retry_after=delay)
    return kind(message, reason=reason)


def short(message: str) -> str:
    """A message that fits; one that does not loses its end."""
    if len(quote(message)) <= _MESSAGE_BYTES:
        return message
    kept, size = [], len(quote("…"))
    for character in message:
        size += len(quote(character))
        if size > _MESSAGE_BYTES:
            break
        kept.append(character)
    return "".join(kept) + "…"


def _bad_request(violations: Sequence[Violation], room: int) -> error_details_pb2.BadRequest:
    """As many violations as fit into `room` bytes, with a note of how many do not."""
    made = error_details_pb2.BadRequest()
    for number, violation in enumerate(violations):
        named = made.field_violations.add(
            field=violation.field[:_FIELD_CHARACTERS], description=violation.description[:_FIELD_CHARACTERS]
        )
        if made.ByteSize() > room - 100:
            made.field_violations.remove(named)
            made.field_violations.add(description=f"and {len(violations) - number} more")
            break
    return made


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
