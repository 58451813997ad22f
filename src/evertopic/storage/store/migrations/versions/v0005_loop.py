"""The loop: checks, decisions, episodes of retraining, who holds the slot, releases, approvals, notices."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

still_open = sa.text("state = 'open'")
name = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    _monitoring()
    _retraining()
    _releasing()
    _notices()


def _monitoring() -> None:
    op.create_table(
        "checks",
        sa.Column("id", name, nullable=False),
        sa.Column("loop", name, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("window", sa.JSON(), nullable=False),
        sa.Column("drift", sa.JSON(), nullable=False),
        sa.Column("performance", sa.JSON(), nullable=False),
        sa.Column("page", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_checks_loop_at", "checks", ["loop", "at"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", name, nullable=False),
        sa.Column("loop", name, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("check", name, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("evaluations", sa.JSON(), nullable=False),
        sa.Column("fired", sa.Boolean(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("episode", name, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decisions_loop_at", "decisions", ["loop", "at"], unique=False)


def _retraining() -> None:
    op.create_table(
        "episodes",
        sa.Column("id", name, nullable=False),
        sa.Column("loop", name, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("triggers", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(), nullable=True),
        sa.Column("run", sa.Text(), nullable=True),
        sa.Column("failed_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_episodes_loop_opened_at", "episodes", ["loop", "opened_at"], unique=False)
    op.create_index(
        "ux_episodes_open", "episodes", ["loop"], unique=True, sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_table(
        "slots",
        sa.Column("loop", name, nullable=False),
        sa.Column("holder", name, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pid_started", sa.Float(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("beats_at", sa.DateTime(), nullable=False),
        sa.Column("episode", name, nullable=True),
        sa.PrimaryKeyConstraint("loop"),
    )


def _releasing() -> None:
    op.create_table(
        "releases",
        sa.Column("id", name, nullable=False),
        sa.Column("loop", name, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", name, nullable=False),
        sa.Column("previous", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=True),
        sa.Column("diff", sa.Text(), nullable=True),
        sa.Column("episode", name, nullable=True),
        sa.Column("verified", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_releases_loop_at", "releases", ["loop", "at"], unique=False)
    op.create_table(
        "approvals",
        sa.Column("loop", name, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("run", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("loop", "version"),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", name, nullable=False),
        sa.Column("loop", name, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("subject", name, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notices_loop_event_subject_at", "notices", ["loop", "event", "subject", "at"], unique=False)


def downgrade() -> None:
    """Drop them; what the loop did is forgotten."""
    for table in ("notices", "approvals", "releases", "slots", "episodes", "decisions", "checks"):
        op.drop_table(table)
