"""Topic shares over time: as served, and as one version restates what others have answered."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, and_, case, exists, func, literal, or_, select, tuple_

from evertopic.records import Period, Restatement, Trend, TrendTopic
from evertopic.storage.store.engine import chunks, insert_new, writing
from evertopic.storage.store.identity_tables import restated
from evertopic.storage.store.spans import within
from evertopic.storage.store.tables import predictions


@dataclass(frozen=True, slots=True)
class Pending:
    """An answer that a version has not restated yet."""

    id: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class TrendStore:
    """The trends of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def shares(
        self,
        loop: str,
        period: Period = "day",
        *,
        version: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Trend:
        """The answers of a loop with `since` <= time < `until`, by period and key.

        Args:
            loop: whose.
            period: how long each is.
            version: None: as served. Else as this version says; what it has not restated is counted apart.
            since: from this time on.
            until: before this time.

        Raises:
            BadInput: a time has no zone.
        """
        asked = within(predictions, loop, since, until)
        with self.engine.connect() as connection:
            rows = connection.execute(_counted(asked, version)).all()
            first = func.min(predictions.c.at)
            seen = select(predictions.c.version, first).where(asked).group_by(predictions.c.version).order_by(first)
            changes = tuple((at, number) for number, at in connection.execute(seen).tuples().all()[1:])
        return _trend(loop, period, version, rows, changes)

    def pending(
        self, loop: str, version: int, since: datetime, *, after: Pending | None = None, limit: int = 500
    ) -> tuple[Pending, ...]:
        """Answers since then that other versions gave, whose text is kept, and that `version` has not restated.

        Oldest first; `after` the last one that was seen.
        """
        own = exists().where(restated.c.prediction == predictions.c.id, restated.c.version == version)
        wanted = and_(_others(loop, version, since), predictions.c.text.is_not(None), ~own)
        if after is not None:
            place = tuple_(literal(after.at, predictions.c.at.type), literal(after.id))
            wanted = and_(wanted, tuple_(predictions.c.at, predictions.c.id) > place)
        columns = (predictions.c.id, predictions.c.at, predictions.c.text)
        oldest = select(*columns).where(wanted).order_by(predictions.c.at, predictions.c.id).limit(limit)
        with self.engine.connect() as connection:
            return tuple(Pending(row.id, row.at, row.text) for row in connection.execute(oldest))

    def without_text(self, loop: str, version: int, since: datetime) -> int:
        """How many answers since then `version` cannot restate, because only the digest of their text was kept."""
        lacking = and_(_others(loop, version, since), predictions.c.text.is_(None))
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(predictions).where(lacking)).scalar_one())

    def add(self, rows: Sequence[Restatement]) -> int:
        """How many of the restatements were new; the others stay as they are. All or nothing."""
        # In one order always: two processes that add the same rows would else wait for one another.
        new = [asdict(row) for row in sorted(rows, key=lambda row: (row.prediction, row.version))]
        with writing(self.engine) as connection:
            return sum(
                connection.execute(insert_new(self.engine, restated), part).rowcount for part in chunks(new, 1_000)
            )


def _others(loop: str, version: int, since: datetime) -> ColumnElement[bool]:
    return and_(within(predictions, loop, since, None), predictions.c.version != version)


def _counted(asked: ColumnElement[bool], version: int | None) -> Any:
    """A query for (day, key, name, told, kept, answers, latest): `told` where the version has said something."""
    table = predictions.c
    told: Any = literal(1)
    key: Any = table.key
    name: Any = table.name
    source: Any = predictions
    if version is not None:
        again = restated.c.prediction.is_not(None)
        source = predictions.outerjoin(restated, and_(restated.c.prediction == table.id, restated.c.version == version))
        told = case((or_(again, table.version == version), 1), else_=0)
        key, name = case((again, restated.c.key), else_=table.key), case((again, restated.c.name), else_=table.name)
    kept = case((table.text.is_not(None), 1), else_=0)
    columns = (key.label("topic"), name.label("called"), told.label("told"), kept.label("kept"))
    each = select(table.at, *columns).select_from(source).where(asked).subquery().c
    by = (func.date(each.at).label("day"), each.topic, each.called, each.told, each.kept)
    return select(*by, func.count().label("answers"), func.max(each.at).label("latest")).group_by(*by)


def _trend(
    loop: str,
    period: Period,
    version: int | None,
    rows: Sequence[Row[Any]],
    changes: tuple[tuple[datetime, int], ...],
) -> Trend:
    days = [_start(date.fromisoformat(str(row.day)), period) for row in rows]  # text in SQLite, a date in PostgreSQL
    starts = tuple(_periods(min(days), max(days), period)) if days else ()
    answers: Counter[tuple[str | None, date]] = Counter()
    whole: Counter[date] = Counter()
    sizes: Counter[str | None] = Counter()
    lacking: dict[bool, Counter[date]] = {True: Counter(), False: Counter()}
    names: dict[str | None, str] = {}
    for day, row in sorted(zip(days, rows, strict=True), key=lambda pair: (pair[1].latest, pair[1].called)):
        if row.told:
            answers[row.topic, day] += row.answers
            whole[day] += row.answers
            sizes[row.topic] += row.answers
            names[row.topic] = row.called
        else:
            lacking[bool(row.kept)][day] += row.answers
    order = sorted(sizes, key=lambda key: (key is None, -sizes[key], str(key)))
    return Trend(
        loop=loop,
        period=period,
        version=version,
        starts=starts,
        answers=tuple(whole[start] for start in starts),
        topics=tuple(TrendTopic(key, names[key], tuple(answers[key, start] for start in starts)) for key in order),
        without_text=tuple(lacking[False][start] for start in starts),
        waiting=tuple(lacking[True][start] for start in starts),
        changes=changes,
    )


def _start(day: date, period: Period) -> date:
    """The first day of the period that `day` is in."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def _periods(first: date, last: date, period: Period) -> Iterator[date]:
    """The starts of all periods from one to another."""
    step = {"day": 1, "week": 7, "month": 31}[period]
    while first <= last:
        yield first
        first = _start(first + timedelta(days=step), period)
