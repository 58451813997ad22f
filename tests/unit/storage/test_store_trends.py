"""Topic shares over time, as served and restated."""

from datetime import UTC, date, datetime, timedelta

import pytest

from evertopic.errors import BadInput
from evertopic.records import Restatement, Trend
from evertopic.storage.store import Store
from tests.unit.storage.answers import NOW, answer

DAY = timedelta(days=1)
EARLY = datetime(2024, 1, 1, tzinfo=UTC)


def add(store: Store, *rows: tuple[int, str | None, int], text: str | None = "a text", first: int = 0) -> None:
    """Answers as (day, key, version), numbered from `first` on."""
    store.predictions.add(
        [
            answer(first + at, at=NOW + day * DAY, key=key, name=f"name {key}", version=version, text=text)
            for at, (day, key, version) in enumerate(rows)
        ]
    )


def say(store: Store, number: int, key: str | None, version: int = 2, name: str | None = None) -> int:
    """What a version says to the text of answer `number`; 1 if that is new."""
    at = NOW + timedelta(days=number)
    return store.trends.add([Restatement(f"{number:06d}", version, "news", at, key, name or f"new {key}", 0.5)])


def counts(trend: Trend) -> dict[str | None, tuple[int, ...]]:
    return {topic.key: topic.answers for topic in trend.topics}


def test_nothing(store: Store) -> None:
    """A loop that answered nothing has a trend without periods and topics."""
    trend = store.trends.shares("news")
    assert (trend.starts, trend.answers, trend.topics, trend.changes) == ((), (), (), ())
    assert store.trends.pending("news", 1, EARLY) == ()
    assert store.trends.without_text("news", 1, EARLY) == 0


def test_days(store: Store) -> None:
    """Each day has its counts, a day without answers among them; most answers first, unassigned last."""
    add(store, (0, "b", 1), (0, "a", 1), (0, "a", 1), (0, None, 1), (0, None, 1), (0, None, 1), (2, "a", 1))
    trend = store.trends.shares("news")
    assert trend.starts == (date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 3))
    assert trend.answers == (6, 0, 1)
    assert list(counts(trend).items()) == [("a", (2, 0, 1)), ("b", (1, 0, 0)), (None, (3, 0, 0))]
    assert trend.shares(trend.topics[0]) == (2 / 6, None, 1.0)
    assert trend.version is None


def test_weeks_and_months(store: Store) -> None:
    """1 May 2024 is a Wednesday: its week began on 29 April; a month begins on its first."""
    add(store, (0, "a", 1), (5, "a", 1), (40, "a", 1), (75, "a", 1))
    weeks = store.trends.shares("news", "week")
    assert weeks.starts[:2] == (date(2024, 4, 29), date(2024, 5, 6))
    assert len(weeks.starts) == 12
    assert sum(weeks.answers) == 4
    months = store.trends.shares("news", "month")
    assert months.starts == (date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1))
    assert months.answers == (2, 1, 1)


def test_a_span_of_one_loop(store: Store) -> None:
    """`since` is within, `until` is not; other loops are not seen; a time without a zone is refused."""
    add(store, (0, "a", 1), (1, "b", 1), (2, "c", 1))
    store.predictions.add([answer(900, loop="other", at=NOW + DAY)])
    assert set(counts(store.trends.shares("news", since=NOW + DAY, until=NOW + 2 * DAY))) == {"b"}
    with pytest.raises(BadInput, match="has no zone"):
        store.trends.shares("news", since=datetime(2024, 1, 1))  # noqa: DTZ001


def test_the_latest_name(store: Store) -> None:
    """A topic is called what it was called last, and names split no topic."""
    store.predictions.add([answer(1, key="a", name="old"), answer(2, key="a", name="new")])
    (topic,) = store.trends.shares("news").topics
    assert (topic.name, topic.answers) == ("new", (2,))


def test_where_the_model_changed(store: Store) -> None:
    """A change is the first answer of another version than the first one."""
    add(store, (0, "a", 1), (1, "a", 1), (2, "b", 3), (3, "a", 1), (4, "b", 4))
    assert store.trends.shares("news").changes == ((NOW + 2 * DAY, 3), (NOW + 4 * DAY, 4))


def test_restated(store: Store) -> None:
    """As a version says: its own answers, and what it restated of others; the rest is counted apart, never mixed in."""
    add(store, (0, "a", 1), (1, "a", 1), (2, "b", 2), (3, "c", 1))
    add(store, (1, "a", 1), text=None, first=50)
    say(store, 0, "b")
    say(store, 1, None, name="unassigned")
    say(store, 1, "x", version=3)
    trend = store.trends.shares("news", version=2)
    assert counts(trend) == {"b": (1, 0, 1, 0), None: (0, 1, 0, 0)}
    assert trend.answers == (1, 1, 1, 0)
    assert (trend.without_text, trend.waiting) == ((0, 1, 0, 0), (0, 0, 0, 1))
    served = store.trends.shares("news")
    assert counts(served)["a"] == (1, 2, 0, 0)
    assert (sum(served.without_text), sum(served.waiting)) == (0, 0)


def test_what_is_left_to_restate(store: Store) -> None:
    """Answers of others with a text, since then, not restated yet; oldest first, in parts."""
    add(store, (0, "a", 1), (1, "a", 1), (2, "b", 2), (3, "c", 1), (4, "c", 1))
    add(store, (3, "a", 1), text=None, first=50)
    say(store, 3, "b")
    first = store.trends.pending("news", 2, NOW + DAY, limit=1)
    assert [one.id for one in first] == ["000001"]
    assert [one.id for one in store.trends.pending("news", 2, NOW + DAY, after=first[0])] == ["000004"]
    assert [one.id for one in store.trends.pending("news", 2, EARLY)] == ["000000", "000001", "000004"]
    assert store.trends.pending("other", 2, EARLY) == ()
    assert store.trends.without_text("news", 2, EARLY) == 1
    assert store.trends.without_text("news", 1, EARLY) == 0


def test_a_restatement_stays(store: Store) -> None:
    """The same restatement a second time changes nothing."""
    add(store, (0, "a", 1))
    assert (say(store, 0, "b"), say(store, 0, "c")) == (1, 0)
    assert counts(store.trends.shares("news", version=2)) == {"b": (1,)}


def test_it_is_forgotten_with_its_answer(store: Store) -> None:
    """Deleting old answers deletes what was restated of them."""
    add(store, (0, "a", 1), (9, "a", 1))
    say(store, 0, "b")
    say(store, 1, "b")
    assert store.predictions.forget("news", NOW + 5 * DAY) == 1
    add(store, (0, "a", 1))
    trend = store.trends.shares("news", version=2)
    assert (sum(trend.answers), sum(trend.waiting)) == (1, 1)
