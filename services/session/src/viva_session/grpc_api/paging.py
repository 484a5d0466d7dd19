"""Page tokens: opaque to callers, so that what they hold may change."""

import base64
import binascii
from uuid import UUID

from viva_core.errors import Invalid, Violation

DEFAULT_SIZE = 50


def size_of(asked: int) -> int:
    """How many to give; 0 is the default."""
    return asked or DEFAULT_SIZE


def token_of(last: UUID | int) -> str:
    """The token that goes on after `last`."""
    return base64.urlsafe_b64encode(str(last).encode()).decode()


def uuid_of(token: str) -> UUID | None:
    """The id to go on after; None at the start. Raises Invalid."""
    if not token:
        return None
    try:
        return UUID(_text(token))
    except ValueError:
        raise _invalid() from None


def number_of(token: str) -> int | None:
    """The number to go on after; None at the start. Raises Invalid."""
    if not token:
        return None
    try:
        number = int(_text(token))
    except ValueError:
        raise _invalid() from None
    if not 0 <= number < 2**63:  # beyond what the column holds
        raise _invalid()
    return number


def _text(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _invalid() from None


def _invalid() -> Invalid:
    return Invalid(
        "page_token is none of ours", [Violation("page_token", "give the next_page_token of an answer, or nothing")]
    )
