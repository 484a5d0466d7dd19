"""Entity tags: what a change builds on (RFC 9110, 8.8.3 and 13.1)."""

import re

from viva_gateway.domain.errors import PreconditionFailed

_TAG = re.compile(r'\s*(?:W/)?"([\x21\x23-\x7e]*)"\s*(?:,|$)')


def etag(value: str | int) -> str:
    """A strong entity tag."""
    return f'"{value}"'


def tags(header: str) -> list[str]:
    """The opaque values that If-Match or If-None-Match names; empty when it is malformed."""
    found, position = [], 0
    while position < len(header):
        match = _TAG.match(header, position)
        if match is None:
            return []
        found.append(match[1])
        position = match.end()
    return found


def demand_revision(if_match: str) -> int:
    """The revision that If-Match names; raises PreconditionFailed (412)."""
    value = demand_tag(if_match)
    if not value.isascii() or not value.isdigit() or not 1 <= len(value) <= 9 or int(value) < 1:
        raise PreconditionFailed("If-Match names no revision of this: read it again")
    return int(value)


def demand_hash(if_match: str) -> str:
    """The SHA-256 that If-Match names; raises PreconditionFailed (412)."""
    value = demand_tag(if_match)
    if not re.fullmatch(r"[0-9a-f]{64}", value):
        raise PreconditionFailed("If-Match names no version of this: read it again")
    return value


def demand_tag(if_match: str) -> str:
    """The one tag of If-Match. `*` is not enough: it would overwrite what the caller never saw."""
    found = tags(if_match)
    if len(found) != 1:
        raise PreconditionFailed("If-Match must hold the one ETag that you read")
    return found[0]


def unchanged(if_none_match: str | None, current: str) -> bool:
    """Whether If-None-Match names the current tag, so that 304 will do."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or current.strip('"') in tags(if_none_match)
