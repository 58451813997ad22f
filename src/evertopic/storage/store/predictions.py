"""Predictions at rest: every answer given, found again by time, topic and version."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, and_, delete, exists, false, func, select, true
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from evertopic.errors import BadInput
from evertopic.records import LoggedPrediction, ServedStats
from evertopic.storage.store.engine import chunks, insert_new, writing
from evertopic.storage.store.identity_tables import restated
from evertopic.storage.store.rows import spelled
from evertopic.storage.store.served import served_stats
from evertopic.storage.store.spans import cursor_of, older, within
from evertopic.storage.store.tables import feedback
from evertopic.storage.store.tables import predictions as table

FIELDS = LoggedPrediction.__slots__
LONGEST_PAGE = 1_000
FORGOTTEN_AT_ONCE = 1_000
LARGEST_VERSION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class PredictionStore:
    """The answers of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def add(self, rows: Sequence[LoggedPrediction]) -> int:
        """How many of the rows were new; ids that are there already are left alone. All or nothing.

        Raises:
            BadInput: the database cannot hold one of the rows, and took none.
        """
        # In one order always: two processes that add the same rows would else wait for one another.
        new = [_row(prediction) for prediction in sorted(rows, key=lambda prediction: prediction.id)]
        try:
            with writing(self.engine) as connection:
                return sum(
                    connection.execute(insert_new(self.engine, table), part).rowcount for part in chunks(new, 1_000)
                )
        except (StatementError, ValueError, OverflowError) as error:
            if not _about_a_row(error):
                raise
            reason = type(getattr(error, "orig", None) or error).__name__
            raise BadInput(
                f"{len(rows)} predictions, the first with id {rows[0].id}: one at least holds what the database cannot "
                f"({reason}), none was stored. Add them one by one."
            ) from error

    def get(self, loop: str, id: str) -> LoggedPrediction | None:  # noqa: A002
        """One answer, None where the loop gave none of this id."""
        with self.engine.connect() as connection:
            row = connection.execute(
                select(table).where(table.c.loop == spelled(loop), table.c.id == spelled(id))
            ).first()
        return None if row is None else _prediction(row)

    def page(
        self,
        loop: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        key: str | None = None,
        version: int | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> tuple[tuple[LoggedPrediction, ...], str | None]:
        """Answers, newest first, and the cursor of the next page (None: there is none).

        Args:
            loop: whose.
            since: from this time on.
            until: before this time.
            key: of this topic, class or rule only; `unassigned` for those without; None: all.
            version: of this version only.
            after: the cursor that the page before gave.
            limit: rows at most, 1 to 1,000.

        Raises:
            BadInput: a time has no zone, the cursor is damaged, or the limit is another.
        """
        if not 1 <= limit <= LONGEST_PAGE:
            raise BadInput(f"A page of {limit} rows: ask for 1 to {LONGEST_PAGE}.")
        asked = and_(within(table, loop, since, until), older(table, after), _of_key(key), _of_version(version))
        newest = select(table).where(asked).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit + 1)
        with self.engine.connect() as connection:
            rows = connection.execute(newest).all()
        found = tuple(_prediction(row) for row in rows[:limit])
        return found, cursor_of(found[-1].at, found[-1].id) if len(rows) > limit else None

    def stats(self, loop: str, since: datetime | None = None, until: datetime | None = None) -> ServedStats:
        """What the loop answered with `since` <= time < `until`, counted; what people said of it, whenever they did.

        Raises:
            BadInput: a time has no zone.
        """
        with self.engine.connect() as connection:
            return served_stats(connection, loop, since, until)

    def texts(
        self, loop: str, until: datetime, sources: Sequence[str], since: datetime | None = None
    ) -> tuple[tuple[str, str, datetime], ...]:
        """Each text that is kept of answers from `since` up to `until`: (digest of the full text, text, first asked).

        In the order in which they were first asked; a text that was kept in two ways is there twice.

        Raises:
            BadInput: the time has no zone.
        """
        first = func.min(table.c.at)
        asked = within(table, loop, since, until) & table.c.text.is_not(None) & table.c.source.in_(sources)
        wanted = select(table.c.text_digest, table.c.text, first).where(asked)
        wanted = wanted.group_by(table.c.text_digest, table.c.text).order_by(first, table.c.text_digest, table.c.text)
        with self.engine.connect() as connection:
            return tuple((digest, text, at) for digest, text, at in connection.execute(wanted))

    def forget(self, loop: str, before: datetime) -> int:
        """How many answers from before this moment were deleted, with their feedback and restatements.

        A part at a time, with a rest as long as each took, so that others who write need not wait for the whole.

        Raises:
            BadInput: the time has no zone.
        """
        gone, more = 0, True
        while more:
            started = time.monotonic()
            deleted, more = self._forget_some(within(table, loop, None, before))
            gone += deleted
            time.sleep(time.monotonic() - started if more else 0)
        orphans = within(feedback, loop, None, before) & ~exists().where(table.c.id == feedback.c.prediction)
        with writing(self.engine) as connection:
            connection.execute(delete(feedback).where(orphans))
        return gone

    def _forget_some(self, old: ColumnElement[bool]) -> tuple[int, bool]:
        oldest = select(table.c.id).where(old).order_by(table.c.at, table.c.id).limit(FORGOTTEN_AT_ONCE)
        with writing(self.engine) as connection:
            ids = connection.execute(oldest).scalars().all()
            connection.execute(delete(feedback).where(feedback.c.prediction.in_(ids)))
            connection.execute(delete(restated).where(restated.c.prediction.in_(ids)))
            deleted = connection.execute(delete(table).where(table.c.id.in_(ids))).rowcount
        return deleted, len(ids) == FORGOTTEN_AT_ONCE


def _row(prediction: LoggedPrediction) -> dict[str, Any]:
    return {field: getattr(prediction, field) for field in FIELDS}


def _prediction(row: Row[Any]) -> LoggedPrediction:
    alternatives = tuple((key, chance) for key, chance in row.alternatives)
    return LoggedPrediction(**{**row._mapping, "alternatives": alternatives})


def _about_a_row(error: Exception) -> bool:
    # Other faults of a statement are the database's own (a table is missing, the disk is broken) and pass.
    return isinstance(error, DataError | IntegrityError | ValueError | OverflowError) or type(error) is StatementError


def _of_key(key: str | None) -> ColumnElement[bool]:
    if key is None:
        return true()
    return table.c.key.is_(None) if key == "unassigned" else table.c.key == spelled(key)


def _of_version(version: int | None) -> ColumnElement[bool]:
    if version is None:
        return true()
    return table.c.version == version if 0 <= version <= LARGEST_VERSION else false()
