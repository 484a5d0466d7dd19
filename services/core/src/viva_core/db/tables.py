"""The tables of the outbox and the inbox. A service lists `metadata` beside its own in Alembic's `target_metadata`,
and creates the tables in a migration of its own.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), comment="The order of publishing within a key"),
    Column("key", Text, nullable=False, comment="What keeps its order: tenant and interview"),
    Column("subject", Text, nullable=False),
    Column("headers", JSONB, nullable=False, comment="CloudEvents attributes and trace context, as NATS headers"),
    Column("payload", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("expires_at", DateTime(timezone=True), comment="From then on nobody waits for it"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("retry_at", DateTime(timezone=True), comment="Its key rests until then"),
    Column("refused", Text, comment="Why it can never be published; it waits for a person"),
    PrimaryKeyConstraint("id", name="pk_outbox"),
    comment="Messages that were committed with their cause and are not published yet",
)
Index("ix_outbox_resting", outbox.c.key, outbox.c.retry_at, postgresql_where=outbox.c.retry_at.is_not(None))

inbox = Table(
    "inbox",
    metadata,
    Column("consumer", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("claimed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("consumer", "message_id", name="pk_inbox"),
    comment="Messages whose effect was committed, one row each",
)
Index("ix_inbox_claimed_at", inbox.c.claimed_at)
