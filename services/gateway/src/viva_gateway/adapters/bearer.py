"""Short-lived bearer tokens: JWTs signed with EdDSA (an Ed25519 key in PEM) or HS256 (a random secret)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from viva_core.clock import Clock
from viva_core.errors import Invalid, Unauthenticated, Violation
from viva_core.ids import IdFactory

from viva_gateway.domain.principal import Account
from viva_gateway.domain.secrets import derive_key

_ISSUER = "viva-gateway"
_AUDIENCE = "viva-api"
_MINIMUM = 32


@dataclass(frozen=True)
class Claims:
    """What a good token says. The account is looked up for the rest: roles change, tokens do not."""

    account_id: UUID
    family_id: UUID
    expires_at: datetime


class BearerTokens:
    """Signs and reads."""

    def __init__(self, key: str, life: timedelta, clock: Clock, new_id: IdFactory) -> None:
        self._life = life
        self._clock = clock
        self._new_id = new_id
        self._sign: Any
        self._verify: Any
        if key.lstrip().startswith("-----BEGIN"):
            private = _ed25519(key)
            self._algorithm, self._sign, self._verify = "EdDSA", private, private.public_key()
        elif len(key) >= _MINIMUM:
            self._algorithm = "HS256"
            self._sign = self._verify = derive_key(key, "bearer tokens")
        else:
            raise _wrong_key(f"want at least {_MINIMUM} characters of randomness, or an Ed25519 key in PEM")

    @property
    def seconds(self) -> int:
        """The life of a token."""
        return int(self._life.total_seconds())

    def issue(self, account: Account, family_id: UUID) -> str:
        """A token of the account."""
        now = self._clock.now()
        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": str(account.id),
            "sid": str(family_id),
            "jti": str(self._new_id()),
            "iat": int(now.timestamp()),
            "exp": int((now + self._life).timestamp()),
        }
        return jwt.encode(claims, self._sign, algorithm=self._algorithm)

    def read(self, token: str) -> Claims:
        """What it says; raises Unauthenticated when it is not ours or has run out."""
        try:
            claims = jwt.decode(
                token,
                self._verify,
                algorithms=[self._algorithm],  # never the token's own choice
                audience=_AUDIENCE,
                issuer=_ISSUER,
                options={"require": ["exp", "sub", "sid"], "verify_exp": False, "verify_iat": False},
            )
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
            found = Claims(UUID(claims["sub"]), UUID(claims["sid"]), expires_at)
        except (jwt.InvalidTokenError, ValueError, OverflowError, TypeError, AttributeError):
            raise Unauthenticated("the bearer token is not good", reason="TOKEN_INVALID") from None
        if found.expires_at <= self._clock.now():
            raise Unauthenticated("the bearer token has run out: refresh it", reason="TOKEN_EXPIRED")
        return found


def _ed25519(pem: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise _wrong_key("is PEM, but no private key that can be read") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _wrong_key("is PEM, but no Ed25519 key")
    return key


def _wrong_key(description: str) -> Invalid:
    return Invalid(f"VIVA_TOKEN_KEY: {description}", [Violation("VIVA_TOKEN_KEY", description)])
