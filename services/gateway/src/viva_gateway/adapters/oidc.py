"""Signing in at an OpenID Connect provider: authorization code flow with PKCE (RFC 9700), by Authlib."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]  # Authlib has no types
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from viva_core.clock import Clock
from viva_core.db import transaction
from viva_core.errors import Transient, Unauthenticated

from viva_gateway.adapters.tables import oidc_logins
from viva_gateway.domain.secrets import new_token, token_hash

_LIFE = timedelta(minutes=10)
_METADATA_LIFE = 3600.0
_LEEWAY = 60
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]  # never HMAC, never none


@dataclass(frozen=True)
class Identity:
    """What the provider says of a person. `email` is None unless the provider has verified it."""

    issuer: str
    subject: str
    email: str | None
    return_to: str


class OidcProvider:
    """One provider. Its metadata and keys are read when they are needed, and kept for an hour."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        redirect_uri: str,
        database: async_sessionmaker[AsyncSession],
        clock: Clock,
    ) -> None:
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._database = database
        self._clock = clock
        self._client: Any = AsyncOAuth2Client(
            client_id=client_id,
            client_secret=client_secret,
            scope="openid email profile",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if client_secret else "none",
            timeout=10,
        )
        self._metadata: Mapping[str, Any] = {}
        self._keys: Any = None
        self._read_at = 0.0

    async def start(self, return_to: str) -> tuple[str, str]:
        """(where to send the browser, the state that its cookie must hold when it comes back)."""
        state, nonce, verifier = new_token("vst"), new_token("n"), new_token("v")
        metadata = await self._provider()
        url, _ = self._client.create_authorization_url(
            metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
        )
        async with transaction(self._database) as session:
            await session.execute(
                insert(oidc_logins).values(
                    state_hash=token_hash(state),
                    nonce=nonce,
                    verifier=verifier,
                    return_to=return_to,
                    expires_at=self._clock.now() + _LIFE,
                )
            )
        return str(url), state

    async def finish(self, code: str, state: str) -> Identity:
        """Who came back; raises Unauthenticated. Each start can be finished once."""
        async with transaction(self._database) as session:
            taken = await session.execute(
                delete(oidc_logins)
                .where(oidc_logins.c.state_hash == token_hash(state), oidc_logins.c.expires_at > self._clock.now())
                .returning(oidc_logins)
            )
            login = taken.one_or_none()
        if login is None:
            raise Unauthenticated("this sign-in has run out: start again", reason="OIDC_STATE")
        metadata = await self._provider()
        try:
            token = await self._client.fetch_token(
                metadata["token_endpoint"], code=code, code_verifier=login.verifier, grant_type="authorization_code"
            )
        except OAuthError:
            raise Unauthenticated("the identity provider refused the sign-in", reason="OIDC_REFUSED") from None
        except (httpx2.HTTPError, ValueError) as error:
            raise _away() from error
        claims = await self._claims(token.get("id_token"), login.nonce)
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Identity(
            issuer=self._issuer,
            subject=str(claims["sub"]),
            email=email if isinstance(email, str) else None,
            return_to=login.return_to,
        )

    async def _provider(self) -> Mapping[str, Any]:
        if not self._metadata or time.monotonic() - self._read_at > _METADATA_LIFE:
            metadata = await self._read(f"{self._issuer}/.well-known/openid-configuration")
            if str(metadata.get("issuer", "")).rstrip("/") != self._issuer:
                raise Transient("the identity provider calls itself by another name than VIVA_OIDC_ISSUER")
            keys = await self._read(metadata["jwks_uri"])
            self._metadata, self._keys, self._read_at = metadata, keys, time.monotonic()
        return self._metadata

    async def _read(self, url: str) -> dict[str, Any]:
        try:
            # Not by `get`, which is httpx's own and does not know that no token is wanted.
            response = await self._client.request("GET", url, withhold_token=True)
            response.raise_for_status()
            document: dict[str, Any] = response.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise _away() from error
        return document

    async def _claims(self, id_token: object, nonce: str) -> dict[str, Any]:
        """The claims of a good id token (OpenID Connect Core, 3.1.3.7)."""
        bad = Unauthenticated("the identity provider's answer is not good", reason="OIDC_TOKEN")
        if not isinstance(id_token, str):
            raise bad
        try:
            decoded = jwt.decode(id_token, KeySet.import_key_set(self._keys), algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            self._read_at = -_METADATA_LIFE  # its keys may be new: the next sign-in reads them
            raise bad from None
        claims: dict[str, Any] = dict(decoded.claims)
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        now = self._clock.now().timestamp()
        expires = claims.get("exp")
        good = (
            str(claims.get("iss", "")).rstrip("/") == self._issuer
            and self._client_id in audiences
            and (len(audiences) == 1 or claims.get("azp") == self._client_id)
            and isinstance(expires, (int, float))
            and expires > now - _LEEWAY
            and claims.get("nonce") == nonce
            and bool(claims.get("sub"))
        )
        if not good:
            raise bad
        return claims

    async def sweep(self) -> None:
        """Remove sign-ins that nobody came back from."""
        async with transaction(self._database) as session:
            await session.execute(delete(oidc_logins).where(oidc_logins.c.expires_at <= self._clock.now()))

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def _away() -> Transient:
    return Transient("the identity provider does not answer: try again", reason="OIDC_UNAVAILABLE")
