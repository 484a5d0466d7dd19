"""The one table from errors to problem documents (RFC 9457)."""

from dataclasses import dataclass

from viva_core.errors import (
    Conflict,
    Denied,
    Exhausted,
    Expired,
    Invalid,
    NotFound,
    RateLimited,
    Refused,
    Transient,
    Unauthenticated,
    VivaError,
)

from viva_gateway.domain.errors import (
    BadRequest,
    MethodNotAllowed,
    NotAcceptable,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    UnsupportedMedia,
)

MEDIA_TYPE = "application/problem+json"
_URN = "urn:viva:problem:"


@dataclass(frozen=True)
class Kind:
    """One kind of problem: `name` ends its type URN, `title` is the same for all of its kind."""

    status: int
    name: str
    title: str

    @property
    def type(self) -> str:
        """The `type` member."""
        return f"{_URN}{self.name}"


INTERNAL = Kind(500, "internal", "Something went wrong on our side")
# The first class that fits counts, so the narrower ones stand before the wider ones.
_KINDS: tuple[tuple[type[VivaError], Kind], ...] = (
    (BadRequest, Kind(400, "bad-request", "The request is malformed")),
    (MethodNotAllowed, Kind(405, "method-not-allowed", "This method is not offered here")),
    (NotAcceptable, Kind(406, "not-acceptable", "No acceptable form exists")),
    (PreconditionFailed, Kind(412, "precondition-failed", "It has changed since you read it")),
    (PreconditionRequired, Kind(428, "precondition-required", "Say what your change builds on")),
    (TooLarge, Kind(413, "too-large", "The body is too large")),
    (UnsupportedMedia, Kind(415, "unsupported-media-type", "This type of body is not read here")),
    (Invalid, Kind(422, "invalid", "Some fields are not right")),
    (Unauthenticated, Kind(401, "unauthenticated", "Sign in first")),
    (Denied, Kind(403, "denied", "You may not do this")),
    (NotFound, Kind(404, "not-found", "There is no such thing")),
    (Conflict, Kind(409, "conflict", "It conflicts with what is there")),
    (Refused, Kind(409, "refused", "Its state does not allow this")),
    (RateLimited, Kind(429, "rate-limited", "Too many requests")),
    (Exhausted, Kind(503, "busy", "Too busy at the moment")),
    (Transient, Kind(503, "unavailable", "Not available at the moment")),
    (Expired, Kind(504, "timeout", "It took too long")),
)


def titles() -> dict[int, str]:
    """What each status means, in the words of its problems."""
    words: dict[int, str] = {}
    for kind in (*(kind for _, kind in _KINDS), INTERNAL):
        before = words.get(kind.status)
        words[kind.status] = kind.title if before in (None, kind.title) else f"{before}, or: {kind.title}"
    return dict(sorted(words.items()))


def kind_of(error: VivaError) -> Kind:
    """The kind of problem an error is."""
    return next((kind for error_type, kind in _KINDS if isinstance(error, error_type)), INTERNAL)


@dataclass(frozen=True)
class FieldFault:
    """One fault of one field of the request."""

    field: str
    detail: str


@dataclass(frozen=True)
class Problem:
    """A problem document before it is JSON. `retry_after` is in whole seconds."""

    kind: Kind
    detail: str
    reason: str
    errors: tuple[FieldFault, ...] = ()
    retry_after: int | None = None

    def document(self, instance: str, correlation_id: str) -> dict[str, object]:
        """The members as RFC 9457 names them, and ours: reason, errors, correlation_id."""
        document: dict[str, object] = {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": instance,
            "reason": self.reason,
            "correlation_id": correlation_id,
        }
        if self.errors:
            document["errors"] = [{"field": fault.field, "detail": fault.detail} for fault in self.errors]
        return document


def problem_of(error: VivaError, correlation_id: str) -> Problem:
    """What is told of an error. Of a fault of ours only the correlation id is told."""
    kind = kind_of(error)
    if kind is INTERNAL:
        return Problem(kind, f"Quote {correlation_id} when you report this.", "INTERNAL")
    faults = tuple(FieldFault(v.field, v.description) for v in error.violations) if isinstance(error, Invalid) else ()
    retry = None
    if isinstance(error, Transient):
        retry = max(1, round(error.retry_after.total_seconds())) if error.retry_after is not None else 1
    return Problem(kind, error.message, error.reason, faults, retry)


def unknown(correlation_id: str) -> Problem:
    """What is told of an exception that nobody raised on purpose."""
    return Problem(INTERNAL, f"Quote {correlation_id} when you report this.", "INTERNAL")
