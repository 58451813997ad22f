"""The tables of topic keys, their lineage and what people decided about them: a part of `tables`."""

from sqlalchemy import JSON, Column, Float, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from evertopic.storage.store.tables import UtcTime, byte_ordered, metadata

topic_keys = Table(
    "topic_keys",
    metadata,
    Column("key", byte_ordered(), primary_key=True),
    Column("loop", byte_ordered(), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
)

generations = Table(
    "generations",
    metadata,
    Column("loop", byte_ordered(), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("clustering", byte_ordered(), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("encoder", byte_ordered(), nullable=False),
    Column("encoder_settings", JSON, nullable=False),
    Column("anchors", LargeBinary, nullable=False),
    UniqueConstraint("loop", "clustering"),
)

generation_versions = Table(
    "generation_versions",
    metadata,
    Column("loop", byte_ordered(), primary_key=True),
    Column("model", byte_ordered(), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False),
)

generation_topics = Table(
    "generation_topics",
    metadata,
    Column("loop", byte_ordered(), primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("topic", Integer, primary_key=True, autoincrement=False),
    Column("key", byte_ordered(), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("words", JSON, nullable=False),
    Column("weights", JSON, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("centroid", LargeBinary, nullable=False),
    Column("threshold", Float, nullable=False),
)

anchors = Table(
    "anchors",
    metadata,
    Column("loop", byte_ordered(), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False),
    Column("text_digest", byte_ordered(), nullable=False),
    Column("text", Text, nullable=False),
)

lineage = Table(
    "lineage",
    metadata,
    Column("loop", byte_ordered(), primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("key", byte_ordered(), primary_key=True),
    Column("kind", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("other", byte_ordered()),
    Column("probability", Float),
    Column("cosine", Float),
    Column("words", Float),
    Column("anchors", Float),
    Column("shared", Integer),
    Index("ix_lineage_key", "key"),
)

edits = Table(
    "edits",
    metadata,
    Column("id", byte_ordered(), primary_key=True),
    Column("loop", byte_ordered(), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", byte_ordered(), nullable=False),
    Column("kind", String, nullable=False),
    Column("key", byte_ordered(), nullable=False),
    Column("into", byte_ordered()),
    Column("name", Text),
    Column("texts", JSON, nullable=False),
    Column("comment", Text),
    Column("generation", Integer),
    Index("ix_edits_loop_at_id", "loop", "at", "id"),
)

edit_undos = Table(
    "edit_undos",
    metadata,
    Column("edit", byte_ordered(), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", byte_ordered(), nullable=False),
)

restated = Table(
    "restated",
    metadata,
    Column("prediction", byte_ordered(), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("loop", byte_ordered(), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("key", byte_ordered()),
    Column("name", Text, nullable=False),
    Column("strength", Float, nullable=False),
    Index("ix_restated_loop_version_at", "loop", "version", "at"),
)
