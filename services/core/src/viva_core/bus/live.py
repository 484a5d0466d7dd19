"""Live messages on core NATS: read by whoever listens now, lost without harm."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import nats.errors
from google.protobuf.message import Message
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from viva_core.bus.codec import MessageTypes, decode
from viva_core.bus.envelope import Envelope
from viva_core.bus.subjects import Address, parse
from viva_core.errors import Invalid


@dataclass(frozen=True, slots=True)
class LiveMessage:
    """One live message and where it came from."""

    address: Address
    envelope: Envelope
    message: Message


async def flushed(client: Client) -> None:
    """Return when the server has everything that was sent before.

    nats-py's `flush` writes its PING straight to the socket, past what still waits in its own buffer, so the PONG says
    nothing of that. By then the buffer is written, and a second PING comes after it.
    """
    await client.flush()
    await client.flush()


class LiveSubscription:
    """An async iterator over a live subject, to be used as an async context manager.

    A reader that falls `limit` messages behind loses the oldest: live messages are cumulative, so the newest one is
    worth more than all before it.
    """

    def __init__(
        self, client: Client, subject: str, types: MessageTypes, *, limit: int, dropped: Callable[[], None]
    ) -> None:
        self._client = client
        self._subject = subject
        self._types = types
        self._dropped = dropped
        self._queue: asyncio.Queue[LiveMessage | None] = asyncio.Queue(limit)
        self._subscription: Subscription | None = None

    async def __aenter__(self) -> Self:
        self._subscription = await self._client.subscribe(self._subject, cb=self._received)
        await flushed(self._client)  # the caller may rely on hearing whatever is said from now on
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop listening; the iterator ends."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            with suppress(nats.errors.Error):  # a closed connection has forgotten it already
                await subscription.unsubscribe()
            self._put(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> LiveMessage:
        item = await self._queue.get()
        if item is None:
            raise StopAsyncIteration
        return item

    async def _received(self, raw: Msg) -> None:
        try:
            envelope = Envelope.from_headers(raw.headers)
            self._put(LiveMessage(parse(raw.subject), envelope, decode(envelope, raw.data, self._types)))
        except Invalid:
            self._dropped()

    def _put(self, item: LiveMessage | None) -> None:
        if self._queue.full():
            self._queue.get_nowait()
            self._dropped()
        self._queue.put_nowait(item)
