"""Secrets at rest: AES-256-GCM under the installation's key, bound to what they belong to."""

import hashlib
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from viva_core.errors import Refused

_NONCE = 12


class Sealer:
    """Seals and opens; without a key nothing can be sealed, and webhooks are off."""

    def __init__(self, key: str | None) -> None:
        derived = hashlib.sha256(b"viva-webhook-secrets-1:" + key.encode()).digest() if key else None
        self._aead = AESGCM(derived) if derived is not None else None

    def seal(self, secret: str, owner: UUID) -> bytes:
        """What is stored. Raises Refused when there is no key."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher().encrypt(nonce, secret.encode(), owner.bytes)

    def open(self, sealed: bytes, owner: UUID) -> str:
        """The secret. Raises Refused when there is no key, or another one."""
        try:
            return self._cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], owner.bytes).decode()
        except InvalidTag:
            raise Refused(
                "the webhook's secret was sealed with another key: rotate it", reason="WEBHOOK_KEY_CHANGED"
            ) from None

    def _cipher(self) -> AESGCM:
        if self._aead is None:
            raise Refused("webhooks are off: the operator sets VIVA_WEBHOOK_KEY_FILE", reason="WEBHOOKS_OFF")
        return self._aead
