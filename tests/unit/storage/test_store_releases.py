"""The ledger and the approvals, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest

from evertopic.errors import BadInput, Unavailable
from evertopic.records import Release
from evertopic.storage.store import Store

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LINE = Release("r1", "news", "news", 1, "d1", None, "first", AT, "train", "first", None, None, None, None)


def test_what_served_then(store: Store) -> None:
    """The line in force at a moment is the newest one up to it; before the first there is none."""
    second = replace(LINE, id="r2", version=2, previous=1, action="promoted", at=AT + HOUR)
    assert store.releases.add(LINE)
    assert store.releases.add(second)
    assert not store.releases.add(replace(second, why="another"))
    assert store.releases.list("news") == (second, LINE)
    assert store.releases.list("other") == ()
    assert store.releases.serving_at("news", AT - HOUR) is None
    assert store.releases.serving_at("news", AT) == LINE
    assert store.releases.serving_at("news", AT + 2 * HOUR) == second


def test_verified_later(store: Store) -> None:
    """What the canary set has shown is written beside the line."""
    store.releases.add(LINE)
    store.releases.verified("r1", "the API answers")
    assert store.releases.list("news") == (replace(LINE, verified="the API answers"),)


def test_one_release_at_a_time(store: Store) -> None:
    """While one has the turn another waits, and gives up when its patience ends; other loops are free."""
    inside, leave = Event(), Event()

    def hold() -> None:
        with store.releases.turn("news"):
            inside.set()
            leave.wait(20)

    holder = Thread(target=hold)
    holder.start()
    assert inside.wait(20)
    with pytest.raises(Unavailable), store.releases.turn("news", patience_s=0.1):
        pass
    with store.releases.turn("papers", patience_s=0.1):
        pass
    leave.set()
    holder.join()
    with store.releases.turn("news", patience_s=5):
        pass


def test_an_approval(store: Store) -> None:
    """It is asked for once, answered once, and the answer stands."""
    asked = store.approvals.ask("news", 2, asked_at=AT, until=AT + HOUR, run="a")
    assert (asked.approved, asked.run) == (None, "a")
    assert store.approvals.open("news", AT) == (asked,)
    again = store.approvals.ask("news", 2, asked_at=AT + HOUR / 2, until=AT + 2 * HOUR, run="b")
    assert again.run == "b"
    done = store.approvals.decide("news", 2, approved=True, by="anna", comment="fine", at=AT + HOUR)
    assert (done.approved, done.by, done.comment, done.decided_at) == (True, "anna", "fine", AT + HOUR)
    assert store.approvals.open("news", AT) == ()
    with pytest.raises(BadInput, match="was approved by anna before"):
        store.approvals.decide("news", 2, approved=False, by="bob", comment=None, at=AT + HOUR)
    assert store.approvals.ask("news", 2, asked_at=AT, until=AT + HOUR, run="c") == done


def test_an_approval_too_late(store: Store) -> None:
    """After its time nobody can answer, and nobody can answer what was not asked."""
    store.approvals.ask("news", 2, asked_at=AT, until=AT + HOUR, run=None)
    with pytest.raises(BadInput, match="could be approved until 2026-03-01 13:00 UTC"):
        store.approvals.decide("news", 2, approved=True, by="anna", comment=None, at=AT + HOUR)
    with pytest.raises(BadInput, match="Nobody asked"):
        store.approvals.decide("news", 3, approved=True, by="anna", comment=None, at=AT)
    assert store.approvals.open("news", AT + HOUR) == ()
