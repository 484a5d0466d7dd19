"""An index on the interviews that need workers now or soon: what GetForecast counts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_interviews_open",
        "interviews",
        ["state"],
        postgresql_where=sa.text("state IN ('invited', 'consented', 'ready', 'in_progress', 'completed')"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_interviews_open", "interviews")
