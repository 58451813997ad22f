"""Retrainings as Prefect knows them: asked for, found again by their episode, and reaped when they are dead."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Crashed

from evertopic.records import Episode
from evertopic.storage.store.slots import Slot
from tasks.prefect_api import PrefectAway

ACTIVE = {StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED, StateType.CANCELLING}
LIMIT_SAID = "Deployment concurrency limit reached."
"""How Prefect cancels a run that its deployment has no room for: nobody decided that."""
GRACE = timedelta(minutes=10)
"""After which a retraining that a worker has begun with has taken its slot, or never will."""
BEGUN = [StateType.PENDING, StateType.RUNNING, StateType.PAUSED, StateType.CANCELLING]
"""In which Prefect leaves a run for ever when the worker is gone that works on it."""
MOST = 200
Fate = Literal["active", "completed", "cancelled", "crowded out", "failed"]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetrainRun:
    """One Prefect run that was asked for by an episode."""

    id: str
    fate: Fate
    state: str
    """As Prefect's pages call it."""
    said: str
    """Prefect's message."""
    ended_at: datetime | None
    number: int
    """Under which it was asked for; of those of an episode, no two have the same."""


def runs_of(client: SyncPrefectClient, episode: str) -> tuple[RetrainRun, ...]:
    """The runs of an episode, newest first."""
    of_episode = FlowRunFilter(tags=FlowRunFilterTags(all_=[episode_tag(episode)]))
    runs = client.read_flow_runs(flow_run_filter=of_episode, sort=FlowRunSort.EXPECTED_START_TIME_DESC, limit=MOST)
    return tuple(_run(run) for run in runs)


def next_number(runs: Sequence[RetrainRun]) -> int:
    """Under which the next run of an episode is asked for: not their count, as runs can be deleted.

    Prefect gives an old run back for a number that was there before.
    """
    return max((run.number for run in runs), default=-1) + 1


def ask_for(deployment: str, config: str, episode: Episode, number: int) -> RetrainRun:
    """The run that serves the episode, made unless this number of run was asked for before: by whomever, it is one.

    Raises:
        PrefectAway: there is no such deployment.
    """
    try:
        # As a subflow it would be cancelled with the check that asked for it. Its number is in the key: a run that was
        # cancelled keeps its key for ever, and would be given back for every later request.
        run: FlowRun = run_deployment(  # type: ignore[assignment]
            deployment,
            parameters={"config": config, "why": " ".join(episode.reasons), "episode": episode.id},
            timeout=0,
            as_subflow=False,
            tags=[
                "retrain",
                f"loop:{episode.loop}",
                episode_tag(episode.id),
                *map("trigger:{}".format, episode.triggers),
            ],
            idempotency_key=f"{episode.id}:{number}",
        )
    except ObjectNotFound as fault:
        raise PrefectAway(
            f"Prefect has no deployment {deployment}: name it in prefect.yaml, as the one of demo, and deploy it by "
            "`evertopic up` or `prefect deploy --all`."
        ) from fault
    return _run(run)


def reap(
    client: SyncPrefectClient, deployment: str, config: str, slot: Slot | None, host: str, now: datetime
) -> tuple[str, ...]:
    """Ids of the runs that Prefect takes for begun and whose process is gone: they are Crashed now, or Cancelled.

    A run whose host was lost stays `Running`, or `Pending`, `Paused` or `Cancelling`, in Prefect for ever; it holds the
    limit of its deployment, and nothing else would be asked for.

    Args:
        client: of Prefect's API.
        deployment: FLOW/NAME; one that is not there has no runs.
        config: of the loop; the same deployment may have been run for another one, whose slot is not looked at.
        slot: who holds the slot of the loop, lost or not.
        host: this machine.
        now: the time.
    """
    try:
        own = client.read_deployment_by_name(deployment).id
    except ObjectNotFound:
        return ()
    begun = client.read_flow_runs(flow_run_filter=_begun(own), limit=MOST)
    ours = [run for run in begun if run.parameters.get("config", config) == config]
    dead = [(run, why) for run in ours if (why := _death(run, slot, host, now))]
    for run, why in dead:
        logger.warning("The retraining %s is dead: %s", run.name, why)
        ended = Cancelled if run.state_type is StateType.CANCELLING else Crashed
        client.set_flow_run_state(run.id, ended(message=f"No process works on it: {why}."))
    return tuple(str(run.id) for run, _ in dead)


def episode_tag(episode: str) -> str:
    """By which the runs of an episode are found."""
    return f"episode:{episode}"


def fate_of(runs: Sequence[RetrainRun]) -> Fate | None:
    """What became of an episode's runs, newest first; None: there are none.

    One that works or waits counts before all; then one that completed; then a person's word that it shall not be.
    """
    for fate in ("active", "completed", "cancelled"):
        if any(run.fate == fate for run in runs):
            return fate
    return runs[0].fate if runs else None


def _death(run: FlowRun, slot: Slot | None, host: str, now: datetime) -> str | None:
    if slot is not None and slot.holder == str(run.id):
        return slot.lost(host, now)
    since = run.state.timestamp if run.state else None
    if since is not None and now - since > GRACE:
        return f"it is {run.state_name} since {since:%Y-%m-%d %H:%M} UTC and does not hold the slot of its loop"
    return None


def _begun(deployment: UUID) -> FlowRunFilter:
    return FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=[deployment]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=BEGUN)),
    )


def _run(run: FlowRun) -> RetrainRun:
    said = (run.state.message if run.state else None) or ""
    return RetrainRun(
        str(run.id), _fate(run.state_type, said), run.state_name or "unknown", said, run.end_time, _number(run)
    )


def _number(run: FlowRun) -> int:
    number = (run.idempotency_key or "").rpartition(":")[2]
    return int(number) if number.isdecimal() else 0


def _fate(kind: StateType | None, said: str) -> Fate:
    if kind is None or kind in ACTIVE:
        return "active"
    if kind is StateType.COMPLETED:
        return "completed"
    if kind is StateType.CANCELLED:
        return "crowded out" if LIMIT_SAID in said else "cancelled"
    return "failed"
