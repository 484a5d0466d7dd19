"""Publish to a stream and await the PubAck.

Many publishes may be under way at once; each waits for its own acknowledgement on one reply subscription. When the
connection breaks they all fail at once as Transient instead of running into their time limit: whether the server
stored them is unknown, so publish again with the same event id and let JetStream drop the copy.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from viva_core.bus import faults
from viva_core.bus.metrics import BusMetrics
from viva_core.bus.topology import COMMANDS, DEAD, EVENTS, FRAMES
from viva_core.clock import Clock
from viva_core.errors import Denied, Exhausted, Transient, VivaError

_STREAM_OF_SPACE = {"event": EVENTS.name, "command": COMMANDS.name, "frame": FRAMES.name, "dead": DEAD.name}


def stream_label(subject: str) -> str:
    """The stream that takes a subject, as a metric's label; "other" for what is not Viva's."""
    return _STREAM_OF_SPACE.get(subject.split(".", 3)[2] if subject.count(".") > 2 else "", "other")


@dataclass(frozen=True, slots=True)
class PubAck:
    """The stream has the message. `duplicate`: it had one with this event id already, and kept that."""

    stream: str
    sequence: int
    duplicate: bool


class Publisher:
    """Sends bytes with headers over one connection; `Bus.publish` is what services call."""

    def __init__(self, client: Client, metrics: BusMetrics, clock: Clock, *, timeout: float = 5.0) -> None:
        self._client = client
        self._metrics = metrics
        self._clock = clock
        self._timeout = timeout
        self._tokens = count(1)
        self._waiting: dict[str, tuple[str, asyncio.Future[PubAck]]] = {}
        self._inbox = ""

    async def start(self) -> None:
        """Subscribe to the acknowledgements."""
        self._inbox = self._client.new_inbox()
        await self._client.subscribe(f"{self._inbox}.*", cb=self._acknowledged)

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str]) -> PubAck:
        """Publish and await the PubAck; raises Transient, Exhausted, Conflict, Invalid or Denied."""
        stream = stream_label(subject)
        started = self._clock.monotonic()
        try:
            ack = await self._exchange(subject, payload, headers)
        except VivaError as error:
            outcome = "full" if isinstance(error, Exhausted) else "retry" if isinstance(error, Transient) else "refused"
            self._metrics.published.labels(stream, outcome).inc()
            raise
        self._metrics.published.labels(stream, "duplicate" if ack.duplicate else "stored").inc()
        self._metrics.publish_seconds.labels(stream).observe(self._clock.monotonic() - started)
        return ack

    async def _exchange(self, subject: str, payload: bytes, headers: Mapping[str, str]) -> PubAck:
        if not self._client.is_connected:
            raise faults.away()
        loop = asyncio.get_running_loop()
        token = str(next(self._tokens))
        future: asyncio.Future[PubAck] = loop.create_future()
        self._waiting[token] = (subject, future)
        limit = loop.call_later(self._timeout, self._fail, future, faults.silent)
        try:
            await self._client.publish(subject, payload, f"{self._inbox}.{token}", dict(headers))
            return await future
        except (nats.errors.Error, OSError) as error:
            raise faults.translate(error) from error
        finally:
            limit.cancel()
            del self._waiting[token]

    @staticmethod
    def _fail(future: asyncio.Future[PubAck], error: Callable[[], VivaError]) -> None:
        if not future.done():
            future.set_exception(error())

    async def _acknowledged(self, message: Msg) -> None:
        waiting = self._waiting.get(message.subject.rpartition(".")[2])
        if waiting is None or waiting[1].done():
            return
        future = waiting[1]
        if message.headers and message.headers.get("Status") == "503":
            future.set_exception(faults.unheard())
            return
        try:
            answer = json.loads(message.data)
            error = answer.get("error")
            if error is None:
                future.set_result(PubAck(answer["stream"], answer["seq"], answer.get("duplicate", False)))
            else:
                future.set_exception(
                    faults.from_api(error.get("code"), error.get("err_code"), error.get("description"))
                )
        except (ValueError, KeyError, AttributeError):
            future.set_exception(faults.silent())  # not an answer of JetStream's: something else heard the subject

    def disconnected(self) -> None:
        """The acknowledgements of what is under way will never come."""
        for _, future in self._waiting.values():
            self._fail(future, faults.away)

    def denied(self, subject: str) -> None:
        """The server refused a publish for want of rights; it says so beside the protocol, in lower case."""
        for waiting, future in self._waiting.values():
            if waiting.lower() == subject.lower() and not future.done():
                future.set_exception(Denied("this role may not publish to this subject", reason="BUS_DENIED"))
