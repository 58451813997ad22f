"""Which edit of a person spoke in a prediction."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was answered before was said by no edit."""
    name = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.add_column("predictions", sa.Column("edit", name, nullable=True))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("predictions") as predictions:
        predictions.drop_column("edit")
