"""The tables of the session service.

What a person said, wrote or is stands in columns and rows of its own (`candidate_*`, `turns`, `resumes`,
`interview_events.payload`), so that an erasure can be complete and be seen to be.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()


def _at(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


tenants = Table(
    "tenants",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    _at("created_at"),
)

rubrics = Table(
    "rubrics",
    metadata,
    Column("rubric_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("tenant_id", Uuid, ForeignKey("tenants.tenant_id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("criteria", JSONB, nullable=False),
    Column("sha256", Text, nullable=False),
    _at("created_at"),
    _at("published_at", nullable=True),
    PrimaryKeyConstraint("rubric_id", "version", name="pk_rubrics"),
)
Index("ix_rubrics_tenant", rubrics.c.tenant_id, rubrics.c.rubric_id)

positions = Table(
    "positions",
    metadata,
    Column("position_id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenants.tenant_id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("spec", JSONB, nullable=False),
    Column("plan", JSONB, comment="The spec with its frozen rubrics; set at publish"),
    _at("created_at"),
    _at("published_at", nullable=True),
)
Index("ix_positions_tenant", positions.c.tenant_id, positions.c.position_id)

interviews = Table(
    "interviews",
    metadata,
    Column("interview_id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenants.tenant_id"), nullable=False),
    Column("position_id", Uuid, ForeignKey("positions.position_id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False, comment="Of its newest event"),
    Column("candidate_name", Text, comment="NULL after erasure"),
    Column("candidate_email", Text, comment="NULL after erasure"),
    Column("document", JSONB, nullable=False, comment="The aggregate without candidate, résumé, turns and plan"),
    _at("created_at"),
    Column("overview", JSONB, comment="viva_session.domain.overview; NULL until it is first computed"),
    _at("changed_at"),
    Column(
        "changed_tx",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="The transaction of its newest change: what has changed since a snapshot is found by it",
    ),
)
Index("ix_interviews_changed", interviews.c.tenant_id, interviews.c.changed_tx, interviews.c.interview_id)
Index("ix_interviews_tenant", interviews.c.tenant_id, interviews.c.interview_id)
Index("ix_interviews_position", interviews.c.position_id, interviews.c.interview_id)
# The few that need workers, among the many that are over: asked for every few seconds.
Index(
    "ix_interviews_open",
    interviews.c.state,
    postgresql_where=text("state IN ('invited', 'consented', 'ready', 'in_progress', 'completed')"),
)

resumes = Table(
    "resumes",
    metadata,
    Column("interview_id", Uuid, ForeignKey("interviews.interview_id"), primary_key=True),
    Column("document", JSONB, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("interview_id", Uuid, ForeignKey("interviews.interview_id"), nullable=False),
    Column("turn_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("document", JSONB, nullable=False),
    PrimaryKeyConstraint("interview_id", "turn_id", name="pk_turns"),
)

interview_events = Table(
    "interview_events",
    metadata,
    Column("interview_id", Uuid, ForeignKey("interviews.interview_id"), nullable=False),
    Column("sequence", BigInteger, nullable=False, comment="From 1, without gaps"),
    _at("occurred_at"),
    Column("type", Text, nullable=False, comment="The message's full name"),
    Column("payload", LargeBinary, nullable=False),
    PrimaryKeyConstraint("interview_id", "sequence", name="pk_interview_events"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("interview_id", Uuid, ForeignKey("interviews.interview_id"), nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    _at("expires_at"),
    _at("redeemed_at", nullable=True),
    Column("revoked", Boolean, nullable=False),
    Column("attempt_sha256", Text, nullable=True, comment="Of the attempt that used it, which may be made again"),
)
Index("ix_invitations_interview", invitations.c.interview_id)

timers = Table(
    "timers",
    metadata,
    Column("interview_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("turn_id", Uuid, nullable=False, comment="All zeros when it is about the whole interview"),
    Column("revision", Integer, nullable=False),
    _at("due_at"),
    PrimaryKeyConstraint("interview_id", "kind", "turn_id", "revision", name="pk_timers"),
    ForeignKeyConstraint(["interview_id"], ["interviews.interview_id"], name="fk_timers_interview"),
)
Index("ix_timers_due", timers.c.due_at)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    _at("at"),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_name", Text, nullable=False, comment="Empty for candidates"),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("interview_id", Uuid),
)
Index("ix_audit_tenant", audit.c.tenant_id, audit.c.id)
Index("ix_audit_interview", audit.c.interview_id, audit.c.id)

receipts = Table(
    "receipts",
    metadata,
    Column("interview_id", Uuid, primary_key=True),
    Column("receipt_id", Uuid, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    _at("erased_at"),
    Column("requested_by", Text, nullable=False),
    Column("stores", JSONB, nullable=False),
)
