"""Ids are UUIDv7 (RFC 9562): sortable by time of birth, so that indexes stay compact; derived ids are UUIDv5."""

import os
import time
from collections.abc import Callable
from uuid import UUID, uuid5

IdFactory = Callable[[], UUID]

_DERIVED = UUID("6f1d1c8e-7f0a-5b3e-9a55-0d2f6a1b7c11")


def uuid7() -> UUID:
    """A new id: 48 bits of Unix milliseconds, 74 random bits (RFC 9562, 5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (noise >> 68 & 0xFFF) << 64
    return UUID(int=value | 0b10 << 62 | noise & 0x3FFF_FFFF_FFFF_FFFF)


def derived(cause: UUID | str, role: str) -> UUID:
    """The id of what `cause` led to in `role`: the same inputs give the same id, so a redelivery is recognised."""
    return uuid5(_DERIVED, f"{cause}/{role}")
