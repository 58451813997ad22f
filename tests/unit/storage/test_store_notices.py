"""However many ask at once, people are told once in a cool-down."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from evertopic.records import Notice
from evertopic.storage.store import Store
from tests.unit.storage.answers import NOW

NOTICE = Notice("demo", "promoted", "version 4", "info", "Version 4 answers", "Better.")
HOUR = timedelta(hours=1)
CLAIMS = """
from datetime import UTC, datetime, timedelta
from evertopic.records import Notice
from evertopic.storage.store import open_store
store = open_store(sys.argv[1])
notice = Notice("demo", "promoted", "version 4", "info", "Version 4 answers", "Better.")
"""
CLAIM = """
import os
at = datetime(2026, 3, 1, 12, tzinfo=UTC)
sys.exit(40 + sum(store.notices.claim(f"{os.getpid()}-{n}", notice, "", at=at, cool_down=timedelta(hours=1))
                  for n in range(10)))
"""


def claim(store: Store, id: str, notice: Notice = NOTICE, *, after: timedelta = timedelta(0)) -> bool:  # noqa: A002
    return store.notices.claim(id, notice, notice.body, at=NOW + after, cool_down=HOUR)


def outcomes(store: Store) -> dict[str, str]:
    return {line.id: line.outcome for line in store.notices.list()}


def test_a_storm_is_one_message(store: Store) -> None:
    """A hundred at the same instant: one is to send, 99 are kept as suppressed."""
    start = Barrier(100)

    def ask(number: int) -> bool:
        start.wait(30)
        return claim(store, f"n{number:03d}")

    with ThreadPoolExecutor(100) as pool:
        claimed = list(pool.map(ask, range(100)))
    assert sum(claimed) == 1
    assert sorted(outcomes(store).values()) == ["sending"] + ["suppressed"] * 99


def test_a_storm_of_processes(store_url: str, at_once: Callable[[int, str, str, str], list[int]]) -> None:
    """The same among processes: one of them claims once, the others never."""
    assert sorted(at_once(2, CLAIMS, CLAIM, store_url)) == [40, 41]


def test_cool_down(store: Store) -> None:
    """After it was delivered, the same is told again when the cool-down is over, and not before."""
    assert claim(store, "a")
    store.notices.close("a", "delivered")
    assert not claim(store, "b", after=HOUR - timedelta(seconds=1))
    assert claim(store, "c", after=HOUR)


@pytest.mark.parametrize("other", [{"loop": "papers"}, {"event": "rolled back"}, {"subject": "version 5"}])
def test_only_the_same_is_held_back(store: Store, other: dict[str, str]) -> None:
    """Another loop, event or subject is news at once; another title or severity is not."""
    assert claim(store, "a")
    assert claim(store, "b", replace(NOTICE, **other))
    assert not claim(store, "c", replace(NOTICE, title="Other words", severity="critical"))


def test_what_failed_is_tried_again(store: Store) -> None:
    """A notice that nobody received does not keep the next one back; nor does one whose sender died."""
    assert claim(store, "a")
    store.notices.close("a", "failed")
    assert claim(store, "b", after=timedelta(seconds=1))
    assert not claim(store, "c", after=timedelta(seconds=2))
    assert claim(store, "d", after=timedelta(minutes=6))


def test_nobody_to_tell_is_told_once(store: Store) -> None:
    """Without a receiver, too, one line an hour is enough."""
    assert claim(store, "a")
    store.notices.close("a", "no receiver")
    assert not claim(store, "b")


def test_a_clock_set_back(store: Store) -> None:
    """A notice from the future holds others back as one from the past does, and no longer."""
    assert claim(store, "a", after=timedelta(days=9))
    store.notices.close("a", "delivered")
    assert claim(store, "b")
    store.notices.close("b", "delivered")
    assert not claim(store, "c", after=-timedelta(minutes=30))


def test_listed(store: Store) -> None:
    """Newest first, of one loop or of all, with all that was told; NUL and half characters are spelled out."""
    odd = replace(NOTICE, title="a\x00b\ud800", loop="papers")
    assert claim(store, "a")
    store.notices.put("b", odd, "body", at=NOW + HOUR, outcome="suppressed")
    assert [line.id for line in store.notices.list()] == ["b", "a"]
    assert [line.id for line in store.notices.list(limit=1)] == ["b"]
    (line,) = store.notices.list("demo")
    assert (line.event, line.subject, line.at, line.severity) == ("promoted", "version 4", NOW, "info")
    assert (line.title, line.body, line.outcome) == ("Version 4 answers", "Better.", "sending")
    assert store.notices.list("papers")[0].title == "a\\x00b\\ud800"
