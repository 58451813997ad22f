"""The tables of the store. A change here needs a migration beside it; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Dialect, Float, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """A time with a zone outside, the same moment in UTC without one inside."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment in UTC; a time without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone: give one, for instance datetime.now(UTC).")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment, marked as UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


def byte_ordered() -> Any:
    """A string column in byte order in every database, whatever the locale of its server: lists have one order."""
    return String().with_variant(String(collation="C"), "postgresql")


metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("loop", byte_ordered(), primary_key=True),
    Column("id", byte_ordered(), primary_key=True),
    Column("text", Text, nullable=False),
    Column("text_digest", byte_ordered(), nullable=False, index=True),
    Column("label", Text),
    Column("timestamp", UtcTime),
    Column("metadata", JSON(none_as_null=True), nullable=False),
    Column("origin", Text, nullable=False),
    Column("batch", byte_ordered(), nullable=False),
    Column("ingested_at", UtcTime, nullable=False),
    Index("ix_documents_loop_timestamp_id", "loop", "timestamp", "id"),
)

batches = Table(
    "batches",
    metadata,
    Column("loop", byte_ordered(), primary_key=True),
    Column("batch", byte_ordered(), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_digest", byte_ordered(), nullable=False),
    Column("read", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("quarantined", Integer, nullable=False),
    Column("watermark", UtcTime),
    Column("outcome", String, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("loop", byte_ordered(), nullable=False),
    Column("batch", byte_ordered(), nullable=False),
    Column("origin", Text),
    Column("id", Text),
    Column("reason", Text),
    Column("found", Text),
    Column("raw", Text),
    Index("ix_quarantine_loop_batch", "loop", "batch"),
)

text_features = Table(
    "text_features",
    metadata,
    Column("text_digest", byte_ordered(), primary_key=True),
    Column("version", byte_ordered(), primary_key=True),
    Column("language", String),
    Column("numbers", JSON, nullable=False),
)

predictions = Table(
    "predictions",
    metadata,
    Column("id", byte_ordered(), primary_key=True),
    Column("loop", byte_ordered(), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("source", String, nullable=False),
    Column("by", byte_ordered(), nullable=False),
    Column("model", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("alias", Text),
    Column("text", Text),
    Column("text_digest", byte_ordered(), nullable=False),
    Column("key", byte_ordered()),
    Column("name", Text, nullable=False),
    Column("strength", Float, nullable=False),
    Column("alternatives", JSON, nullable=False),
    Column("remark", String),
    Column("rule", Text),
    Column("model_key", byte_ordered()),
    Column("model_name", Text, nullable=False),
    Column("model_strength", Float, nullable=False),
    Column("edit", byte_ordered()),
    Index("ix_predictions_loop_at_id", "loop", "at", "id"),
    Index("ix_predictions_loop_key_at_id", "loop", "key", "at", "id"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("prediction", byte_ordered(), primary_key=True),
    Column("by", byte_ordered(), primary_key=True),
    Column("loop", byte_ordered(), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("verdict", String, nullable=False),
    Column("key", byte_ordered()),
    Column("label", Text),
    Column("comment", Text),
    Index("ix_feedback_loop_at", "loop", "at"),
    Index("ix_feedback_by_at", "by", "at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", byte_ordered(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String, nullable=False),
    Column("secret_digest", byte_ordered(), nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
)
