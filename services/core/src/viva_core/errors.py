"""The few kinds of failure that Viva knows. Each edge maps them once: the bus to nak, dead letter or drop; gRPC to a
status; the gateway to a problem document.

`message` is shown to people: it names the field or the thing and the way out, and never holds an answer, a name or a
secret. `reason` is for programs: UPPER_SNAKE_CASE, stable, bounded in number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Violation:
    """One fault of one field: `field` is its path ("criteria[2].weight"), `description` says what is wanted."""

    field: str
    description: str


class VivaError(Exception):
    """The root of what Viva raises on purpose."""

    reason = "INTERNAL"

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if reason is not None:
            self.reason = reason


class Transient(VivaError):
    """Worth another try: a neighbour is away, busy or slow."""

    reason = "UNAVAILABLE"

    def __init__(self, message: str, *, reason: str | None = None, retry_after: timedelta | None = None) -> None:
        super().__init__(message, reason=reason)
        self.retry_after = retry_after


class Exhausted(Transient):
    """A limit was met: too many requests, a full stream. Trying again later helps, trying again now does not."""

    reason = "RESOURCE_EXHAUSTED"


class RateLimited(Exhausted):
    """This caller asks too often; others are served. Its reason is what tells it from Exhausted on the wire."""

    reason = "RATE_LIMITED"


class Expired(VivaError):
    """Nobody waits for the result any more: the deadline has passed."""

    reason = "DEADLINE_EXCEEDED"


class Permanent(VivaError):
    """The same call will fail the same way, however often it is made."""

    reason = "INTERNAL"


class Invalid(Permanent):
    """The input is wrong; `violations` name each field and what it wants."""

    reason = "INVALID_ARGUMENT"

    def __init__(self, message: str, violations: Sequence[Violation] = (), *, reason: str | None = None) -> None:
        super().__init__(message, reason=reason)
        self.violations = tuple(violations)


class NotFound(Permanent):
    """There is no such thing, or none that the caller may know of: the two look the same on purpose."""

    reason = "NOT_FOUND"


class Conflict(Permanent):
    """It exists already, or it changed since the caller read it (a stale revision)."""

    reason = "CONFLICT"


class Refused(Permanent):
    """The thing is not in a state that allows this: an answer to a closed question, a start without consent."""

    reason = "FAILED_PRECONDITION"


class Denied(Permanent):
    """The caller is known and may not."""

    reason = "PERMISSION_DENIED"


class Unauthenticated(Permanent):
    """The caller is not known, or no longer."""

    reason = "UNAUTHENTICATED"
