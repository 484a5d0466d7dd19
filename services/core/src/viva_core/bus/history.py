"""Reads an interview's events of one kind back from a stream, in order, a page at a time.

By an ephemeral consumer of the one subject, whose name stands in the request's own subject: so a role can be given the
right to read one kind of event and no other. The consumer hands out a page and no more, since nothing is acknowledged,
and is gone some seconds later. It is one request and one message an event.
"""

from dataclasses import dataclass
from uuid import uuid4

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from viva_core.bus import faults
from viva_core.bus.jetstream import JetStreamApi, StoredMessage

_NANOSECONDS = 1_000_000_000
_LINGERS, _UNACKNOWLEDGED = 10, 600
"""Seconds: a consumer that nobody listens to lives on, and a page may take before it is handed out again."""


@dataclass(frozen=True, slots=True)
class Page:
    """Events in the order in which they were stored. `more`: whether others follow, after the last one's sequence."""

    messages: tuple[StoredMessage, ...]
    more: bool


class History:
    """Reads over a connected client; every failure leaves as one of Viva's errors."""

    def __init__(self, client: Client, api: JetStreamApi, *, timeout: float = 5.0) -> None:
        self._client = client
        self._api = api
        self._timeout = timeout

    async def page(self, stream: str, subject: str, *, after: int, most: int) -> Page:
        """The first events of a subject that were stored after a sequence, at most so many.

        Raises Transient when the bus is away, or when what was there is taken away meanwhile.
        """
        inbox, name = self._client.new_inbox(), uuid4().hex
        try:
            listening = await self._client.subscribe(inbox)
        except (nats.errors.Error, OSError) as error:
            raise faults.translate(error) from error
        try:
            request = {
                "stream_name": stream,
                "action": "create",
                "config": _consumer(name, inbox, subject, after, most),
            }
            made = await self._api.request(f"CONSUMER.CREATE.{stream}.{name}.{subject}", request)
            there = int(made["num_pending"])
            found: list[StoredMessage] = []
            while len(found) < min(there, most):
                message = await listening.next_msg(timeout=self._timeout)
                found.append(_stored(message, place=len(found) + 1))
            return Page(tuple(found), there > most)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise faults.translate(error) from error
        finally:
            if self._client.is_connected:
                await listening.unsubscribe()


def _consumer(name: str, inbox: str, subject: str, after: int, most: int) -> dict[str, object]:
    return {
        "name": name,
        "deliver_subject": inbox,
        "filter_subject": subject,
        "deliver_policy": "by_start_sequence",
        "opt_start_seq": after + 1,
        "ack_policy": "explicit",
        "ack_wait": _UNACKNOWLEDGED * _NANOSECONDS,
        "max_ack_pending": most,
        "replay_policy": "instant",
        "inactive_threshold": _LINGERS * _NANOSECONDS,
        "mem_storage": True,
        "num_replicas": 1,
    }


def _stored(message: Msg, *, place: int) -> StoredMessage:
    """Raises Transient when a message is missing before this one."""
    # $JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<time>.<pending>
    tokens = message.reply.split(".")
    if int(tokens[6]) != place:
        raise faults.silent()
    return StoredMessage(int(tokens[5]), message.subject, message.headers or {}, message.data)
