"""Decisions at rest: what every trigger said each time, and what was done about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, Row, select, update

from evertopic.records import Decision, Evaluation
from evertopic.storage.store.engine import insert_new, writing
from evertopic.storage.store.loop_tables import decisions as table
from evertopic.storage.store.rows import spelled
from evertopic.storage.store.spans import within

_evaluations = TypeAdapter(tuple[Evaluation, ...])
PLAIN = tuple(name for name in Decision.__slots__ if name != "evaluations")


@dataclass(frozen=True, slots=True)
class DecisionStore:
    """The decisions of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def add(self, decision: Decision) -> bool:
        """True when the decision is new; one that is there already is left as it is.

        What no database takes (NUL, half characters: a person's own words) is spelled out.
        """
        said: list[dict[str, Any]] = _evaluations.dump_python(decision.evaluations, mode="json")
        row = {name: getattr(decision, name) for name in PLAIN} | {
            "reason": spelled(decision.reason),
            "evaluations": [one | {"reason": spelled(one["reason"])} for one in said],
        }
        with writing(self.engine) as connection:
            return bool(connection.execute(insert_new(self.engine, table), row).rowcount)

    def get(self, id: str) -> Decision | None:  # noqa: A002
        """The decision of this id, None without one."""
        with self.engine.connect() as connection:
            row = connection.execute(select(table).where(table.c.id == spelled(id))).first()
        return None if row is None else _decision(row)

    def list(
        self, loop: str, *, since: datetime | None = None, until: datetime | None = None, limit: int = 100
    ) -> tuple[Decision, ...]:
        """The decisions of a loop with `since` <= time < `until`, newest first, `limit` at most.

        Raises:
            BadInput: a time has no zone.
        """
        newest = select(table).where(within(table, loop, since, until)).order_by(table.c.at.desc(), table.c.id.desc())
        with self.engine.connect() as connection:
            return tuple(_decision(row) for row in connection.execute(newest.limit(limit)))

    def add_to_reason(self, id: str, said: str) -> None:  # noqa: A002
        """Tell what came of it: a sentence more at the end of the reason, once."""
        with writing(self.engine) as connection:
            held = select(table.c.reason).where(table.c.id == spelled(id)).with_for_update()
            reason = connection.execute(held).scalar()
            if reason is not None and not str(reason).endswith(spelled(said)):
                longer = update(table).where(table.c.id == spelled(id))
                connection.execute(longer.values(reason=f"{reason} {spelled(said)}"))


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        **{name: getattr(row, name) for name in PLAIN}, evaluations=_evaluations.validate_python(row.evaluations)
    )
