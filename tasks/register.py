"""The model into the registry, once it has proved that it answers there as it did in memory."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from prefect.tasks import exponential_backoff

from evertopic.prediction.parity import parity, require_parity
from evertopic.prediction.predictor import Predictor
from evertopic.records import GenerationRef, Interval, ModelVersion, Prediction, Scorecard, Trial
from evertopic.storage.lake import Lake
from evertopic.storage.registry import CHALLENGER, CHAMPION, Dataset, LoggedModel, TrainingLog, TrialRow, open_registry
from evertopic.storage.releasing import FIRST, reconcile
from tasks.choice import read_choice, read_trials
from tasks.job import Job
from tasks.parity import parity_of_folder
from tasks.report import ReportRef, Training, provenance, step_seconds
from tasks.retry import when_unavailable

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

SPOKEN_TEXTS = 24
"""Texts that walk the whole way, from MLflow's loader through the encoder to the answer."""
NESTED = 30


@task(
    task_run_name="register the model",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def register_model(job: Job, training: Training, report: ReportRef) -> ModelVersion:
    """The registered version: alias `challenger`, and `champion` where nothing was released yet.

    The very same model is registered once; a second call gives the version there is.

    Raises:
        Refusal: the model loaded from the registry answers differently; no version was made and no alias moved.
        Unavailable: the registry did not answer, three times.
    """
    registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
    name, digest = job.config.model_name, training.bundle.digest
    known = registry.find(name, digest)
    if known:
        _enter_lineage(job, training.lineage, known)
        return _released_first(job, registry, _challenging(registry, known))
    logged = registry.find_logged(job.config.name, digest) or _log(job, registry, training, report)
    with TemporaryDirectory() as temporary:
        folder = registry.fetch(logged.model_uri, Path(temporary) / "bundle")
        measured = parity_of_folder(job, folder, training.vectors, training.bundle)
        require_parity(measured, "The model in memory and the one loaded from the registry differ")
        _require_spoken_parity(job, registry, logged, training, folder)
    tags = {key.replace(" ", "_"): value for key, value in provenance(job, training)}
    version = registry.register(logged, name, tags | {"parity": f"{measured.equal:.6f}"})
    _enter_lineage(job, training.lineage, version)
    return _released_first(job, registry, version)


def _enter_lineage(job: Job, lineage: GenerationRef, version: ModelVersion) -> None:
    """From now on later models are compared with this one. One that was refused never is."""
    store = job.store()
    try:
        store.lineage.register(job.config.name, lineage.clustering, version.name, version.version)
    finally:
        store.close()


def _released_first(job: Job, registry: "Registry", version: ModelVersion) -> ModelVersion:
    """The version with its aliases; where nothing was released before it is the champion, and the ledger says so.

    Where the alias was taken away since, only a release that passes the gate gives it back. The only version of a
    registry that was made anew is a first one, whatever the ledger knows.
    """
    store, loop = job.store(), job.config.name
    try:
        with store.releases.turn(loop):
            released = any(line.model == version.name for line in store.releases.list(loop))
            if not released or len(registry.versions(version.name)) == 1:
                registry.release_first(version.name, version.version)
                if registry.alias_version(version.name, CHAMPION) == version.version:
                    reconcile(registry, store.releases, loop, version.name, datetime.now(UTC), FIRST)
    finally:
        store.close()
    return replace(version, aliases=registry.resolve(f"{version.name}/{version.version}").aliases)


def _challenging(registry: "Registry", known: ModelVersion) -> ModelVersion:
    """The version, challenger where a run killed right after making it could not make it that any more."""
    if not known.aliases and known.version == registry.versions(known.name)[0].version:
        registry.set_alias(known.name, CHALLENGER, known.version)
    return known


def _require_spoken_parity(
    job: Job, registry: "Registry", logged: LoggedModel, training: Training, folder: Path
) -> None:
    """Texts through MLflow's own loader get the answers of the Predictor."""
    texts = _texts(job.lake(), training)[:SPOKEN_TEXTS]
    spoken = registry.load_pyfunc(logged.model_uri).predict(pd.DataFrame({"text": texts}))
    ours = Predictor.load(folder).predict(texts)
    theirs = [
        Prediction(None if topic == "unassigned" else topic, name, (), float(strength), ())
        for topic, name, strength in zip(spoken["topic"], spoken["name"], spoken["strength"], strict=True)
    ]
    require_parity(parity(ours, theirs, 1.0), "MLflow's pyfunc and the Predictor differ")


def _log(job: Job, registry: "Registry", training: Training, report: ReportRef) -> LoggedModel:
    lake = job.lake()
    _, coverage, card = read_choice(lake, training.choice)
    trials = read_trials(lake, training.choice.key)
    chosen = next(trial for trial in trials if trial.candidate.digest == training.choice.candidate.digest)
    texts = _texts(lake, training)
    with TemporaryDirectory() as temporary:
        page = Path(temporary) / "report.html"
        page.write_bytes(lake.read_bytes(f"{report.key}/report.html"))
        return registry.log_training(
            TrainingLog(
                experiment=job.config.name,
                run_name=f"{job.config.name} {job.started:%Y-%m-%d %H:%M:%S}",
                bundle=lake.fetch_folder(f"{training.bundle.key}/bundle"),
                bundle_digest=training.bundle.digest,
                dataset=Dataset(
                    job.config.name, training.documents.digest, training.documents.documents, job.config.source.label
                ),
                params=dict(chosen.settings) | {"trials": len(trials), "seed": job.config.seed},
                metrics=_metrics(card)
                | {"outliers/target": coverage.target, "outliers/reached": coverage.reached.value},
                seconds=dict(step_seconds(lake, training)),
                tags=_tags(job, training),
                example=(texts[0],),
                trials=tuple(_row(at, trial) for at, trial in enumerate(trials)),
                nested=NESTED,
                artifacts={"report.html": page},
            )
        )


def _tags(job: Job, training: Training) -> dict[str, str]:
    tags = {key.replace(" ", "_"): value for key, value in provenance(job, training)}
    if flow_run.id:
        tags |= {"prefect.flow_run_id": str(flow_run.id), "prefect.flow_run_url": flow_run.ui_url or ""}
    return tags


def _row(at: int, trial: Trial) -> TrialRow:
    params: Mapping[str, str | int | float] = dict(trial.settings) | {"kind": trial.candidate.kind}
    return TrialRow(f"trial {at + 1:02d}", params, _metrics(trial.scorecard))


def _metrics(card: Scorecard) -> dict[str, float]:
    return dict(_numbers(card))


def _numbers(card: Scorecard) -> Iterator[tuple[str, float]]:
    """Every measure of a scorecard; an interval gives its value, its low and its high end."""
    for name in Scorecard.__slots__:
        value = getattr(card, name)
        if isinstance(value, Interval):
            yield from ((name, value.value), (f"{name}/low", value.low), (f"{name}/high", value.high))
        elif isinstance(value, int | float):
            yield name, float(value)


def _texts(lake: Lake, training: Training) -> list[str]:
    texts: list[str] = lake.read_frame(f"{training.documents.key}/documents.parquet", ["text"])["text"].tolist()
    return texts
