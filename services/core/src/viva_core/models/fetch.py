"""Bring one address into one file: resumes what was begun, survives a cut, never trusts what it got.

The file grows under its `.partial` name; who calls checks the hash and renames.
"""

import hashlib
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx

from viva_core.errors import Exhausted, Permanent, Transient

CONNECT_SECONDS = 3.0
READ_SECONDS = 30.0
TRIES = 4


class SourceFailed(Transient):
    """This source could not give the file; the message says why, for people. Another source may."""

    reason = "MODEL_SOURCE_FAILED"


class Unreachable(SourceFailed):
    """The source could not be reached at all: offline, blocked or gone."""

    reason = "MODEL_SOURCE_UNREACHABLE"


class DiskFull(Exhausted):
    """There is not enough room for the file."""

    reason = "DISK_FULL"


class Damaged(Permanent):
    """The file is not what the catalogue says it is."""

    reason = "MODEL_DAMAGED"


def http_client() -> httpx.Client:
    """A client that gives up fast on a host that does not answer, and trusts what the operating system trusts."""
    return httpx.Client(
        verify=ssl.create_default_context(),
        follow_redirects=True,
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
    )


def host(url: str) -> str:
    """The host of `url`, fit to be shown: no path, no password."""
    return httpx.URL(url).host or url


def need_room(folder: Path, size: int) -> None:
    """Raise DiskFull unless `folder` can take `size` more bytes and 64 MiB stay free."""
    free = shutil.disk_usage(folder).free
    if free < size + (64 << 20):
        raise DiskFull(
            f"{folder} has {free / 1e9:.1f} GB free and {size / 1e9:.1f} GB are needed. Make room, or choose another "
            "folder (VIVA_MODEL_FOLDER)."
        )


def digest(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(client: httpx.Client, url: str, partial: Path, on_bytes: Callable[[int, int | None], None]) -> None:
    """Bring all of `url` into `partial`, going on from what is there already.

    Args:
        client: see `http_client`.
        url: what to fetch.
        partial: the file to fill.
        on_bytes: told (bytes that are there, bytes in all if known) now and then.

    Raises:
        Unreachable: no connection at the first try.
        SourceFailed: the server refused, or the connection broke `TRIES` times.
        DiskFull: it does not fit.
    """
    for attempt in range(1, TRIES + 1):
        try:
            _attempt(client, url, partial, on_bytes)
            return
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise Unreachable(f"{host(url)} cannot be reached") from error
        except httpx.HTTPError as error:
            if attempt == TRIES:
                raise SourceFailed(f"{host(url)} broke off {TRIES} times ({type(error).__name__})") from error


def _attempt(client: httpx.Client, url: str, partial: Path, on_bytes: Callable[[int, int | None], None]) -> None:
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as response:
        if have and response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            if response.headers.get("content-range", "") == f"bytes */{have}":
                return  # all of it was there already
            partial.unlink()
            raise httpx.ReadError("the file at the source is not the one that was begun")
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise httpx.ReadError(f"status {response.status_code}")
        if not response.is_success:
            raise SourceFailed(f"{host(url)} answered {response.status_code}")
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        have = have if resumed else 0
        length = response.headers.get("content-length")
        total = have + int(length) if length else None
        if total is not None:
            need_room(partial.parent, total - have)
        with partial.open("ab" if resumed else "wb") as file:
            for chunk in response.iter_raw():
                file.write(chunk)
                have += len(chunk)
                on_bytes(have, total)
        if total is not None and have != total:
            raise httpx.ReadError("the body ended early")
