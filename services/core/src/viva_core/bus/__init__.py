"""The message bus: NATS JetStream, spoken in CloudEvents and protobuf.

Start at `topology` (what there is), `connection.Bus` (publish), `worker.Worker` (handle), `apply` (set a server up).
"""

from viva_core.bus.codec import MessageTypes, message_types
from viva_core.bus.connection import Bus
from viva_core.bus.delivery import Delivery, Handler
from viva_core.bus.envelope import Envelope
from viva_core.bus.live import LiveMessage, LiveSubscription
from viva_core.bus.publisher import PubAck
from viva_core.bus.worker import Worker

__all__ = [
    "Bus",
    "Delivery",
    "Envelope",
    "Handler",
    "LiveMessage",
    "LiveSubscription",
    "MessageTypes",
    "PubAck",
    "Worker",
    "message_types",
]
