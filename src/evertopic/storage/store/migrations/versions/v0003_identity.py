"""The lineage of topics, what people decided about them, and predictions said again by a later model.

Which keys a model's topics have moves from `version_topics` to `generation_topics`, which also keeps what a later
model is compared with. Models of before cannot be compared; they are in no lineage.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

name = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.drop_index(op.f("ix_version_topics_key"), table_name="version_topics")
    op.drop_table("version_topics")
    with op.batch_alter_table("topic_keys") as keys:
        for column in ("model", "version_first", "name", "words"):
            keys.drop_column(column)
    _generations()
    _lineage()
    _decisions()
    op.create_table(
        "restated",
        sa.Column("prediction", name, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("loop", name, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("key", name, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("prediction", "version"),
    )
    op.create_index("ix_restated_loop_version_at", "restated", ["loop", "version", "at"], unique=False)


def _generations() -> None:
    op.create_table(
        "generations",
        sa.Column("loop", name, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clustering", name, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("encoder", name, nullable=False),
        sa.Column("encoder_settings", sa.JSON(), nullable=False),
        sa.Column("anchors", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("loop", "number"),
        sa.UniqueConstraint("loop", "clustering"),
    )
    op.create_table(
        "generation_versions",
        sa.Column("loop", name, nullable=False),
        sa.Column("model", name, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("loop", "model", "version"),
    )
    op.create_table(
        "generation_topics",
        sa.Column("loop", name, nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", name, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("centroid", sa.LargeBinary(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("loop", "generation", "topic"),
    )
    op.create_index(op.f("ix_generation_topics_key"), "generation_topics", ["key"], unique=False)


def _lineage() -> None:
    op.create_table(
        "anchors",
        sa.Column("loop", name, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("text_digest", name, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loop", "number"),
    )
    op.create_table(
        "lineage",
        sa.Column("loop", name, nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", name, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("other", name, nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("cosine", sa.Float(), nullable=True),
        sa.Column("words", sa.Float(), nullable=True),
        sa.Column("anchors", sa.Float(), nullable=True),
        sa.Column("shared", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("loop", "generation", "key"),
    )
    op.create_index("ix_lineage_key", "lineage", ["key"], unique=False)


def _decisions() -> None:
    op.create_table(
        "edits",
        sa.Column("id", name, nullable=False),
        sa.Column("loop", name, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", name, nullable=False),
        sa.Column("into", name, nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_edits_loop_at_id", "edits", ["loop", "at", "id"], unique=False)
    op.create_table(
        "edit_undos",
        sa.Column("edit", name, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", name, nullable=False),
        sa.PrimaryKeyConstraint("edit"),
    )


def downgrade() -> None:
    """Drop them; the keys of the models there are cannot be brought back to where they were."""
    for table in (
        "restated",
        "edit_undos",
        "edits",
        "lineage",
        "anchors",
        "generation_topics",
        "generation_versions",
        "generations",
    ):
        op.drop_table(table)
    with op.batch_alter_table("topic_keys") as keys:
        for column, kind in (("model", sa.Text()), ("version_first", name), ("name", sa.Text()), ("words", sa.JSON())):
            keys.add_column(sa.Column(column, kind, nullable=True))
    op.create_table(
        "version_topics",
        sa.Column("loop", name, nullable=False),
        sa.Column("bundle", name, nullable=False),
        sa.Column("topic", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", name, nullable=False),
        sa.PrimaryKeyConstraint("loop", "bundle", "topic"),
    )
    op.create_index(op.f("ix_version_topics_key"), "version_topics", ["key"], unique=False)
