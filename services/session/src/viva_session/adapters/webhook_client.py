"""Calls receivers, and nobody else.

A receiver's URL is written by a person and called from inside the installation, so this client would be a way in (SSRF)
unless it holds: a name is resolved here, each address is looked at, and the connection goes to the very address that
was looked at (a name that resolves otherwise a moment later changes nothing); no redirect is followed; no proxy is
asked; a whole exchange has a time limit, and of the answer only the beginning is read.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

import httpcore2 as httpcore

from viva_session.domain.webhook import Network, may_be_called

_READ = 1024
_EXCERPT = 200


@dataclass(frozen=True)
class Answer:
    """What came of a call: seconds, and why it failed (UPPER_SNAKE_CASE), if it did. `status` 0: none came."""

    status: int
    latency: float
    error: str
    excerpt: str


class AddressRefusedError(Exception):
    """The host has no address that may be called."""


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were looked at."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._networks = networks

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """To the first address that may be called and answers."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError("NAME_UNKNOWN") from error
        addresses = list(dict.fromkeys(entry[4][0] for entry in found))
        good = [each for each in addresses if may_be_called(ip_address(str(each).partition("%")[0]), self._networks)]
        if not good:
            raise AddressRefusedError
        failure: Exception | None = None
        for address in good[:3]:
            try:
                return await self._inner.connect_tcp(
                    str(address), port, timeout=timeout, local_address=local_address, socket_options=socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise AddressRefusedError

    async def sleep(self, seconds: float) -> None:
        """As it is."""
        await self._inner.sleep(seconds)


class WebhookClient:
    """Sends one delivery. `limit`: seconds for a whole exchange. `trust`: whose certificates are believed; the
    system's without."""

    def __init__(
        self, networks: Sequence[Network], *, limit: float = 15.0, trust: ssl.SSLContext | None = None
    ) -> None:
        self._backend = _Guarded(networks)
        self._limit = limit
        self._trust = trust

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What came of it; raises nothing that the receiver or the network could cause."""
        begun = time.monotonic()
        status, error, excerpt = 0, "", ""
        try:
            async with asyncio.timeout(self._limit):
                status, excerpt = await self._exchange(url, headers, body)
        except AddressRefusedError:
            error = "ADDRESS_REFUSED"
        except (TimeoutError, httpcore.TimeoutException):
            error = "TIMEOUT"
        except httpcore.ConnectError as failure:
            error = _why(failure)
        except (httpcore.NetworkError, OSError):
            error = "CONNECTION_LOST"
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError):
            error = "NOT_HTTP"
        if not error and not 200 <= status < 300:
            error = "REDIRECT_REFUSED" if 300 <= status < 400 else "STATUS"
        return Answer(status, time.monotonic() - begun, error, excerpt)

    async def _exchange(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        # A pool of its own: deliveries to one receiver are rare, and a kept connection could outlive what was checked.
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=self._trust, max_keepalive_connections=0, network_backend=self._backend
            ) as pool,
            pool.stream("POST", url, headers=list(headers.items()), content=body) as response,
        ):
            read = b""
            async for chunk in response.aiter_stream():
                read += chunk
                if len(read) >= _READ:
                    break
            return response.status, _printable(read)


def _why(failure: Exception) -> str:
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "CERTIFICATE" if isinstance(cause, ssl.SSLCertVerificationError) else "TLS"
        cause = cause.__cause__ or cause.__context__
    return "NAME_UNKNOWN" if "NAME_UNKNOWN" in str(failure) else "CONNECTION_REFUSED"


def _printable(data: bytes) -> str:
    text = "".join(each if each.isprintable() else " " for each in data.decode("utf-8", "replace"))
    return " ".join(text.split())[:_EXCERPT]
