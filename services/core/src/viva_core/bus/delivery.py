"""What a handler is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from google.protobuf.message import Message

from viva_core.bus.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way to a handler. `attempt` counts from 1; `sequence` is the stream's."""

    envelope: Envelope
    message: Message
    subject: str
    tenant_id: str
    interview_id: str
    attempt: int
    sequence: int
    stream: str
    consumer: str


Handler = Callable[[Delivery], Awaitable[None]]
"""Returns when the message is done with. Raises Transient to be called again later, Permanent to send the message to
the dead letters, Expired to drop it; anything else counts as Transient and is logged."""
