"""What waits to be sent to one socket: bounded, so that a slow reader costs a fixed amount of memory and then its
connection, never its neighbours."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from viva_gateway.live.messages import Outgoing


class Why(StrEnum):
    """Why we close a socket; sent as the close reason."""

    RESTART = "RESTART"
    SLOW_CONSUMER = "SLOW_CONSUMER"
    SESSION_ENDED = "SESSION_ENDED"
    GONE = "GONE"
    BAD_MESSAGE = "BAD_MESSAGE"


CODES = {
    Why.RESTART: 1012,
    Why.SLOW_CONSUMER: 4408,
    Why.SESSION_ENDED: 4401,
    Why.GONE: 4404,
    Why.BAD_MESSAGE: 1008,
}


@dataclass(frozen=True, slots=True)
class Closing:
    """The last thing that happens to a socket."""

    why: Why


class Outbox:
    """A queue for one reader. `offer` never waits; when the queue is full the socket is to be closed."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: OrderedDict[str | int, Outgoing] = OrderedDict()
        self._numbers = count()
        self._ready = asyncio.Event()
        self.closing: Closing | None = None
        self.closed = asyncio.Event()
        """Set as soon as the socket is to be closed, whether or not its sender is busy."""

    def offer(self, message: Outgoing) -> None:
        """Add a message; an unsent one with the same key makes room for it."""
        if self.closing is not None:
            return
        if message.key is not None:
            self._waiting.pop(message.key, None)
        if len(self._waiting) >= self._limit:
            self.close(Why.SLOW_CONSUMER)
            return
        self._waiting[message.key if message.key is not None else next(self._numbers)] = message
        self._ready.set()

    def close(self, why: Why) -> None:
        """Close the socket; what waits is dropped: it is told again when the client comes back."""
        if self.closing is None:
            self.closing = Closing(why)
            self._waiting.clear()
            self._ready.set()
            self.closed.set()

    async def take(self) -> Outgoing | Closing:
        """The next thing to do."""
        while not self._waiting:
            if self.closing is not None:
                return self.closing
            self._ready.clear()
            await self._ready.wait()
        return self._waiting.popitem(last=False)[1]
