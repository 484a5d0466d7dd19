"""The tables of webhooks. Nothing that a person said, wrote or is stands in them."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from viva_session.adapters.tables import metadata


def _at(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook_id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenants.tenant_id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("events", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False, comment="Sealed with the installation's key"),
    Column("old_secret", LargeBinary, comment="It signs too until old_secret_until"),
    _at("old_secret_until", nullable=True),
    _at("created_at"),
    _at("last_success_at", nullable=True),
    _at("failing_since", nullable=True),
    Column("rests_until", DateTime(timezone=True), comment="Nothing is sent to it before"),
)
Index("ix_webhooks_tenant", webhooks.c.tenant_id, webhooks.c.webhook_id)

deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("webhook_id", Uuid, ForeignKey("webhooks.webhook_id", ondelete="CASCADE"), nullable=False),
    Column("event", Text, nullable=False),
    Column("interview_id", Uuid),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    _at("occurred_at"),
    _at("created_at"),
    _at("due_at"),
    _at("give_up_at"),
    Column("attempts", Integer, nullable=False),
)
Index("ix_webhook_deliveries_webhook", deliveries.c.webhook_id, deliveries.c.number)
Index("ix_webhook_deliveries_due", deliveries.c.due_at, postgresql_where=text("state = 'pending'"))

attempts = Table(
    "webhook_attempts",
    metadata,
    Column("delivery_id", Uuid, ForeignKey("webhook_deliveries.delivery_id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    _at("at"),
    Column("status", Integer, nullable=False, comment="0 when no answer came"),
    Column("latency", Float, nullable=False, comment="Seconds"),
    Column("error", Text, nullable=False),
    Column("excerpt", Text, nullable=False),
    PrimaryKeyConstraint("delivery_id", "number", name="pk_webhook_attempts"),
)
