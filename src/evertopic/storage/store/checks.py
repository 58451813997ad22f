"""Checks at rest: every pass of the monitor with all it measured, also when nothing happened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, Row, select

from evertopic.records import Check, DriftReport, Performance, Window
from evertopic.storage.store.engine import insert_new, writing
from evertopic.storage.store.loop_tables import checks as table

PLAIN = ("id", "loop", "at", "model", "version", "page", "seconds")
_window = TypeAdapter(Window)
_drift = TypeAdapter(DriftReport)
_performance = TypeAdapter(Performance)


@dataclass(frozen=True, slots=True)
class CheckStore:
    """The checks of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def add(self, check: Check) -> bool:
        """True when the check is new; one that is there already is left as it is."""
        row = {name: getattr(check, name) for name in PLAIN} | {
            "window": _window.dump_python(check.window, mode="json"),
            "drift": _drift.dump_python(check.drift, mode="json"),
            "performance": _performance.dump_python(check.performance, mode="json"),
        }
        with writing(self.engine) as connection:
            return bool(connection.execute(insert_new(self.engine, table), row).rowcount)

    def get(self, id: str) -> Check | None:  # noqa: A002
        """The check of this id, None without one."""
        with self.engine.connect() as connection:
            row = connection.execute(select(table).where(table.c.id == id)).first()
        return None if row is None else _check(row)

    def list(
        self, loop: str, *, version: int | None = None, until: datetime | None = None, limit: int = 100
    ) -> tuple[Check, ...]:
        """The checks of a loop, newest first.

        Args:
            loop: whose.
            version: of this champion only; None: of all.
            until: before this time only.
            limit: so many at most.
        """
        wanted = select(table).where(table.c.loop == loop).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
        wanted = wanted if version is None else wanted.where(table.c.version == version)
        wanted = wanted if until is None else wanted.where(table.c.at < until)
        with self.engine.connect() as connection:
            return tuple(_check(row) for row in connection.execute(wanted))


def _check(row: Row[Any]) -> Check:
    return Check(
        **{name: getattr(row, name) for name in PLAIN},
        window=_window.validate_python(row.window),
        drift=_drift.validate_python(row.drift),
        performance=_performance.validate_python(row.performance),
    )
