"""Wakes whoever watches an interview when its log grows: one LISTEN connection for the process, fanned out.

A wake-up says only "look again". So a slow watcher holds no queue, and a lost notification costs at most the time of
the next look.
"""

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from viva_core.telemetry.logs import get_logger

from viva_session.adapters.interviews import WATCH_CHANNEL

_RETRY_SECONDS = 1.0
_LOOK_SECONDS = 30.0
"""A notification can be lost with its connection before anybody knows; a look now and then costs little even with
thousands of watchers."""
# A server that vanished without a word is noticed after half a minute. https://www.postgresql.org/docs/current/libpq-connect.html
_KEEPALIVE: dict[str, Any] = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
_log = get_logger("viva.watch")


async def woken(wake: asyncio.Event) -> bool:
    """Wait for news; False when it is time for a look without any. Not for all at once: they may have begun together,
    when a gateway or a database came back."""
    try:
        await asyncio.wait_for(wake.wait(), _LOOK_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
    except TimeoutError:
        return False
    return True


class Watch:
    """Run it as a part; `interested` gives an event that is set whenever there may be something new."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._watchers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._stopping = asyncio.Event()

    @contextmanager
    def interested(self, about: UUID | str) -> Iterator[asyncio.Event]:
        """An event that is set on every change of the interview, or of a tenant's list (`board_key`), and when changes
        may have been missed."""
        key, wake = str(about), asyncio.Event()
        self._watchers[key].add(wake)
        try:
            yield wake
        finally:
            self._watchers[key].discard(wake)
            if not self._watchers[key]:
                del self._watchers[key]

    async def run(self) -> None:
        """Listen until `stop`, through any restart of the database."""
        while not self._stopping.is_set():
            try:
                await self._listen()
            except (psycopg.Error, OSError):
                _log.warning("the database does not notify; it is asked again", component="watch")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), _RETRY_SECONDS)

    async def stop(self, _: float = 0) -> None:
        """Stop listening, and wake everybody so that streams can end."""
        self._stopping.set()
        self._wake_all()

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, **_KEEPALIVE) as connection:
            await connection.execute(f"LISTEN {WATCH_CHANNEL}".encode())
            self._wake_all()  # something may have happened while nobody listened
            while not self._stopping.is_set():
                async for notification in connection.notifies(timeout=1.0):
                    for wake in self._watchers.get(notification.payload, ()):
                        wake.set()
                    if self._stopping.is_set():
                        return

    def _wake_all(self) -> None:
        for watchers in self._watchers.values():
            for wake in watchers:
                wake.set()
