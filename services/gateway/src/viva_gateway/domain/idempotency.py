"""The same POST twice has one effect: what makes two requests the same, and what is kept."""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

KEEP = timedelta(hours=24)
LOCK = timedelta(seconds=330)
"""A first request that has not ended by then has died with its process; longer than any call of ours may take."""

NEVER_KEPT = frozenset(
    {
        "login",
        "create_token",
        "refresh_token",
        "revoke_token",
        "logout",
        "open_candidate_session",
        "erase_own_interview",
    }
)
"""Operations whose responses are secrets of the signing-in itself, or set cookies that could not be set again."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class StoredResponse:
    """What the first request was answered."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def valid_key(key: str) -> bool:
    """Whether it is 1 to 200 visible ASCII characters."""
    return _KEY.fullmatch(key) is not None


def fingerprint(method: str, path: str, query: str, content_type: str, body: bytes) -> bytes:
    """The same for the same request, and for no other."""
    digest = hashlib.sha256()
    for part in (method.encode(), path.encode(), query.encode(), content_type.encode(), body):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def mentioned(*texts: str) -> list[UUID]:
    """Every UUID in the texts, so that an erasure finds what was kept about an interview."""
    return sorted({UUID(found) for text in texts for found in _UUID.findall(text)})
