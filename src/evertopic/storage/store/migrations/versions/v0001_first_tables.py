"""Documents, batches, quarantine, features and topic keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

name = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "batches",
        sa.Column("loop", name, nullable=False),
        sa.Column("batch", name, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_digest", name, nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("watermark", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("loop", "batch"),
    )
    op.create_table(
        "documents",
        sa.Column("loop", name, nullable=False),
        sa.Column("id", name, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_digest", name, nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("timestamp", sa.DateTime(), nullable=True),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("batch", name, nullable=False),
        sa.Column("ingested_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("loop", "id"),
    )
    op.create_index("ix_documents_loop_timestamp_id", "documents", ["loop", "timestamp", "id"], unique=False)
    op.create_index(op.f("ix_documents_text_digest"), "documents", ["text_digest"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("loop", name, nullable=False),
        sa.Column("batch", name, nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("found", sa.Text(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_quarantine_loop_batch", "quarantine", ["loop", "batch"], unique=False)
    op.create_table(
        "text_features",
        sa.Column("text_digest", name, nullable=False),
        sa.Column("version", name, nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("text_digest", "version"),
    )
    op.create_table(
        "topic_keys",
        sa.Column("key", name, nullable=False),
        sa.Column("loop", name, nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version_first", name, nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("words", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_topic_keys_loop"), "topic_keys", ["loop"], unique=False)
    op.create_table(
        "version_topics",
        sa.Column("loop", name, nullable=False),
        sa.Column("bundle", name, nullable=False),
        sa.Column("topic", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", name, nullable=False),
        sa.PrimaryKeyConstraint("loop", "bundle", "topic"),
    )
    op.create_index(op.f("ix_version_topics_key"), "version_topics", ["key"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_version_topics_key"), table_name="version_topics")
    op.drop_table("version_topics")
    op.drop_index(op.f("ix_topic_keys_loop"), table_name="topic_keys")
    op.drop_table("topic_keys")
    op.drop_table("text_features")
    op.drop_index("ix_quarantine_loop_batch", table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_index(op.f("ix_documents_text_digest"), table_name="documents")
    op.drop_index("ix_documents_loop_timestamp_id", table_name="documents")
    op.drop_table("documents")
    op.drop_table("batches")
