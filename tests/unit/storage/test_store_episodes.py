"""Episodes: one open at most in each loop, whoever comes at once; attempts, failures, the end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from evertopic.records import Episode
from evertopic.storage.store import Store
from tests.unit.triggers.situations import DAY, HOUR, NOW, episode

FIRST = episode()


def now_of(store: Store, own: str = "e1") -> Episode:
    found = store.episodes.get(own)
    assert found is not None
    return found


def test_open_or_join(store: Store) -> None:
    """The first one opens, the next one joins it; another loop has its own; a closed one makes room."""
    assert store.episodes.open_or_join(FIRST) == (FIRST, True)
    assert store.episodes.open_or_join(replace(FIRST, id="e2")) == (FIRST, False)
    assert store.episodes.open_or_join(FIRST) == (FIRST, False)
    other = replace(FIRST, id="e3", loop="other")
    assert store.episodes.open_or_join(other) == (other, True)
    assert store.episodes.close("e1", "done", NOW, "promoted")
    second = replace(FIRST, id="e2")
    assert store.episodes.open_or_join(second) == (second, True)
    assert now_of(store) == replace(FIRST, state="done", closed_at=NOW, outcome="promoted")


def test_fifty_threads_open_one(store: Store) -> None:
    """Fifty triggers at once: one episode, and all fifty are told which."""
    start = Barrier(50)

    def come(number: int) -> tuple[Episode, bool]:
        start.wait()
        return store.episodes.open_or_join(replace(FIRST, id=f"e{number}"))

    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(come, range(50)))
    assert len({one.id for one, _ in found}) == 1
    assert sum(new for _, new in found) == 1
    assert len(store.episodes.list("news")) == 1


def test_processes_open_one(store: Store, store_url: str, at_once: Callable[..., list[int]]) -> None:
    """Six processes at once: one opens, which its exit code tells."""
    prepare = (
        "from evertopic.storage.store import open_store\n"
        "from dataclasses import replace\n"
        "from uuid import uuid4\n"
        "from tests.unit.triggers.situations import episode\n"
        "store = open_store(sys.argv[1])\n"
    )
    act = "sys.exit(10 + store.episodes.open_or_join(replace(episode(), id=uuid4().hex))[1])"
    assert sorted(at_once(6, prepare, act, store_url)) == [10] * 5 + [11]


def test_attempts(store: Store) -> None:
    """The same run is the same attempt; a failure is news once; the next attempt wipes it out."""
    store.episodes.open_or_join(FIRST)
    assert store.episodes.begin_attempt("e1", "r1", NOW)
    assert not store.episodes.begin_attempt("e1", "r1", NOW + HOUR)
    assert now_of(store) == replace(FIRST, attempts=1, run="r1", requested_at=NOW)
    assert not store.episodes.fail_attempt("e1", "r0", NOW, "another run")
    assert store.episodes.fail_attempt("e1", "r1", NOW + HOUR, "out of memory")
    assert not store.episodes.fail_attempt("e1", "r1", NOW + DAY, "told again")
    assert (now_of(store).failed_at, now_of(store).outcome) == (NOW + HOUR, "out of memory")
    assert store.episodes.begin_attempt("e1", "r2", NOW + DAY)
    assert (now_of(store).attempts, now_of(store).failed_at, now_of(store).run) == (2, None, "r2")


def test_take_back(store: Store) -> None:
    """A run that could not begin was no attempt."""
    store.episodes.open_or_join(FIRST)
    store.episodes.begin_attempt("e1", "r1", NOW)
    assert not store.episodes.take_back("e1", "r0")
    assert store.episodes.take_back("e1", "r1")
    assert (now_of(store).attempts, now_of(store).run) == (0, None)


def test_a_closed_episode_never_changes(store: Store) -> None:
    """What comes late, from a run that nobody waits for any more, changes nothing."""
    store.episodes.open_or_join(FIRST)
    store.episodes.begin_attempt("e1", "r1", NOW)
    assert store.episodes.close("e1", "gave up", NOW, "three failures")
    ended = now_of(store)
    assert not store.episodes.close("e1", "done", NOW + DAY, "promoted")
    assert not store.episodes.begin_attempt("e1", "r2", NOW)
    assert not store.episodes.fail_attempt("e1", "r1", NOW, "late")
    assert not store.episodes.take_back("e1", "r1")
    assert now_of(store) == ended


def test_list(store: Store) -> None:
    """The open one first, then newest first; before a time, so many at most."""
    for days, own in ((3, "e1"), (2, "e2")):
        store.episodes.open_or_join(replace(FIRST, id=own, opened_at=NOW - days * DAY))
        store.episodes.close(own, "done", NOW, "promoted")
    store.episodes.open_or_join(replace(FIRST, id="e3", opened_at=NOW - 9 * DAY))  # a clock was set back
    assert [one.id for one in store.episodes.list("news")] == ["e3", "e2", "e1"]
    assert [one.id for one in store.episodes.list("news", limit=2)] == ["e3", "e2"]
    assert [one.id for one in store.episodes.list("news", until=NOW - 2 * DAY)] == ["e3", "e1"]
    assert store.episodes.list("other") == ()


def test_pull_back(store: Store) -> None:
    """Times far after now become now; others stay, those a little ahead and of other loops too."""
    store.episodes.open_or_join(replace(FIRST, opened_at=NOW - DAY))
    store.episodes.begin_attempt("e1", "r0", NOW + HOUR)
    assert store.episodes.pull_back("news", NOW) == 0
    store.episodes.begin_attempt("e1", "r1", NOW + DAY)
    store.episodes.fail_attempt("e1", "r1", NOW + 2 * DAY, "failed")
    store.episodes.open_or_join(replace(FIRST, id="o1", loop="other", opened_at=NOW + DAY))
    assert store.episodes.pull_back("news", NOW) == 1
    assert store.episodes.pull_back("news", NOW) == 0
    found = now_of(store)
    assert (found.opened_at, found.requested_at, found.failed_at, found.closed_at) == (NOW - DAY, NOW, NOW, None)
    assert now_of(store, "o1").opened_at == NOW + DAY
