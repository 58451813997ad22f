"""Every pass of the monitor is kept, whatever was found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from evertopic.records import (
    Check,
    DriftReport,
    DriftVerdict,
    Interval,
    Measure,
    Performance,
    TopicShift,
    Window,
)
from evertopic.storage.store import Store
from tests.unit.storage.answers import NOW

HOUR = timedelta(hours=1)
WINDOW = Window("windows/w", "w" * 32, NOW - HOUR, NOW, 120, 100, 20)
SHIFTS = (TopicShift("k1", "fires 🔥", 0.25, 0.5, 0.01), TopicShift(None, "unassigned", 0.05, 0.2, None))
FOUND = DriftVerdict(
    "novelty", "new subject", "drift", 1.25, 1e-300, 1 / 720, 0.21, "high", 30, "कथा: it is new.", ("d1", "served:a"),
    SHIFTS, 0.5,
)  # fmt: skip
REFUSED = DriftVerdict(
    "topic_mix", "other proportions", "refused", None, None, 0.01, None, "none", 50, "topic_mix needs 50, it has 3."
)
MEASURE = Measure("accuracy", Interval(0.9, 0.8, 0.95), None, 40, "higher", "degrading", Interval(-0.01, -0.02, -0.001))


def check(number: str = "c1", at: datetime = NOW, loop: str = "news", version: int = 3) -> Check:
    drift = DriftReport(loop, "news", version, at, WINDOW, (FOUND, REFUSED), {"k1": 60, "unassigned": 60})
    performance = Performance((MEASURE,), 36, 4, 3)
    return Check(number, loop, at, "news", version, WINDOW, drift, performance, "checks/a/drift.html", 1.5)


def test_a_check_comes_back(store: Store) -> None:
    """All of it, the tiniest p, what was refused, words of any script, tuples as tuples, times in UTC."""
    assert store.checks.add(check())
    assert store.checks.get("c1") == check()
    assert store.checks.list("news") == (check(),)


def test_nothing_happened(store: Store) -> None:
    """A check of an empty window without a verdict is kept like any other."""
    window = replace(WINDOW, since=None, documents=0, ingested=0, served=0)
    quiet = replace(
        check(), window=window, page=None, drift=DriftReport("news", "news", 3, NOW, window, ()),
        performance=Performance((), 0, 0, 0),
    )  # fmt: skip
    store.checks.add(quiet)
    assert store.checks.get("c1") == quiet


def test_a_check_that_is_there_stays(store: Store) -> None:
    """A task that was run again adds nothing, and changes nothing."""
    assert store.checks.add(check())
    assert not store.checks.add(replace(check(), seconds=9.0))
    assert store.checks.get("c1") == check()


def test_newest_first(store: Store) -> None:
    """By time; of one time, by id; so many at most."""
    for number, hours in (("a", 0), ("c", 1), ("b", 1), ("d", -2)):
        store.checks.add(check(number, NOW + hours * HOUR))
    assert [one.id for one in store.checks.list("news")] == ["c", "b", "a", "d"]
    assert [one.id for one in store.checks.list("news", limit=2)] == ["c", "b"]
    assert store.checks.list("news", limit=0) == ()


def test_of_one_champion(store: Store) -> None:
    """Those of another version or of another loop are not asked for."""
    store.checks.add(check("a", version=3))
    store.checks.add(check("b", version=4))
    store.checks.add(check("c", loop="mail"))
    assert [one.id for one in store.checks.list("news", version=4)] == ["b"]
    assert [one.id for one in store.checks.list("mail")] == ["c"]
    assert store.checks.list("mail", version=4) == ()


def test_before_a_time(store: Store) -> None:
    """Up to, not at, whatever zone the time is told in."""
    store.checks.add(check("a", NOW - HOUR))
    store.checks.add(check("b", NOW))
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert [one.id for one in store.checks.list("news", until=there)] == ["a"]
    assert [one.id for one in store.checks.list("news", until=NOW + timedelta(microseconds=1))] == ["b", "a"]


def test_nobody_knows_it(store: Store) -> None:
    """No check of that id, no check of that loop."""
    assert store.checks.get("nothing") is None
    assert store.checks.list("nothing") == ()


def test_times_are_in_utc(store: Store) -> None:
    """A check of another zone comes back as the same moment."""
    store.checks.add(check(at=NOW.astimezone(timezone(timedelta(hours=-8)))))
    found = store.checks.get("c1")
    assert found is not None
    assert found.at == NOW
    assert found.at.tzinfo == UTC
