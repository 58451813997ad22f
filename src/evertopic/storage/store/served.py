"""What was answered, counted by the database in one look."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, exists, func, select

from evertopic.records import ServedStats
from evertopic.storage.store.rows import spelled
from evertopic.storage.store.spans import within
from evertopic.storage.store.tables import feedback, predictions

Group = TypeVar("Group")


def served_stats(connection: Connection, loop: str, since: datetime | None, until: datetime | None) -> ServedStats:
    """The answers of `loop` in a span of time, counted.

    Raises:
        BadInput: a time has no zone.
    """
    asked = within(predictions, loop, since, until)
    groups = _groups(connection, asked)
    said = select(feedback.c.verdict, func.count()).group_by(feedback.c.verdict)
    spoken_of = exists().where(predictions.c.id == feedback.c.prediction, asked)
    words = dict(connection.execute(said.where(feedback.c.loop == spelled(loop), spoken_of)).tuples().all())
    total = sum(group.answers for group in groups)
    names = {group.key: group.name for group in sorted(groups, key=lambda group: (group.latest, group.name))}
    keys = _most(_counted((group.key, group.answers) for group in groups))
    return ServedStats(
        total=total,
        unassigned=sum(group.answers for group in groups if group.key is None),
        mean_strength=sum(group.strength for group in groups) / total if total else None,
        by_key=tuple((key, names[key], answers) for key, answers in keys),
        by_version=tuple(sorted(_counted((group.version, group.answers) for group in groups), reverse=True)),
        by_day=tuple(sorted(_counted((_day(group.day), group.answers) for group in groups))),
        by_rule=_most(_counted((group.rule, group.answers) for group in groups if group.rule is not None)),
        right=words.get("right", 0),
        wrong=words.get("wrong", 0),
    )


def _groups(connection: Connection, asked: ColumnElement[bool]) -> Sequence[Row[Any]]:
    # One look at all there is: five questions could be answered from five different moments.
    table = predictions.c
    by = (table.key, table.name, table.version, func.date(table.at).label("day"), table.rule)
    counted = (
        func.count().label("answers"),
        func.sum(table.strength).label("strength"),
        func.max(table.at).label("latest"),
    )
    return connection.execute(select(*by, *counted).where(asked).group_by(*by)).all()


def _day(day: object) -> date:
    return date.fromisoformat(str(day))  # text in SQLite, a date in PostgreSQL


def _counted(pairs: Iterable[tuple[Group, int]]) -> tuple[tuple[Group, int], ...]:
    counts: Counter[Group] = Counter()
    for group, answers in pairs:
        counts[group] += answers
    return tuple(counts.items())


def _most(counts: tuple[tuple[Group, int], ...]) -> tuple[tuple[Group, int], ...]:
    return tuple(sorted(counts, key=lambda pair: (-pair[1], str(pair[0]))))
