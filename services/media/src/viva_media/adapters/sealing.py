"""AES-256-GCM as everything that media keeps on disk uses it: `nonce, ciphertext`, bound to what it belongs to."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
KEY = 32
WRAPPED = NONCE + KEY + 16
"""So long is a key that another key wraps."""


class Tampered(Exception):
    """Another key's, another thing's, or changed."""


class Sealer:
    """Seals and opens under one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = AESGCM(key)

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """The sealed bytes; only who names the same `bound_to` opens them."""
        nonce = os.urandom(NONCE)
        return nonce + self._key.encrypt(nonce, plain, bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """What was sealed. Raises Tampered."""
        try:
            return self._key.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise Tampered("this cannot be opened") from error

    @staticmethod
    def new_key() -> bytes:
        """A key to wrap."""
        return AESGCM.generate_key(256)
