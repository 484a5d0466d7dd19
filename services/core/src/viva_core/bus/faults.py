"""What NATS says went wrong, in Viva's words; the one place that knows JetStream's error codes."""

import nats.errors
from nats.js.errors import APIError

from viva_core.errors import Conflict, Exhausted, Invalid, NotFound, Permanent, Transient, VivaError

# From nats-server's errors.json.
_WRONG_LAST_SEQUENCE = {10070, 10071, 10164}
_FULL = {10002, 10023, 10028, 10047, 10077}
_TOO_LARGE = {10054, 10097}
_DELETE_FAILED = 10057


def away() -> Transient:
    """The server can not be reached now."""
    return Transient("the message bus is not connected", reason="BUS_UNAVAILABLE")


def silent() -> Transient:
    """No answer came in time; the message may have been stored: publish again with the same id."""
    return Transient("the message bus did not answer in time", reason="BUS_TIMEOUT")


def unheard() -> Transient:
    """No stream takes the subject, or JetStream is not running yet."""
    return Transient("no stream takes this subject: have the streams been applied?", reason="STREAM_UNAVAILABLE")


def from_api(code: int | None, err_code: int | None, description: str | None) -> VivaError:
    """A JetStream API error."""
    what = description or "no description"
    if err_code in _WRONG_LAST_SEQUENCE:
        return Conflict("the subject has changed since it was read", reason="SEQUENCE_CONFLICT")
    if err_code in _FULL:
        return Exhausted(f"the stream takes no more now: {what}", reason="STREAM_FULL")
    if err_code in _TOO_LARGE:
        return Invalid(f"the message is too large: {what}", reason="MESSAGE_TOO_LARGE")
    if code == 404 or (err_code == _DELETE_FAILED and "no message found" in what):
        return NotFound(f"JetStream: {what}")
    if code is None or code >= 500 or code in (408, 409, 429):
        return Transient(f"JetStream is not available: {what}", reason="BUS_UNAVAILABLE")
    return Permanent(f"JetStream refused: {what}", reason="BUS_REFUSED")


def translate(error: Exception) -> VivaError:
    """Any exception of nats-py."""
    match error:
        case VivaError():
            return error
        case APIError():
            return from_api(error.code, error.err_code, error.description)
        case nats.errors.NoRespondersError():
            return unheard()
        case nats.errors.MaxPayloadError():
            return Invalid("the message is larger than the server takes", reason="MESSAGE_TOO_LARGE")
        case nats.errors.TimeoutError() | TimeoutError():
            return silent()
        case _:
            return away()
