"""The tables of the loop: checks, decisions, retrainings, releases, notices: a part of `tables`."""

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, String, Table, Text, text

from evertopic.storage.store.tables import UtcTime, byte_ordered, metadata

checks = Table(
    "checks",
    metadata,
    Column("id", byte_ordered(), primary_key=True),
    Column("loop", byte_ordered(), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("model", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("window", JSON, nullable=False),
    Column("drift", JSON, nullable=False),
    Column("performance", JSON, nullable=False),
    Column("page", Text),
    Column("seconds", Float, nullable=False),
    Index("ix_checks_loop_at", "loop", "at"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", byte_ordered(), primary_key=True),
    Column("loop", byte_ordered(), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("check", byte_ordered()),
    Column("version", Integer, nullable=False),
    Column("evaluations", JSON, nullable=False),
    Column("fired", Boolean, nullable=False),
    Column("action", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("episode", byte_ordered()),
    Index("ix_decisions_loop_at", "loop", "at"),
)

OPEN = text("state = 'open'")

episodes = Table(
    "episodes",
    metadata,
    Column("id", byte_ordered(), primary_key=True),
    Column("loop", byte_ordered(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("triggers", JSON, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("requested_at", UtcTime),
    Column("run", Text),
    Column("failed_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("outcome", Text),
    Index("ix_episodes_loop_opened_at", "loop", "opened_at"),
    # At most one open episode a loop, whoever opens it at the same time.
    Index("ux_episodes_open", "loop", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
)

slots = Table(
    "slots",
    metadata,
    Column("loop", byte_ordered(), primary_key=True),
    Column("holder", byte_ordered(), nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_started", Float, nullable=False),
    Column("taken_at", UtcTime, nullable=False),
    Column("beats_at", UtcTime, nullable=False),
    Column("episode", byte_ordered()),
)

releases = Table(
    "releases",
    metadata,
    Column("id", byte_ordered(), primary_key=True),
    Column("loop", byte_ordered(), nullable=False),
    Column("model", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", byte_ordered(), nullable=False),
    Column("previous", Integer),
    Column("action", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("gate", Text),
    Column("diff", Text),
    Column("episode", byte_ordered()),
    Column("verified", Text),
    Index("ix_releases_loop_at", "loop", "at"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("loop", byte_ordered(), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("run", Text),
    Column("decided_at", UtcTime),
    Column("by", Text),
    Column("approved", Boolean),
    Column("comment", Text),
)

notices = Table(
    "notices",
    metadata,
    Column("id", byte_ordered(), primary_key=True),
    Column("loop", byte_ordered(), nullable=False),
    Column("event", String, nullable=False),
    Column("subject", byte_ordered(), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("severity", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("outcome", String, nullable=False),
    Index("ix_notices_loop_event_subject_at", "loop", "event", "subject", "at"),
)
