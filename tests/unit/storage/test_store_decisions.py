"""Decisions: kept whatever they were, found again by time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from evertopic.errors import BadInput
from evertopic.records import Decision
from evertopic.storage.store import Store
from tests.unit.triggers.situations import DAY, HOUR, NOW, evaluation

SILENT = replace(evaluation("age", fired=False, priority=5), value=None, threshold=None)
DECISION = Decision("d1", "news", NOW, "c1", 3, (evaluation(), SILENT), True, "request", "Drift: Ä 😀.", "e1")


def at(own: str, ago: timedelta, **changes: object) -> Decision:
    return replace(DECISION, id=own, at=NOW - ago, **changes)


def test_round_trip(store: Store) -> None:
    """What was decided comes back as it was; the same again is left as it is."""
    assert store.decisions.add(DECISION)
    assert not store.decisions.add(replace(DECISION, reason="another"))
    assert store.decisions.get("d1") == DECISION
    assert store.decisions.get("d2") is None
    bare = replace(DECISION, id="d2", check=None, evaluations=(), fired=False, action="nothing", episode=None)
    assert store.decisions.add(bare)
    assert store.decisions.get("d2") == bare


def test_list(store: Store) -> None:
    """Of one loop, newest first, from `since` on and before `until`, so many at most."""
    days = [at(f"d{days}", days * DAY) for days in range(4)]
    for decision in (*days[::-1], at("other", HOUR, loop="other")):
        store.decisions.add(decision)
    assert store.decisions.list("news") == tuple(days)
    assert store.decisions.list("news", limit=2) == tuple(days[:2])
    assert store.decisions.list("news", until=NOW) == tuple(days[1:])
    assert store.decisions.list("news", since=NOW - DAY) == tuple(days[:2])
    assert store.decisions.list("nobody") == ()
    with pytest.raises(BadInput, match="no zone"):
        store.decisions.list("news", until=NOW.replace(tzinfo=None))


def test_what_came_of_it_is_told_once(store: Store) -> None:
    """A sentence is added at the end; the same again is not, and an unknown decision stays unknown."""
    store.decisions.add(DECISION)
    for _ in range(2):
        store.decisions.add_to_reason("d1", "Prefect was away.")
    store.decisions.add_to_reason("d9", "Nobody.")
    found = store.decisions.get("d1")
    assert found is not None
    assert found.reason == "Drift: Ä 😀. Prefect was away."


def test_foreign_words_are_kept(store: Store) -> None:
    """What a person gave as a reason may hold what no database takes."""
    asked = replace(evaluation("manual"), reason="half \ud800 and \x00")
    assert store.decisions.add(replace(DECISION, evaluations=(asked,), reason="half \ud800 and \x00"))
    found = store.decisions.get("d1")
    assert found is not None
    assert (found.reason, found.evaluations[0].reason) == ("half \\ud800 and \\x00",) * 2
