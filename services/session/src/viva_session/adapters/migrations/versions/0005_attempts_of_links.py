"""Which attempt used a link: it may be made again, because its answer may have got lost."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the attempt's hash; links that were used before have none, and stay used."""
    op.add_column(
        "invitations",
        sa.Column("attempt_sha256", sa.Text(), comment="Of the attempt that used it, which may be made again"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("invitations", "attempt_sha256")
