"""Accounts, sessions, refresh tokens, idempotency keys, sign-ins under way, erasures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, UUID

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "gateway"
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        sa.Column("id", UUID(as_uuid=True), primary_key=True),
        sa.Column("tenant_id", UUID(as_uuid=True), nullable=False, index=True),
        sa.Column("email", sa.Text, nullable=False, unique=True, comment="Lower case"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("password_hash", sa.Text, comment="Argon2id; none for those who sign in elsewhere"),
        sa.Column("oidc_issuer", sa.Text),
        sa.Column("oidc_subject", sa.Text),
        sa.Column("disabled_at", _moment),
        sa.Column("created_at", _moment, nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("oidc_issuer", "oidc_subject", name="uq_accounts_oidc"),
        schema=SCHEMA,
        comment="People of employers",
    )
    account = sa.ForeignKey("gateway.accounts.id", ondelete="CASCADE")
    op.create_table(
        "sessions",
        sa.Column("id", UUID(as_uuid=True), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("previous_hash", sa.LargeBinary, comment="The value before the last rotation"),
        sa.Column("previous_until", _moment, comment="Until then it is good; none: until the new one is seen"),
        sa.Column("account_id", UUID(as_uuid=True), account, index=True),
        sa.Column("tenant_id", UUID(as_uuid=True), nullable=False),
        sa.Column("interview_id", UUID(as_uuid=True), index=True, comment="A candidate's one interview"),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("rotated_at", _moment, nullable=False),
        sa.Column("seen_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False, index=True),
        schema=SCHEMA,
        comment="Who is signed in by cookie; the cookie's value is kept as a hash",
    )
    op.create_index("ix_gateway_sessions_previous_hash", "sessions", ["previous_hash"], schema=SCHEMA)
    op.create_table(
        "refresh_tokens",
        sa.Column("id", UUID(as_uuid=True), primary_key=True),
        sa.Column("family_id", UUID(as_uuid=True), nullable=False, index=True),
        sa.Column(
            "account_id", UUID(as_uuid=True), sa.ForeignKey("gateway.accounts.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("expires_at", _moment, nullable=False, index=True),
        sa.Column("used_at", _moment),
        sa.Column("revoked_at", _moment),
        schema=SCHEMA,
        comment="A family is one sign-in; each use makes the next token, and a second use ends the family",
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("subject", sa.Text, primary_key=True, comment="Tenant and caller"),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column(
            "locked_until", _moment, nullable=False, comment="Until then the first request may still be under way"
        ),
        sa.Column("status", sa.SmallInteger, comment="Of the response; none while it is under way"),
        sa.Column("response", sa.LargeBinary, comment="Headers and body, sealed: they may hold links and answers"),
        sa.Column(
            "mentions", ARRAY(UUID(as_uuid=True)), nullable=False, comment="Ids in path and response, for erasure"
        ),
        sa.Column("expires_at", _moment, nullable=False, index=True),
        schema=SCHEMA,
        comment="What POSTs with an Idempotency-Key were answered",
    )
    op.create_index(
        "ix_gateway_idempotency_keys_mentions",
        "idempotency_keys",
        ["mentions"],
        schema=SCHEMA,
        postgresql_using="gin",
    )
    op.create_table(
        "oidc_logins",
        sa.Column("state_hash", sa.LargeBinary, primary_key=True),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("verifier", sa.Text, nullable=False, comment="PKCE"),
        sa.Column("return_to", sa.Text, nullable=False),
        sa.Column("expires_at", _moment, nullable=False, index=True),
        schema=SCHEMA,
        comment="Sign-ins that are at the identity provider now",
    )
    op.create_table(
        "erasures",
        sa.Column("interview_id", UUID(as_uuid=True), primary_key=True),
        sa.Column("tenant_id", UUID(as_uuid=True), nullable=False),
        sa.Column("sessions", sa.Integer, nullable=False),
        sa.Column("responses", sa.Integer, nullable=False),
        sa.Column("erased_at", _moment, nullable=False, server_default=sa.func.now()),
        schema=SCHEMA,
        comment="What an erasure removed here",
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("erasures", "oidc_logins", "idempotency_keys", "refresh_tokens", "sessions", "accounts"):
        op.drop_table(name, schema=SCHEMA)
