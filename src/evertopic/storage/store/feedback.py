"""Feedback at rest: what each person or program said of an answer. The last word counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, case, exists, func, or_, select, update

from evertopic.records import Feedback
from evertopic.storage.store.engine import chunks, insert_new, writing
from evertopic.storage.store.rows import spelled
from evertopic.storage.store.tables import feedback as table
from evertopic.storage.store.tables import predictions

SAID = ("verdict", "key", "label", "comment")


@dataclass(frozen=True, slots=True)
class FeedbackStore:
    """The feedback of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def give(self, feedback: Feedback) -> bool:
        """True when this is the first word of `feedback.by` on this prediction, False when it spoke before.

        The same word again changes nothing. Another word takes the place of the former one, unless that one was
        spoken later. What no database takes (NUL, half characters) is spelled out.
        """
        row = {field: getattr(feedback, field) for field in Feedback.__slots__}
        row = {field: spelled(value) if isinstance(value, str) else value for field, value in row.items()}
        former = update(table).where(
            table.c.prediction == row["prediction"],
            table.c.by == row["by"],
            table.c.at <= feedback.at,
            or_(*(table.c[field].is_distinct_from(row[field]) for field in SAID)),
        )
        with writing(self.engine) as connection:
            if connection.execute(insert_new(self.engine, table), row).rowcount:
                return True
            connection.execute(former.values({field: row[field] for field in (*SAID, "at")}))
            return False

    def of(self, loop: str, predictions: Sequence[str]) -> dict[str, tuple[Feedback, ...]]:
        """What was said of each of these predictions, oldest first; those nobody spoke of are left out."""
        found: dict[str, list[Feedback]] = {}
        wanted = select(table).where(table.c.loop == spelled(loop)).order_by(table.c.at, table.c.by)
        with self.engine.connect() as connection:
            for chunk in chunks(dict.fromkeys(spelled(one) for one in predictions)):
                for row in connection.execute(wanted.where(table.c.prediction.in_(chunk))):
                    found.setdefault(row.prediction, []).append(Feedback(**row._mapping))
        return {prediction: tuple(words) for prediction, words in found.items()}

    def by_person(self, loop: str, version: int, since: datetime) -> tuple[tuple[str, int, int], ...]:
        """(who, right, wrong): last words on answers of this version since then, in the order of names."""
        said = select(table.c.by, *(_counted(verdict) for verdict in ("right", "wrong"))).group_by(table.c.by)
        spoken_of = exists().where(predictions.c.id == table.c.prediction, predictions.c.version == version)
        wanted = said.where(table.c.loop == spelled(loop), table.c.at >= since, spoken_of).order_by(table.c.by)
        with self.engine.connect() as connection:
            return tuple((by, int(right), int(wrong)) for by, right, wrong in connection.execute(wanted))

    def words(self, loop: str, version: int | None = None) -> tuple[tuple[str, str | None, Feedback], ...]:
        """Every last word on answers of a version, or of all, oldest first: (digest of text, key answered, word)."""
        wanted = select(predictions.c.text_digest, predictions.c.key.label("answered"), table)
        wanted = wanted.join(predictions, predictions.c.id == table.c.prediction)
        wanted = wanted.where(table.c.loop == spelled(loop))
        wanted = wanted if version is None else wanted.where(predictions.c.version == version)
        with self.engine.connect() as connection:
            rows = connection.execute(wanted.order_by(table.c.at, table.c.prediction, table.c.by)).all()
        fields = Feedback.__slots__
        return tuple(
            (row.text_digest, row.answered, Feedback(**{field: getattr(row, field) for field in fields}))
            for row in rows
        )

    def count(self, by: str, since: datetime) -> int:
        """On how many predictions `by` spoke at or after `since`."""
        wanted = select(func.count()).select_from(table).where(table.c.by == spelled(by), table.c.at >= since)
        with self.engine.connect() as connection:
            return int(connection.execute(wanted).scalar_one())


def _counted(verdict: str) -> ColumnElement[int]:
    return func.sum(case((table.c.verdict == verdict, 1), else_=0))
