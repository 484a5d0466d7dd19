"""PostgreSQL for services: engine and transactions, the outbox with its relay, the inbox."""

from viva_core.db.engine import create_engine, reading, session_factory, transaction, translated
from viva_core.db.inbox import Inbox
from viva_core.db.outbox import Outbox
from viva_core.db.relay import Relay

__all__ = ["Inbox", "Outbox", "Relay", "create_engine", "reading", "session_factory", "transaction", "translated"]
