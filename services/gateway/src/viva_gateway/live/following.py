"""Follows a stream of the session service for one socket, across restarts of that service."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable

from viva_core.errors import Denied, Expired, NotFound, Transient, Unauthenticated
from viva_core.telemetry.logs import get_logger

from viva_gateway.live import messages
from viva_gateway.live.hub import Member
from viva_gateway.live.outbox import Why

LONGEST = 3600.0
"""Seconds for which one stream is asked; then it is opened again."""
_WORTH_TELLING = 3  # one failure is a server that restarts
_PAUSES = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
_log = get_logger("viva.gateway.live")


class Following:
    """Opens the stream again for as long as the member is there. `stream` puts what it is told into the member's
    outbox, and yields each time; it remembers where it was."""

    def __init__(self, member: Member, stream: Callable[[], AsyncIterator[None]]) -> None:
        self._member = member
        self._stream = stream
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follow until `stop`."""
        self._task = asyncio.create_task(self._follow(), name="live watch")

    async def stop(self) -> None:
        """End it; without a start it does nothing."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _follow(self) -> None:
        failures = 0
        while True:
            told = False
            try:
                async for _ in self._stream():
                    told = True
                # The server ended the stream in good order: it is going away, or nothing can happen any more.
                failures += 1
            except Expired:
                failures = 0  # an hour is over
            except Transient:
                failures += 1
            except (NotFound, Denied, Unauthenticated):
                self._member.outbox.close(Why.GONE)
                return
            except Exception as error:
                _log.error("a watch failed on a fault of ours", exc_info=error)
                failures += 1
            if told:
                failures = min(failures, 1)
            if failures == _WORTH_TELLING:
                self._member.outbox.offer(messages.build("status", {"connected": False}, key="status"))
            pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
            await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - spreads load, guards nothing
