"""While a process holds the slot of a loop nobody else retrains it; how it ends is kept."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from prefect.exceptions import Pause

from evertopic.errors import NotEnoughDocuments, Refusal, Unavailable
from evertopic.records import Episode
from evertopic.storage.store import Store, open_store
from evertopic.storage.store.slots import SILENCE, Slot
from tasks.job import Job
from tasks.slot import SlotHold, beating, close_episode, holding_slot, this_process
from tests.unit.storage.databases import eventually
from tests.unit.tasks.loops import Watch, job
from tests.unit.triggers.situations import NOW, episode

AWAY = Slot("news", "run 2", "another machine", 1, 1.0, NOW, NOW, None)


@pytest.fixture
def loop(tmp_path: Path, store_url: str) -> Job:
    return job(tmp_path, store_url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    opened.episodes.open_or_join(episode())
    yield opened
    opened.close()


def found(store: Store) -> Episode:
    one = store.episodes.get("e1")
    assert one is not None
    return one


def test_it_is_held_and_given_back(loop: Job, store: Store) -> None:
    """Others are refused meanwhile, with the name of who holds it; afterwards it is free, and one attempt was made."""
    with holding_slot(loop, "e1", "drift", clock=Watch()) as hold:
        hold.require()
        assert store.slots.take(AWAY) == hold.slot
        assert found(store).attempts == 1
        assert found(store).run == hold.slot.holder
    assert store.slots.get("news", NOW) is None
    assert (found(store).state, found(store).failed_at) == ("open", None)


def test_it_is_refused(loop: Job, store: Store) -> None:
    """While another holds it nothing begins, and nothing is counted."""
    store.slots.take(AWAY)
    refused = "retrained already, by run 2 on another machine"
    with pytest.raises(Refusal, match=refused), holding_slot(loop, "e1", "drift", clock=Watch()):
        pass
    assert found(store).attempts == 0
    assert store.slots.get("news", NOW) == AWAY


def test_a_failure_is_kept(loop: Job, store: Store) -> None:
    """The error goes on, the slot is free, and the episode knows when and why: the back-off begins."""
    watch = Watch()

    def fail() -> None:
        with holding_slot(loop, "e1", "drift", clock=watch):
            watch.on(hours=1)
            raise MemoryError("no room")

    with pytest.raises(MemoryError):
        fail()
    assert found(store).failed_at == watch.now
    assert found(store).outcome == "attempt failed: MemoryError: no room"
    assert store.slots.get("news", NOW) is None


def test_a_refusal_is_no_failure(loop: Job, store: Store) -> None:
    """What was declined on purpose is not tried again."""
    with pytest.raises(NotEnoughDocuments), holding_slot(loop, "e1", "drift", clock=Watch()):
        raise NotEnoughDocuments("12 documents, 200 needed.")
    assert (found(store).state, found(store).outcome) == ("done", "refused: 12 documents, 200 needed.")


def test_a_pause_is_no_failure(loop: Job, store: Store) -> None:
    """A run that Prefect suspends, to go on later in another process, has not failed."""
    with pytest.raises(Pause), holding_slot(loop, "e1", "drift", clock=Watch()):
        raise Pause(state=None)
    assert (found(store).state, found(store).failed_at, found(store).attempts) == ("open", None, 1)


def test_a_lost_slot_ends_no_episode(loop: Job, store: Store) -> None:
    """The episode belongs to the retraining that took over: the one that lost it closes nothing and fails nothing."""

    def lose() -> None:
        with holding_slot(loop, "e1", "drift", clock=Watch(), beat_s=0.02) as hold:
            late = NOW + SILENCE + timedelta(minutes=1)
            store.slots.take(replace(AWAY, taken_at=late, beats_at=late))
            assert hold.lost.wait(20)
            hold.require()

    with pytest.raises(Refusal, match="was lost"):
        lose()
    assert (found(store).state, found(store).failed_at) == ("open", None)


def test_an_ended_need(loop: Job, store: Store) -> None:
    """A run that starts late, when its episode has ended, does nothing and says what to do."""
    assert close_episode.fn(loop, "e1", "promoted", clock=Watch())
    assert not close_episode.fn(loop, "e1", "held", clock=Watch())
    with pytest.raises(Refusal, match="has ended already: promoted"), holding_slot(loop, "e1", "drift"):
        pass
    assert store.slots.get("news", NOW) is None


class Ending:
    """Slots of a loop whose retraining ends, and frees the slot, while another one comes for it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def take(self, slot: Slot) -> Slot:
        self.store.episodes.close("e1", "done", NOW, "promoted")
        return self.store.slots.take(slot)

    def release(self, slot: Slot) -> bool:
        return self.store.slots.release(slot)


