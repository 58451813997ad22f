"""Answers are counted by the database."""

from datetime import date, datetime, timedelta, timezone

from evertopic.records import ServedStats
from evertopic.storage.store import Store
from tests.unit.storage.answers import NOW, answer, say


def test_stats(store: Store) -> None:
    """Answers are counted by topic, version, day and rule; feedback by verdict, on the answers asked for."""
    store.predictions.add(
        [
            answer(0, name="old name", strength=0.5),
            answer(1, name="new name", strength=1.0),
            answer(2, key=None, name="unassigned", version=4, strength=0.0),
            answer(86_400, key="rule:legal", name="legal", rule="legal", version=4, strength=0.5),
            answer(86_401, key="t123456", name="new name", rule="sport", strength=0.5),
            answer(86_402, loop="other"),
        ]
    )
    for number, verdict in ((0, "right"), (1, "wrong"), (86_400, "wrong"), (86_402, "right"), (77, "right")):
        say(store, number, verdict)
    say(store, 1, "wrong", by="you")
    assert store.predictions.stats("news") == ServedStats(
        total=5,
        unassigned=1,
        mean_strength=0.5,  # (0.5 + 1 + 0 + 0.5 + 0.5) / 5
        by_key=(("t123456", "new name", 3), (None, "unassigned", 1), ("rule:legal", "legal", 1)),
        by_version=((4, 2), (3, 3)),
        by_day=((date(2024, 5, 1), 3), (date(2024, 5, 2), 2)),
        by_rule=(("legal", 1), ("sport", 1)),
        right=1,
        wrong=3,
    )
    later = store.predictions.stats("news", since=NOW + timedelta(seconds=1), until=NOW + timedelta(days=1))
    assert (later.total, later.unassigned, later.right, later.wrong) == (2, 1, 0, 2)


def test_days_are_of_utc(store: Store) -> None:
    """A moment counts to its day in UTC, wherever it was told."""
    tokyo = timezone(timedelta(hours=9))
    store.predictions.add(
        [
            answer(1, at=datetime(2024, 5, 2, 8, 59, 59, 999_999, tzinfo=tokyo)),
            answer(2, at=datetime(2024, 5, 2, 9, tzinfo=tokyo)),
        ]
    )
    assert store.predictions.stats("news").by_day == ((date(2024, 5, 1), 1), (date(2024, 5, 2), 1))


def test_no_stats(store: Store) -> None:
    """Without answers all counts are nothing, and there is no mean."""
    assert store.predictions.stats("news") == ServedStats(0, 0, None, (), (), (), (), 0, 0)
