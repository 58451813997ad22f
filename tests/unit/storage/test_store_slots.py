"""The slot of a loop: one holder, freed at once when its process is gone, and after minutes when its host is."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from evertopic.storage.processes import UNKNOWN, started, this_host
from evertopic.storage.store import Store
from evertopic.storage.store.slots import SILENCE, Slot
from tests.unit.triggers.situations import NOW

SECOND = timedelta(seconds=1)
OWN = Slot("news", "run 1", this_host(), os.getpid(), started(os.getpid()) or UNKNOWN, NOW, NOW, "e1")
AWAY = replace(OWN, holder="run 2", host="another machine", episode=None)


def later(slot: Slot, by: timedelta) -> Slot:
    return replace(slot, taken_at=NOW + by, beats_at=NOW + by)


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    """A process that waits to be killed."""
    wait = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"]
    with subprocess.Popen(wait, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process
        process.kill()


def test_take_and_release(store: Store) -> None:
    """Taken once, kept against others, given back by its holder alone; other loops have their own."""
    assert store.slots.take(OWN) is OWN
    assert store.slots.take(AWAY) == OWN
    other = replace(AWAY, loop="other")
    assert store.slots.take(other) is other
    assert not store.slots.release(AWAY)
    assert store.slots.get("news", NOW) == OWN
    assert store.slots.release(OWN)
    assert store.slots.get("news", NOW) is None
    assert not store.slots.release(OWN)
    assert store.slots.take(AWAY) is AWAY


def test_the_same_run_again(store: Store) -> None:
    """A run that Prefect starts again in another process takes its slot over; the former process has lost it."""
    store.slots.take(OWN)
    again = replace(OWN, pid=1, pid_started=1.0, host="another machine")
    assert store.slots.take(again) is again
    assert not store.slots.beat(OWN, NOW + SECOND)
    assert store.slots.beat(again, NOW + SECOND)


def test_the_same_run_beside_itself(store: Store, child: subprocess.Popen[str]) -> None:
    """A run that Prefect gave up too soon and a person starts again waits for its first process, which still works."""
    first = replace(OWN, pid=child.pid, pid_started=started(child.pid) or UNKNOWN)
    store.slots.take(first)
    assert store.slots.take(OWN) == first
    assert store.slots.take(later(first, SECOND)).beats_at == NOW + SECOND  # the very process may ask twice
    child.kill()
    child.wait()
    assert store.slots.take(OWN) is OWN


@pytest.mark.parametrize("reaped", [True, False])
def test_a_killed_process_frees_it_at_once(store: Store, child: subprocess.Popen[str], reaped: bool) -> None:
    """Kill -9, and the next one takes it in the same second; also while nobody has looked after the dead process."""
    held = replace(OWN, pid=child.pid, pid_started=started(child.pid) or UNKNOWN)
    store.slots.take(held)
    assert store.slots.take(later(AWAY, SECOND)) == held  # from afar nobody can see the process
    here = replace(OWN, holder="run 3")
    assert store.slots.take(here) == held
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | (0 if reaped else os.WNOWAIT))
    assert store.slots.live("news", "another machine", NOW) == held
    assert store.slots.live("news", this_host(), NOW) is None
    assert store.slots.take(here) is here


def test_another_process_under_the_same_number(store: Store) -> None:
    """A process that was started at another moment is another one."""
    store.slots.take(replace(OWN, pid_started=OWN.pid_started + 1))
    assert store.slots.take(replace(OWN, holder="run 3")).holder == "run 3"


def test_a_lost_host_frees_it_after_minutes(store: Store) -> None:
    """Five minutes without a beat are allowed, a second more is not; the one who was silent learns it."""
    store.slots.take(AWAY)
    assert store.slots.take(later(OWN, SILENCE)) == AWAY
    assert store.slots.beat(AWAY, NOW + SECOND)
    assert store.slots.take(later(OWN, SILENCE + SECOND)).holder == AWAY.holder
    taken = later(OWN, SILENCE + 2 * SECOND)
    assert store.slots.take(taken) is taken
    assert not store.slots.beat(AWAY, NOW + SILENCE)
    assert not store.slots.release(AWAY)


def test_a_holder_from_the_future(store: Store) -> None:
    """A clock was set back by a year: the holder is believed once, and lost five minutes later."""
    ahead = later(AWAY, timedelta(days=365))
    store.slots.take(ahead)
    assert store.slots.take(OWN) == replace(ahead, beats_at=NOW)
    taken = later(OWN, SILENCE + SECOND)
    assert store.slots.take(taken) is taken


def test_of_many_at_once_one_takes_it(store: Store) -> None:
    """Twenty threads: one has it, all others are told who."""
    start = Barrier(20)

    def come(number: int) -> str:
        start.wait()
        return store.slots.take(replace(AWAY, holder=f"run {number}")).holder

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(come, range(20)))) == 1


def test_of_many_that_find_a_lost_one_one_takes_it(store: Store, at_once: Callable[..., list[int]]) -> None:
    """Five processes after a lost host: one has it, which its exit code tells."""
    store.slots.take(AWAY)
    prepare = (
        "from evertopic.storage.store import open_store\n"
        "from dataclasses import replace\n"
        "from uuid import uuid4\n"
        "from tests.unit.storage.test_store_slots import OWN, SILENCE, SECOND, later\n"
        "store = open_store(sys.argv[1])\n"
        "own = replace(later(OWN, SILENCE + SECOND), holder=uuid4().hex)\n"
    )
    url = store.engine.url.render_as_string(hide_password=False)
    assert sorted(at_once(5, prepare, "sys.exit(10 + (store.slots.take(own) is own))", url)) == [10] * 4 + [11]
