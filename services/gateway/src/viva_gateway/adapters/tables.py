"""The tables of the gateway, in a schema of its own. Migrations in `migrations/` make them; a test compares the two."""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

SCHEMA = "gateway"
metadata = MetaData(schema=SCHEMA)
_moment = DateTime(timezone=True)

accounts = Table(
    "accounts",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("tenant_id", UUID(as_uuid=True), nullable=False, index=True),
    Column("email", Text, nullable=False, unique=True, comment="Lower case"),
    Column("name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("password_hash", Text, comment="Argon2id; none for those who sign in elsewhere"),
    Column("oidc_issuer", Text),
    Column("oidc_subject", Text),
    Column("disabled_at", _moment),
    Column("created_at", _moment, nullable=False, server_default=func.now()),
    UniqueConstraint("oidc_issuer", "oidc_subject", name="uq_accounts_oidc"),
    comment="People of employers",
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("previous_hash", LargeBinary, comment="The value before the last rotation"),
    Column("previous_until", _moment, comment="Until then it is good; none: until the new one is seen"),
    Column("account_id", UUID(as_uuid=True), ForeignKey("gateway.accounts.id", ondelete="CASCADE"), index=True),
    Column("tenant_id", UUID(as_uuid=True), nullable=False),
    Column("interview_id", UUID(as_uuid=True), index=True, comment="A candidate's one interview"),
    Column("subject_id", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("rotated_at", _moment, nullable=False),
    Column("seen_at", _moment, nullable=False),
    Column("expires_at", _moment, nullable=False, index=True),
    comment="Who is signed in by cookie; the cookie's value is kept as a hash",
)
Index("ix_gateway_sessions_previous_hash", sessions.c.previous_hash)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("family_id", UUID(as_uuid=True), nullable=False, index=True),
    Column("account_id", UUID(as_uuid=True), ForeignKey("gateway.accounts.id", ondelete="CASCADE"), nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("expires_at", _moment, nullable=False, index=True),
    Column("used_at", _moment),
    Column("revoked_at", _moment),
    comment="A family is one sign-in; each use makes the next token, and a second use ends the family",
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("subject", Text, primary_key=True, comment="Tenant and caller"),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("locked_until", _moment, nullable=False, comment="Until then the first request may still be under way"),
    Column("status", SmallInteger, comment="Of the response; none while it is under way"),
    Column("response", LargeBinary, comment="Headers and body, sealed: they may hold links and answers"),
    Column("mentions", ARRAY(UUID(as_uuid=True)), nullable=False, comment="Ids in path and response, for erasure"),
    Column("expires_at", _moment, nullable=False, index=True),
    comment="What POSTs with an Idempotency-Key were answered",
)
Index("ix_gateway_idempotency_keys_mentions", idempotency_keys.c.mentions, postgresql_using="gin")

oidc_logins = Table(
    "oidc_logins",
    metadata,
    Column("state_hash", LargeBinary, primary_key=True),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False, comment="PKCE"),
    Column("return_to", Text, nullable=False),
    Column("expires_at", _moment, nullable=False, index=True),
    comment="Sign-ins that are at the identity provider now",
)

erasures = Table(
    "erasures",
    metadata,
    Column("interview_id", UUID(as_uuid=True), primary_key=True),
    Column("tenant_id", UUID(as_uuid=True), nullable=False),
    Column("sessions", Integer, nullable=False),
    Column("responses", Integer, nullable=False),
    Column("erased_at", _moment, nullable=False, server_default=func.now()),
    comment="What an erasure removed here",
)