@dataclass
class Surprised:
    """That loop."""

    store_: Store
    config: object

    def store(self) -> object:
        return SimpleNamespace(episodes=self.store_.episodes, slots=Ending(self.store_), close=lambda: None)


def test_an_end_in_between(loop: Job, store: Store) -> None:
    """Whoever gets the slot because the need has just ended does nothing, and gives it back."""
    surprised: Any = Surprised(store, loop.config)
    with pytest.raises(Refusal, match="has ended already"), holding_slot(surprised, "e1", "drift", clock=Watch()):
        pass
    assert store.slots.get("news", NOW) is None
    assert found(store).outcome == "promoted"


def test_without_an_episode(loop: Job, store: Store) -> None:
    """A person's own retraining holds the slot and ends no episode."""
    with holding_slot(loop, None, "by hand", clock=Watch()) as hold:
        assert store.slots.take(AWAY) == hold.slot
    assert not close_episode.fn(loop, None, "promoted")
    assert found(store) == episode()


def test_a_lost_slot_is_told(loop: Job, store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """One that was silent for too long learns that another has it, loudly, and may release nothing."""
    caplog.set_level(logging.CRITICAL)
    with holding_slot(loop, None, "drift", clock=Watch(), beat_s=0.02) as hold:
        late = NOW + SILENCE + timedelta(minutes=1)
        assert store.slots.take(replace(AWAY, taken_at=late, beats_at=late)).holder == "run 2"
        assert hold.lost.wait(20)
        with pytest.raises(Refusal, match="was lost to another retraining"):
            hold.require()
    assert "THE SLOT OF news WAS LOST" in caplog.text
    held = store.slots.get("news", late)
    assert held is not None
    assert held.holder == "run 2"


class Outage:
    """Slots in a database that is away for the first beats, and when the slot is given back."""

    def __init__(self, away: int) -> None:
        self.away, self.beats, self.answered = away, list[datetime](), Event()

    def beat(self, slot: Slot, now: datetime) -> bool:
        self.beats.append(now)
        if len(self.beats) <= self.away:
            raise Unavailable("the database is away")
        self.answered.set()
        return True

    def release(self, slot: Slot) -> bool:
        raise Unavailable("the database is away")


def test_a_short_outage_is_outlived(caplog: pytest.LogCaptureFixture) -> None:
    """Beats that fail are tried again, and a slot that cannot be given back fails nothing."""
    slots, hold = Outage(3), SlotHold(this_process("news", None, NOW))
    with beating(slots, hold, Watch(), 0.01):  # type: ignore[arg-type]
        assert slots.answered.wait(20)
        hold.require()
    assert caplog.text.count("No beat for the slot of news") == 3
    assert "frees itself when this process ends" in caplog.text


def test_it_beats(loop: Job, store: Store) -> None:
    """Each beat is of the time it is made at."""
    watch = Watch()
    with holding_slot(loop, None, "drift", clock=watch, beat_s=0.01):
        then = watch.on(minutes=3)
        eventually(lambda: store.slots.get("news", then).beats_at == then)  # type: ignore[union-attr]


HOLD = """
import sys
from pathlib import Path
from tasks.slot import holding_slot
from tests.unit.tasks.loops import job
with holding_slot(job(Path(sys.argv[1]), sys.argv[2]), "e1", "drift"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_kill_9(loop: Job, store: Store, tmp_path: Path, store_url: str) -> None:
    """The process that retrains is killed: the next one takes the slot at once, for the second attempt."""
    command = [sys.executable, "-c", HOLD, str(tmp_path), store_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Refusal, match="retrained already"), holding_slot(loop, "e1", "drift"):
            pass
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    first = found(store).run
    with holding_slot(loop, "e1", "again") as hold:
        assert found(store).run == hold.slot.holder != first
        assert found(store).attempts == 2
