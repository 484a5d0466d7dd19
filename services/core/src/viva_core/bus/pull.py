"""Pull one message at a time from a durable consumer.

What `fetch(1, timeout, heartbeat)` of nats-py does, without a task, a queue and two timers a message. The rules are
the same: a pull is never cancelled (the server may have sent the message already, and nobody would see it until
ack_wait has passed), and heartbeats tell an empty queue from a server that is gone.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from viva_core.bus.topology import ConsumerSpec

_NANOSECONDS = 1_000_000_000
_HEARTBEAT = "100"
_OVER = {"404", "408"}  # nothing there, or the pull has run its time


class SilentPull(Exception):
    """The server said nothing, not even a heartbeat, or that it can not serve the consumer."""


class Puller:
    """One slot's reply subscription, with one pull under way at most. (A message arrives under its own subject, not
    under the reply subject: two slots can not share a subscription.)

    Args:
        client: a connected client.
        consumer: what to pull from.
        expires: seconds that a pull waits on the server when there is nothing.
        heartbeat: seconds between the server's signs of life meanwhile; at most half of `expires`.
        late: is given a message that came when nobody waited any more.
    """

    def __init__(
        self,
        client: Client,
        consumer: ConsumerSpec,
        *,
        expires: float,
        heartbeat: float,
        late: Callable[[Msg], Awaitable[None]],
    ) -> None:
        self._client = client
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.durable}"
        self._request = json.dumps(
            {
                "batch": 1,
                "expires": int(expires * _NANOSECONDS),
                "idle_heartbeat": int(heartbeat * _NANOSECONDS),
            }
        ).encode()
        self._patience = 3 * heartbeat
        self._late = late
        self._inbox = ""
        self._subscription: Subscription | None = None
        self._waiting: asyncio.Future[Msg | None] | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    async def open(self) -> None:
        """Subscribe to the replies. A subscription of before is given up, once its pull has ended by itself."""
        await self._idle.wait()
        await self.close()
        self._inbox = self._client.new_inbox()
        self._subscription = await self._client.subscribe(self._inbox, cb=self._received)

    async def close(self) -> None:
        """Unsubscribe. Only when no pull is under way, or none can be answered any more."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            with suppress(nats.errors.Error):  # a closed connection has forgotten it already
                await subscription.unsubscribe()

    async def next(self) -> Msg | None:
        """The next message; None when there was none in the pull's time. Raises SilentPull."""
        future: asyncio.Future[Msg | None] = asyncio.get_running_loop().create_future()
        self._waiting = future
        self._idle.clear()
        self._watch()
        try:
            await self._client.publish(self._next, self._request, self._inbox)
            return await future
        except (nats.errors.Error, OSError) as error:
            raise SilentPull from error
        finally:
            self._waiting = None
            self._idle.set()
            if self._limit is not None:
                self._limit.cancel()

    def interrupt(self) -> None:
        """Nobody answers: whatever is under way ends as silent."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(SilentPull())

    def _watch(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
        self._limit = asyncio.get_running_loop().call_later(self._patience, self.interrupt)

    async def _received(self, message: Msg) -> None:
        future = self._waiting
        waiting = future is not None and not future.done()
        if message.reply.startswith("$JS.ACK."):
            if future is not None and waiting:
                future.set_result(message)
            else:
                await self._late(message)
        elif future is not None and waiting:
            status = (message.headers or {}).get("Status")
            if status == _HEARTBEAT:
                self._watch()
            elif status in _OVER:
                future.set_result(None)
            else:  # 409: deleted, moved to another leader, shutting down; 503: nobody serves it
                future.set_exception(SilentPull())
