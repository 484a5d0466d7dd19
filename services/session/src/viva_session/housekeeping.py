"""Removes what has served its time: marks of messages that cannot come again."""

import asyncio
import contextlib
from datetime import timedelta

from viva_core.bus.topology import DEAD
from viva_core.clock import Clock
from viva_core.db import Inbox, transaction
from viva_core.errors import Transient

from viva_session.application.interviews import Sessions

_EVERY = 3600.0
_KEPT = timedelta(seconds=DEAD.max_age) + timedelta(days=5)
"""Longer than a dead letter lives: one that is sent again carries its old id."""


class Housekeeping:
    """Run it as a part."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Sweep now and each hour until `stop`. A database that is away is asked the next time."""
        while not self._stopping.is_set():
            with contextlib.suppress(Transient):
                await self.sweep()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _EVERY)

    async def sweep(self) -> int:
        """How many marks went. Raises Transient."""
        async with transaction(self._sessions) as session:
            return await Inbox.forget(session, self._clock.now() - _KEPT)

    async def stop(self, _: float = 0) -> None:
        """No further sweep."""
        self._stopping.set()
