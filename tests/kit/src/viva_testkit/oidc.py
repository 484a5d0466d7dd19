"""An OpenID Connect provider on loopback: it describes itself, takes codes with PKCE and signs id tokens."""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID = "viva"
CLIENT_SECRET = "hush-hush-hush"


@dataclass
class Issuer:
    """`claims` are those of who signs in; `document` takes the place of the discovery document where it is set."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "subject"})
    document: Any = None
    up: bool = True
    now: Callable[[], float] = time.time
    """Seconds since 1970, by which it dates tokens."""
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    _asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def describe(self) -> dict[str, str]:
        """A discovery document that is good."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }

    def authorize(self, address: str) -> dict[str, str]:
        """What the provider sends a browser back with that came to `address` and signed in."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.url}/authorize?"), address
        assert (asked["client_id"], asked["code_challenge_method"]) == (CLIENT_ID, "S256")
        code = f"code-{len(self._asked)}"
        self._asked[code] = asked
        return {"code": code, "state": asked["state"]}

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of HTTP/1.1."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if self.up:
            status, told = self._answer(head[0].split(" ")[1], headers, body)
            said = json.dumps(told).encode()
            lines = (f"HTTP/1.1 {status}", "content-type: application/json", f"content-length: {len(said)}")
            writer.write("\r\n".join((*lines, "connection: close", "", "")).encode() + said)
            await writer.drain()
        writer.close()

    def _answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[str, Any]:
        match path:
            case "/.well-known/openid-configuration":
                return "200 OK", self.describe() if self.document is None else self.document
            case "/keys":
                public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
                return "200 OK", {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}
            case "/token":
                return self._token(headers, {name: values[0] for name, values in parse_qs(body.decode()).items()})
        return "404 Not Found", {}

    def _token(self, headers: dict[str, str], sent: dict[str, str]) -> tuple[str, Any]:
        asked = self._asked.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if asked is None or asked["code_challenge"] != challenge or headers.get("authorization") != f"Basic {basic}":
            return "400 Bad Request", {"error": "invalid_grant"}
        now = int(self.now())
        standard = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        token = jwt.encode(standard | self.claims, self.key, "RS256", headers={"kid": "one"})
        return "200 OK", {"access_token": "access", "token_type": "Bearer", "id_token": token}


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """A provider that runs."""
    made = Issuer()
    server = await asyncio.start_server(made.handle, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield made
    server.close()
    await server.wait_closed()
