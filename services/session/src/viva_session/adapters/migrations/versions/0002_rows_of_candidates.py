"""A row of each interview for lists: where it is and how it came out, and which transaction changed it last.

The rows of interviews that are there already are filled when they are first listed: only the code can compute them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; every interview is taken as changed when its newest event happened."""
    op.add_column(
        "interviews",
        sa.Column(
            "overview",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="viva_session.domain.overview; NULL until it is first computed",
        ),
    )
    op.add_column("interviews", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "interviews",
        sa.Column(
            "changed_tx",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="The transaction of its newest change: what has changed since a snapshot is found by it",
        ),
    )
    op.execute(
        "UPDATE interviews SET changed_at = coalesce((SELECT max(occurred_at) FROM interview_events "
        "WHERE interview_events.interview_id = interviews.interview_id), created_at)"
    )
    op.alter_column("interviews", "changed_at", nullable=False)
    op.create_index("ix_interviews_changed", "interviews", ["tenant_id", "changed_tx", "interview_id"], unique=False)
