"""Episodes at rest: every need for a retraining, at most one of them open in each loop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from evertopic.errors import Unavailable
from evertopic.records import Episode
from evertopic.storage.store.engine import shown, writing
from evertopic.storage.store.loop_tables import episodes as table
from evertopic.storage.store.rows import spelled

LISTS = ("reasons", "triggers")
TIMES = ("opened_at", "requested_at", "failed_at", "closed_at")
TURNS = 5
AHEAD = timedelta(hours=1)
"""Less than this is no clock that jumped: a check took long, or machines differ."""


@dataclass(frozen=True, slots=True)
class EpisodeStore:
    """The episodes of all loops. Any method raises `Unavailable` when the database does not answer.

    A closed episode never changes: what comes late finds it as it was.
    """

    engine: Engine

    def open_or_join(self, episode: Episode) -> tuple[Episode, bool]:
        """The open episode of the loop, and whether it is this very one; however many come at once, one opens.

        Raises:
            Unavailable: episodes of this loop were opened and closed faster than they could be read.
        """
        row = {name: getattr(episode, name) for name in Episode.__slots__}
        row |= {name: [spelled(text) for text in row[name]] for name in LISTS}
        for _ in range(TURNS):
            with writing(self.engine) as connection:
                new = bool(connection.execute(_insert(self.engine), row).rowcount)
                found = _first(connection, and_(table.c.loop == episode.loop, table.c.state == "open"))
            if found is not None:
                return found, new
        raise Unavailable(f"The episodes of {episode.loop} in {shown(self.engine)} keep changing: run again.")

    def get(self, id: str) -> Episode | None:  # noqa: A002
        """The episode of this id, None without one."""
        with self.engine.connect() as connection:
            return _first(connection, table.c.id == id)

    def list(self, loop: str, *, until: datetime | None = None, limit: int = 100) -> tuple[Episode, ...]:
        """The episodes of a loop that were opened before `until`, newest first; an open one is the first."""
        newest = select(table).where(table.c.loop == loop).limit(limit)
        newest = newest if until is None else newest.where(table.c.opened_at < until)
        opened = case((table.c.state == "open", 0), else_=1)
        with self.engine.connect() as connection:
            rows = connection.execute(newest.order_by(opened, table.c.opened_at.desc(), table.c.id.desc()))
            return tuple(_episode(row) for row in rows)

    def begin_attempt(self, id: str, run: str, at: datetime) -> bool:  # noqa: A002
        """True when a further attempt of the open episode begins; the same run again is the same attempt."""
        other = or_(table.c.run.is_(None), table.c.run != run)
        return self._change(id, other, attempts=table.c.attempts + 1, run=run, requested_at=at, failed_at=None)

    def take_back(self, id: str, run: str) -> bool:  # noqa: A002
        """True when the attempt of this run is as if it never was: it could not begin."""
        return self._change(id, table.c.run == run, attempts=table.c.attempts - 1, run=None, failed_at=None)

    def fail_attempt(self, id: str, run: str, at: datetime, said: str) -> bool:  # noqa: A002
        """True when it is news that the last attempt, which was this run, has failed."""
        running = and_(table.c.run == run, table.c.failed_at.is_(None))
        return self._change(id, running, failed_at=at, outcome=spelled(said))

    def close(self, id: str, state: Literal["done", "gave up"], at: datetime, outcome: str) -> bool:  # noqa: A002
        """True when the episode was open; it ends with this outcome."""
        return self._change(id, table.c.id == id, state=state, closed_at=at, outcome=spelled(outcome))

    def pull_back(self, loop: str, now: datetime) -> int:
        """How many episodes had times far after `now`, which become now: a clock was set back, or had run ahead."""
        late = or_(*(table.c[name] > now + AHEAD for name in TIMES))
        times: dict[str, Any] = {name: case((table.c[name] > now, now), else_=table.c[name]) for name in TIMES}
        with self.engine.connect() as connection:
            if connection.execute(select(table.c.id).where(table.c.loop == loop, late)).first() is None:
                return 0
        with writing(self.engine) as connection:
            return connection.execute(update(table).where(table.c.loop == loop, late).values(times)).rowcount

    def _change(self, id: str, when: ColumnElement[bool], **values: Any) -> bool:  # noqa: A002
        changing = update(table).where(table.c.id == id, table.c.state == "open", when)
        with writing(self.engine) as connection:
            return bool(connection.execute(changing.values(values)).rowcount)


def _insert(engine: Engine) -> Any:
    """An insert that does nothing where the episode is there, or another one of its loop is open."""
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def _first(connection: Connection, wanted: ColumnElement[bool]) -> Episode | None:
    row = connection.execute(select(table).where(wanted)).first()
    return None if row is None else _episode(row)


def _episode(row: Row[Any]) -> Episode:
    return Episode(**{**row._mapping, **{name: tuple(getattr(row, name)) for name in LISTS}})
