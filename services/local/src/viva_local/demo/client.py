"""Viva's public API as a program uses it: REST for everything, the WebSocket for what happens. Nothing behind it."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from viva_core.errors import (
    Denied,
    Exhausted,
    Invalid,
    NotFound,
    Permanent,
    Refused,
    Transient,
    Unauthenticated,
    Violation,
    VivaError,
)
from viva_core.ids import uuid7
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

Json = dict[str, Any]
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.3
_ERRORS: dict[int, type[VivaError]] = {
    401: Unauthenticated,
    403: Denied,
    404: NotFound,
    409: Refused,
    412: Refused,
    429: Exhausted,
}


class ApiClient:
    """One caller: staff with a bearer token, or a candidate with a cookie."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{base_url}/api/v1", timeout=120, headers={"X-Viva-CSRF": "1"}, follow_redirects=False
        )
        self._base = base_url

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def sign_in(self, email: str, password: str) -> None:
        """As staff. Raises Unauthenticated."""
        tokens = await self.post("/auth/token", {"email": email, "password": password})
        self._http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    async def get(self, path: str, **query: str) -> Json:
        """A JSON answer."""
        found: Json = (await self._request("GET", path, params=query)).json()
        return found

    async def download(self, path: str, **query: str) -> bytes:
        """An answer as it is."""
        return (await self._request("GET", path, params=query)).content

    async def post(self, path: str, body: Json | None = None, headers: Mapping[str, str] | None = None) -> Json:
        """A JSON answer to a JSON body."""
        answer = await self._request("POST", path, json=body if body is not None else {}, headers=dict(headers or {}))
        return answer.json() if answer.content else {}

    async def put(self, path: str, body: Json, headers: Mapping[str, str] | None = None) -> Json:
        """A JSON answer to a JSON body that takes the place of what was there."""
        answer = await self._request("PUT", path, json=body, headers=dict(headers or {}))
        return answer.json() if answer.content else {}

    async def upload(self, path: str, name: str, media_type: str, content: bytes) -> Json:
        """A JSON answer to a file."""
        files = {"file": (name, content, media_type)}
        answer: Json = (await self._request("POST", path, files=files)).json()
        return answer

    async def live(self, interview_id: str, last_event_id: int) -> AsyncGenerator[Json, None]:
        """What happens in an interview, from `last_event_id` on; comes back by itself when the connection is lost."""
        parts = urlsplit(self._base)
        scheme = "wss" if parts.scheme == "https" else "ws"
        while True:
            path = f"/api/v1/interviews/{interview_id}/live"
            url = urlunsplit((scheme, parts.netloc, path, f"last_event_id={last_event_id}", ""))
            headers = self._credentials()
            try:
                async with connect(url, additional_headers=headers, ssl=_tls(scheme), max_size=4 << 20) as socket:
                    async for raw in socket:
                        message: Json = json.loads(raw)
                        last_event_id = message.get("id") or last_event_id
                        yield message
            except InvalidStatus as refusal:
                status = refusal.response.status_code
                if status < 500 and status != 429:
                    raise _ERRORS.get(status, Permanent)(f"the live socket was refused with {status}") from None
                await asyncio.sleep(_PAUSE_SECONDS)
            except (WebSocketException, OSError):
                # A cut line, a gateway that restarts: come back and be told what was missed.
                await asyncio.sleep(_PAUSE_SECONDS)

    def _credentials(self) -> dict[str, str]:
        """What says who calls: the bearer token, or the cookies."""
        if "Authorization" in self._http.headers:
            return {"Authorization": self._http.headers["Authorization"]}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())}

    async def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Ask, and ask again while a service is away. A POST bears a key, so that asking twice does nothing twice."""
        if method == "POST":
            arguments["headers"] = {"Idempotency-Key": str(uuid7()), **(arguments.get("headers") or {})}
        limit = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return await self._once(method, path, **arguments)
            except Transient:
                if time.monotonic() > limit:
                    raise
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _once(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, **arguments)
        except httpx.HTTPError as error:
            raise Transient(f"{self._base} does not answer: {type(error).__name__}") from error
        if answer.is_success:
            return answer
        raise _error(answer)


def _tls(scheme: str) -> ssl.SSLContext | None:
    return ssl.create_default_context() if scheme == "wss" else None


def _error(answer: httpx.Response) -> VivaError:
    """The problem document as one of Viva's errors."""
    try:
        problem: Json = answer.json()
    except ValueError:
        problem = {}
    message = problem.get("detail") or problem.get("title") or f"HTTP {answer.status_code}"
    if answer.status_code in (400, 422):
        faults = [Violation(fault["field"], fault["detail"]) for fault in problem.get("errors", ())]
        return Invalid(message, faults)
    if answer.status_code >= 500:
        return Transient(message)
    kind: type[VivaError] = _ERRORS.get(answer.status_code, Permanent)
    return kind(message)
