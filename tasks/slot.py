"""The slot of a loop: while a process holds it no other one retrains that loop. How a retraining ends is kept too."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Literal

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.exceptions import PrefectSignal
from prefect.runtime import flow_run
from prefect.tasks import exponential_backoff

from evertopic.errors import Refusal, Unavailable
from evertopic.storage.processes import UNKNOWN, started, this_host
from evertopic.storage.store.episodes import EpisodeStore
from evertopic.storage.store.slots import Slot, SlotStore
from tasks.job import Job
from tasks.retry import when_unavailable

BEAT_S = 30.0
"""Far less than the five minutes of silence after which others take the slot."""
Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)


def now_utc() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SlotHold:
    """A slot while it is held."""

    slot: Slot
    over: Event = field(default_factory=Event)
    lost: Event = field(default_factory=Event)

    def require(self) -> None:
        """Nothing while the slot is held: ask before what only one process may do, such as moving an alias.

        Raises:
            Refusal: it was lost; another process may be retraining.
        """
        if self.lost.is_set():
            raise Refusal(
                f"The slot of {self.slot.loop} was lost to another retraining while this one was silent for minutes: "
                "nothing was released. The other one goes on."
            )


@contextmanager
def holding_slot(
    job: Job, episode: str | None, why: str, *, clock: Clock = now_utc, beat_s: float = BEAT_S
) -> Iterator[SlotHold]:
    """Hold the slot of the loop, and keep what becomes of this attempt of the episode: for all of a retraining.

    An error ends the attempt, and the next one waits; a refusal on purpose ends the episode, as trying again would not
    help. That the episode was ended well is said by `close_episode`.

    Args:
        job: the loop.
        episode: the need it serves; None: a person's own retraining, of which nothing is kept here.
        why: for the log.
        clock: the time, for every beat.
        beat_s: seconds between two beats.

    Raises:
        Refusal: another process retrains this loop, or the episode has ended already.
    """
    store = job.store()
    try:
        hold = SlotHold(_take(store.slots, job.config.name, episode, clock()))
        logger.info("Retraining %s: %s", job.config.name, why)
        with beating(store.slots, hold, clock, beat_s), _attempt(store.episodes, hold, clock):
            yield hold
    finally:
        store.close()


@task(
    task_run_name="close the episode",
    cache_policy=NO_CACHE,
    retries=3,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def close_episode(
    job: Job, episode: str | None, outcome: str, state: Literal["done", "gave up"] = "done", *, clock: Clock = now_utc
) -> bool:
    """True when the episode was open; it has ended with this outcome in words. Nothing for a retraining without one."""
    if episode is None:
        return False
    store = job.store()
    try:
        return store.episodes.close(episode, state, clock(), outcome)
    finally:
        store.close()


def this_process(loop: str, episode: str | None, now: datetime) -> Slot:
    """The slot as this process would hold it: in the name of its Prefect run where it has one."""
    host, pid = this_host(), os.getpid()
    holder = str(flow_run.id) if flow_run.id else f"{host}:{pid}"
    return Slot(loop, holder, host, pid, started(pid) or UNKNOWN, now, now, episode)


def _take(slots: SlotStore, loop: str, episode: str | None, now: datetime) -> Slot:
    own = this_process(loop, episode, now)
    held = slots.take(own)
    if held is not own:
        raise Refusal(
            f"{loop} is being retrained already, by {held.holder} on {held.host} (process {held.pid}) since "
            f"{held.taken_at:%Y-%m-%d %H:%M} UTC: wait for it, or cancel it first."
        )
    return own


@contextmanager
def beating(slots: SlotStore, hold: SlotHold, clock: Clock, beat_s: float) -> Iterator[None]:
    """While it lasts the slot says every so many seconds that its holder is alive; then it is free."""
    thread = Thread(target=_beat, args=(slots, hold, clock, beat_s), name="slot", daemon=True)
    thread.start()
    try:
        yield
    finally:
        hold.over.set()
        thread.join()
        try:
            slots.release(hold.slot)
        except Unavailable as fault:
            logger.warning("The slot of %s frees itself when this process ends: %s", hold.slot.loop, fault)


def _beat(slots: SlotStore, hold: SlotHold, clock: Clock, beat_s: float) -> None:
    while not hold.over.wait(beat_s):
        try:
            ours = slots.beat(hold.slot, clock())
        except Unavailable as fault:
            logger.warning("No beat for the slot of %s, tried again in %g s: %s", hold.slot.loop, beat_s, fault)
            continue
        if not ours:
            hold.lost.set()
            logger.critical("THE SLOT OF %s WAS LOST: another process may be retraining it.", hold.slot.loop)
            return


@contextmanager
def _attempt(episodes: EpisodeStore, hold: SlotHold, clock: Clock) -> Iterator[None]:
    slot = hold.slot
    if slot.episode is None:
        yield
        return
    _require_open(episodes, slot.loop, slot.episode)
    episodes.begin_attempt(slot.episode, slot.holder, clock())
    ended_well = False
    try:
        yield
        ended_well = True
    finally:
        fault = sys.exc_info()[1]
        # What Prefect itself interrupts (a pause, an order of the server) is no failure, and what another retraining
        # goes on with is its own.
        if not (ended_well or hold.lost.is_set() or isinstance(fault, PrefectSignal)):
            _keep_failure(episodes, slot.episode, slot.holder, fault, clock())


def _require_open(episodes: EpisodeStore, loop: str, episode: str) -> None:
    """Asked by who holds the slot already: before, another retraining might be ending the episode just then."""
    found = episodes.get(episode)
    if found is not None and found.state != "open":
        raise Refusal(
            f"The need for this retraining of {loop} has ended already: {found.outcome}. To retrain all the same, ask "
            "for a new one: `evertopic retrain`."
        )


def _keep_failure(episodes: EpisodeStore, episode: str, run: str, fault: BaseException | None, now: datetime) -> None:
    """What is not kept here, because the database is away, the next check learns from Prefect."""
    said = f"{type(fault).__name__}: {fault}" if fault is not None else "it ended early"
    try:
        if isinstance(fault, Refusal):
            episodes.close(episode, "done", now, f"refused: {fault}")
        else:
            episodes.fail_attempt(episode, run, now, f"attempt failed: {said}")
    except Unavailable as away:
        logger.warning("That the attempt of episode %s failed could not be kept: %s", episode, away)
