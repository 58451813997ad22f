"""The way back: as long as an episode is open, every check asks Prefect for its retraining again."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Literal

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import SyncPrefectClient

from evertopic.records import Decision, Episode
from evertopic.storage.processes import this_host
from evertopic.storage.store import Store
from evertopic.triggers.policy import RetrainRule, going_on
from tasks.job import Job
from tasks.prefect_api import PrefectAway, prefect_api
from tasks.retrain_runs import RetrainRun, ask_for, fate_of, next_number, reap, runs_of
from tasks.slot import Clock, now_utc

Asking = Literal["nothing", "requested", "active", "backing off", "completed", "cancelled", "gave up", "unreachable"]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Requested:
    """What one request for a retraining came to."""

    action: Asking
    """No episode is open; a run was asked for; one works or waits; the last one failed too lately; it is done; a
    person cancelled it, which is final; too many failed; Prefect is away, the next check asks again."""
    run: str | None
    """Id of the Prefect run it speaks of."""
    state: str | None
    """Of that run, as Prefect's pages call it."""
    said: str
    """One sentence; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Asker:
    """What a request needs besides Prefect."""

    store: Store
    rule: RetrainRule
    deployment: str
    config: str
    now: datetime
    urgent: bool
    """The decision has found that it may be tried again now."""


@task(task_run_name="request a retraining", cache_policy=NO_CACHE)
def request_retraining(job: Job, decision: Decision, config: str, *, clock: Clock = now_utc) -> Requested:
    """What came of asking for the retraining that the decision speaks of. Call it on every pass of the monitor.

    Asked for again and again until it is done, it is one retraining: what was lost with a server or a worker is made
    up by the next pass. Dead retrainings of the loop are reaped first, whatever was decided. What came of it becomes
    the last sentence of the decision's reason. That Prefect is away fails nothing.

    Args:
        job: the loop.
        decision: what was decided now.
        config: the config file of the loop as the flows are called with it: `configs/demo.yaml` is retrained by the
            deployment `retrain/demo`.
        clock: the time.

    Raises:
        Unavailable: the store did not answer.
    """
    store = job.store()
    try:
        asker = Asker(
            store,
            job.config.retrain,
            f"retrain/{PurePath(config).stem}",
            config,
            clock(),
            decision.action == "request",
        )
        requested = _request(asker, job.config.name, decision.episode)
        if requested.said:
            store.decisions.add_to_reason(decision.id, requested.said)
    finally:
        store.close()
    if requested.action == "unreachable":
        logger.warning("No retraining could be asked for: %s", requested.said)
    return requested


@task(task_run_name="ask again for what is open", cache_policy=NO_CACHE)
def ask_again(job: Job, config: str, *, clock: Clock = now_utc) -> Requested:
    """What came of asking for the retraining that is open; the first thing of each pass.

    A source that is down or documents that are refused end a pass before anything is decided: a retraining that was
    found necessary earlier must not wait for them.

    Raises:
        Unavailable: the store did not answer.
    """
    store = job.store()
    try:
        episodes = store.episodes.list(job.config.name, limit=10)
        opened = next((one.id for one in episodes if one.state == "open"), None)
        deployment = f"retrain/{PurePath(config).stem}"
        asker = Asker(store, job.config.retrain, deployment, config, clock(), urgent=False)
        return _request(asker, job.config.name, opened)
    finally:
        store.close()


def _request(asker: Asker, loop: str, wanted: str | None) -> Requested:
    host = this_host()
    try:
        with prefect_api() as client:
            held = asker.store.slots.get(loop, asker.now)
            reap(client, asker.deployment, asker.config, held, host, asker.now)
            episode = None if wanted is None else asker.store.episodes.get(wanted)
            if episode is None or episode.state != "open":
                return Requested("nothing", None, None, "")
            return _of_episode(asker, client, episode, host)
    except PrefectAway as away:
        said = f"{away} The next check asks again." if wanted else ""
        return Requested("unreachable", None, None, said)


def _of_episode(asker: Asker, client: SyncPrefectClient, episode: Episode, host: str) -> Requested:
    runs = runs_of(client, episode.id)
    fate = fate_of(runs)
    if fate == "active":
        own = next(run for run in runs if run.fate == "active")
        return Requested("active", own.id, own.state, f"Prefect run {own.id} is {own.state}.")
    held = asker.store.slots.live(episode.loop, host, asker.now)
    if held is not None:
        return Requested("active", held.holder, None, f"A retraining runs already: {held.holder} on {held.host}.")
    if fate in {"completed", "cancelled"}:
        return _ended(asker, episode, next(run for run in runs if run.fate == fate))
    if fate == "crowded out":
        asker.store.episodes.take_back(episode.id, runs[0].id)
        return _asked_for(asker, episode, next_number(runs))
    return _again(asker, _failure_kept(asker, episode, runs), runs)


def _again(asker: Asker, episode: Episode, runs: Sequence[RetrainRun]) -> Requested:
    """Nothing works on the episode: the first attempt, the next one, a wait or the end."""
    step = going_on(asker.rule, episode, asker.now)
    if episode.attempts == 0 or step.action == "request" or asker.urgent:
        return _asked_for(asker, episode, next_number(runs))
    state = runs[0].state if runs else None
    if step.action == "gave up":
        asker.store.episodes.close(episode.id, "gave up", asker.now, episode.outcome or "every attempt failed")
        return Requested("gave up", episode.run, state, step.reason)
    return Requested("backing off", episode.run, state, step.reason)


def _failure_kept(asker: Asker, episode: Episode, runs: Sequence[RetrainRun]) -> Episode:
    """The episode, with the failure of its last attempt, which the process itself may not have lived to tell."""
    if episode.run is None or episode.failed_at is not None:
        return episode
    run = next((run for run in runs if run.id == episode.run), None)
    at, said = asker.now, f"Prefect does not know run {episode.run}, and no process works on it"
    if run is not None:
        at, said = min(run.ended_at or asker.now, asker.now), f"run {run.id} is {run.state}: {run.said or 'no message'}"
    asker.store.episodes.fail_attempt(episode.id, episode.run, at, said)
    return asker.store.episodes.get(episode.id) or episode


def _ended(asker: Asker, episode: Episode, run: RetrainRun) -> Requested:
    if run.fate == "completed":
        asker.store.episodes.close(episode.id, "done", asker.now, "completed")
        return Requested("completed", run.id, run.state, f"Prefect run {run.id} has completed.")
    said = f"a person cancelled run {run.id}"
    asker.store.episodes.close(episode.id, "done", asker.now, said)
    return Requested("cancelled", run.id, run.state, f"It is over: {said}, and that is final.")


def _asked_for(asker: Asker, episode: Episode, number: int) -> Requested:
    run = ask_for(asker.deployment, asker.config, episode, number)
    asker.store.episodes.begin_attempt(episode.id, run.id, asker.now)
    said = f"Prefect run {run.id} was asked for and is {run.state}."
    return Requested("requested", run.id, run.state, said)
