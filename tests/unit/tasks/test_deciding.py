"""A decision is kept whatever it is; one need opens one episode, however many see it at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from evertopic.records import Decision, Episode, Situation
from evertopic.storage.store import Store, open_store
from evertopic.storage.store.slots import Slot
from tasks.deciding import decide_on
from tests.unit.tasks.loops import config
from tests.unit.triggers.situations import DAY, HOUR, NOW, report, situation, verdict

DRIFTED = situation(drift=(report(verdict("drift")),))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def decided(root: Path, store: Store, of: Situation = DRIFTED, at: datetime = NOW, **retrain: Any) -> Decision:
    return decide_on(config(root, retrain=retrain), store, replace(of, now=at, trained_at=at - DAY), "c1")


def only(store: Store) -> Episode:
    (one,) = store.episodes.list("news")
    return one


def test_nothing(root: Path, store: Store) -> None:
    """A quiet check is a decision too, with what every trigger said."""
    decision = decided(root, store, situation())
    assert (decision.fired, decision.action, decision.episode) == (False, "nothing", None)
    assert decision.reason == "None of 5 triggers fired."
    assert [one.trigger for one in decision.evaluations] == [
        "drift",
        "performance",
        "feedback",
        "unassigned",
        "age",
        "manual",
    ]
    assert store.decisions.list("news") == (decision,)
    assert store.episodes.list("news") == ()


def test_it_opens_once_and_stays_open(root: Path, store: Store) -> None:
    """The first decision opens an episode with its reasons, the next ones join it, also when nothing fires any more."""
    first = decided(root, store)
    assert (first.action, first.episode) == ("request", only(store).id)
    assert only(store).triggers == ("drift",)
    assert only(store).reasons[0].startswith("1 detector of 1 said new subject")
    for of in (DRIFTED, situation(), replace(DRIFTED, asked="now")):
        again = decided(root, store, of, NOW + HOUR)
        assert (again.action, again.episode) == ("open", first.episode)
    assert len(store.decisions.list("news")) == 4


def test_fifty_at_once(root: Path, store: Store) -> None:
    """Fifty triggers at once: fifty decisions are kept, one of them requests, all speak of one episode."""
    start = Barrier(50)

    def come(number: int) -> Decision:
        start.wait()
        return decided(root, store, replace(DRIFTED, asked=f"by {number}"))

    with ThreadPoolExecutor(50) as pool:
        decisions = list(pool.map(come, range(50)))
    assert sorted(one.action for one in decisions) == ["open"] * 49 + ["request"]
    assert {one.episode for one in decisions} == {only(store).id}
    assert len(store.decisions.list("news")) == 50


def test_failures(root: Path, store: Store) -> None:
    """Back-off, the next attempt, and after three of them it is given up; a person may then ask for a new one."""
    decided(root, store)
    own = only(store).id
    for attempt, wait in ((1, 10), (2, 20)):
        store.episodes.begin_attempt(own, f"r{attempt}", NOW)
        store.episodes.fail_attempt(own, f"r{attempt}", NOW, "run is Crashed")
        assert decided(root, store, at=NOW + timedelta(minutes=wait - 1)).action == "backing off"
        assert decided(root, store, at=NOW + timedelta(minutes=wait)).action == "request"
    store.episodes.begin_attempt(own, "r3", NOW)
    store.episodes.fail_attempt(own, "r3", NOW, "run is Crashed")
    last = decided(root, store, at=NOW + HOUR)
    assert (last.action, last.episode) == ("gave up", own)
    assert (only(store).state, only(store).outcome) == ("gave up", "run is Crashed")
    assert decided(root, store, at=NOW + 2 * HOUR).action == "gave up"
    asked = decided(root, store, replace(situation(), asked="fixed"), at=NOW + 2 * HOUR)
    assert asked.action == "request"
    assert asked.episode not in {own, None}


def test_a_person_ends_the_wait_of_a_spent_episode(root: Path, store: Store) -> None:
    """After the last failure and before the next check, a request gives the old episode up and opens a new one."""
    old = decided(root, store, max_attempts=1).episode
    assert old is not None
    store.episodes.begin_attempt(old, "r1", NOW)
    store.episodes.fail_attempt(old, "r1", NOW, "run is Crashed")
    new = decided(root, store, replace(DRIFTED, asked="fixed"), max_attempts=1)
    assert new.action == "request"
    assert [(one.id, one.state) for one in store.episodes.list("news")] == [(new.episode, "open"), (old, "gave up")]


def test_another_champion(root: Path, store: Store) -> None:
    """A need that another release has answered is over; not while its retraining is at its last steps."""
    decided(root, store)
    moved = replace(situation(), version=4)
    slot = Slot("news", "r1", "another machine", 1, 1.0, NOW, NOW, only(store).id)
    store.slots.take(slot)
    assert decided(root, store, moved).action == "open"
    store.slots.release(slot)
    assert decided(root, store, moved).action == "nothing"
    assert only(store).outcome == "version 4 took the place of version 3 meanwhile"


@pytest.mark.parametrize("jump", [timedelta(days=-365), timedelta(days=365)])
def test_clock_jumps(root: Path, store: Store, jump: timedelta) -> None:
    """A clock that jumps a year back does not retrain at once, and does not block: a day later it may.

    One that jumps forward finds the cool-down over, as anybody would; back again it waits a day.
    """
    decided(root, store)
    store.episodes.close(only(store).id, "done", NOW + HOUR, "promoted")
    back = NOW + min(jump, timedelta(0))
    if jump > timedelta(0):
        assert decided(root, store, at=NOW + jump).action == "request"
        store.episodes.close(store.episodes.list("news")[0].id, "done", NOW + jump + HOUR, "promoted")
        back = NOW + 2 * HOUR
    assert decided(root, store, at=back).action == "cooling down"
    assert decided(root, store, at=back + timedelta(hours=23)).action == "cooling down"
    assert decided(root, store, at=back + timedelta(hours=24)).action == "request"
