"""PostgreSQL for services: engine and transactions, the outbox with its relay, the inbox."""

from viva_core.db.engine import (
    CONNECT_SECONDS,
    address,
    create_engine,
    needed,
    reach,
    reading,
    session_factory,
    transaction,
)
from viva_core.db.inbox import Inbox
from viva_core.db.outbox import Outbox
from viva_core.db.relay import Relay

__all__ = [
    "CONNECT_SECONDS",
    "Inbox",
    "Outbox",
    "Relay",
    "address",
    "create_engine",
    "needed",
    "reach",
    "reading",
    "session_factory",
    "transaction",
]
