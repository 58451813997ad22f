"""Checks of a champion in MLflow: one run for each version that was watched, its values drawn over the checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, Run

from evertopic.storage.registry.runs import BATCH, attach, experiment_id

WATCHED = "evertopic.watched"
"""The tag by which the run of a version is found again."""


@dataclass(frozen=True, slots=True)
class CheckLog:
    """What one check leaves in MLflow."""

    experiment: str
    """The name of the loop."""
    model: str
    version: int
    """Of the champion that was watched."""
    at: datetime
    metrics: Mapping[str, float]
    tags: Mapping[str, str] = field(default_factory=dict)
    """Of this check; they take the place of those of the check before."""
    artifacts: Mapping[str, Path] = field(default_factory=dict)
    """Path in the run to a local file; one of the same name is replaced."""


def log_check(client: MlflowClient, check: CheckLog, artifacts_url: str | None) -> str:
    """The id of the run that now also holds this check; the same check again adds nothing."""
    experiment = experiment_id(client, check.experiment, artifacts_url)
    run_id = _found(client, experiment, check) or _made(client, experiment, check)
    seconds = int(check.at.timestamp())  # MLflow keeps one value a step: a check that is logged twice is one
    values = [Metric(name, value, seconds * 1000, seconds) for name, value in sorted(check.metrics.items())]
    for start in range(0, len(values), BATCH):
        client.log_batch(run_id, metrics=values[start : start + BATCH])
    for name, value in check.tags.items():
        client.set_tag(run_id, name, value)
    attach(client, run_id, check.artifacts)
    return run_id


def _watched(check: CheckLog) -> str:
    return f"{check.model}/{check.version}"


def _found(client: MlflowClient, experiment: str, check: CheckLog) -> str | None:
    wanted = f"tags.`{WATCHED}` = '{_watched(check)}'"
    runs: list[Run] = client.search_runs([experiment], wanted, order_by=["attributes.start_time ASC"], max_results=1)
    return str(runs[0].info.run_id) if runs else None


def _made(client: MlflowClient, experiment: str, check: CheckLog) -> str:
    name = f"monitoring version {check.version}"
    tags = {WATCHED: _watched(check), "kind": "monitoring"}
    run_id = str(client.create_run(experiment, run_name=name, tags=tags).info.run_id)
    client.set_terminated(run_id, "FINISHED")  # later checks add to a finished run: nothing must look as if it ran
    return run_id
