"""Random tokens, and what is kept of them: a hash. Keys for different uses are derived from one."""

import hashlib
import hmac
import secrets

_TOKEN_BYTES = 32


def new_token(prefix: str) -> str:
    """A token of 256 random bits; the prefix lets secret scanners and people tell what it is."""
    return f"{prefix}_{secrets.token_urlsafe(_TOKEN_BYTES)}"


def token_hash(token: str) -> bytes:
    """What the database keeps. One round is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def derive_key(root: str, use: str) -> bytes:
    """A key of 32 bytes for one use (HKDF-Expand of RFC 5869 with one block; `root` is random already)."""
    return hmac.new(root.encode(), f"viva gateway {use}\x01".encode(), hashlib.sha256).digest()
