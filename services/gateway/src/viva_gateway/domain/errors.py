"""Failures that only HTTP knows, as kinds of the few that Viva knows."""

from viva_core.errors import Conflict, Invalid


class PreconditionFailed(Conflict):
    """If-Match names a state that the thing is no longer in (412)."""

    reason = "PRECONDITION_FAILED"


class PreconditionRequired(Invalid):
    """A change of something that others change too must say what it builds on (428)."""

    reason = "PRECONDITION_REQUIRED"


class TooLarge(Invalid):
    """The body is larger than allowed (413)."""

    reason = "TOO_LARGE"


class UnsupportedMedia(Invalid):
    """The body is of a type that this route does not read (415)."""

    reason = "UNSUPPORTED_MEDIA_TYPE"


class NotAcceptable(Invalid):
    """Nothing that the caller accepts can be made (406)."""

    reason = "NOT_ACCEPTABLE"


class BadRequest(Invalid):
    """The request itself is malformed (400)."""

    reason = "BAD_REQUEST"


class MethodNotAllowed(Invalid):
    """The path is there, the method is not (405)."""

    reason = "METHOD_NOT_ALLOWED"


class KeyReused(Invalid):
    """The Idempotency-Key was used for another request (422)."""

    reason = "IDEMPOTENCY_KEY_REUSED"


class KeyInUse(Conflict):
    """The first request with this Idempotency-Key has not ended (409)."""

    reason = "IDEMPOTENCY_KEY_IN_USE"
