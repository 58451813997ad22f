"""Predictions, feedback and API keys."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

name = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "predictions",
        sa.Column("id", name, nullable=False),
        sa.Column("loop", name, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("text_digest", name, nullable=False),
        sa.Column("key", name, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("alternatives", sa.JSON(), nullable=False),
        sa.Column("remark", sa.String(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("model_key", name, nullable=True),
        sa.Column("model_name", sa.Text(), nullable=False),
        sa.Column("model_strength", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_predictions_loop_at_id", "predictions", ["loop", "at", "id"], unique=False)
    op.create_index("ix_predictions_loop_key_at_id", "predictions", ["loop", "key", "at", "id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("prediction", name, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("loop", name, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("key", name, nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("prediction", "by"),
    )
    op.create_index("ix_feedback_loop_at", "feedback", ["loop", "at"], unique=False)
    op.create_index("ix_feedback_by_at", "feedback", ["by", "at"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column("id", name, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("secret_digest", name, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("secret_digest"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("api_keys")
    op.drop_table("feedback")
    op.drop_table("predictions")
