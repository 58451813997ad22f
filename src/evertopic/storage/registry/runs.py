import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput, LoggedModelStatus
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

from evertopic.errors import BadInput
from evertopic.storage.registry import entries
from evertopic.storage.registry.packaging import package
from evertopic.storage.registry.training import BUNDLE_DIGEST, LoggedModel, TrainingLog

BATCH = 100
"""Params or tags that one call of MLflow takes; metrics would be 1000."""


def experiment_id(client: MlflowClient, name: str, artifacts_url: str | None) -> str:
    """The experiment of a loop, created with its files under `artifacts_url` on first use.

    None leaves the place to the server. The place of an experiment never changes afterwards.

    Raises:
        BadInput: it was deleted in MLflow, which keeps the name taken.
    """
    found = client.get_experiment_by_name(name)
    if found is None:
        place = f"{artifacts_url.rstrip('/')}/{quote(name, safe='')}" if artifacts_url else None
        try:
            return str(client.create_experiment(name, artifact_location=place))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            found = client.get_experiment_by_name(name)
    if found is None or found.lifecycle_stage != "active":
        raise BadInput(f"The experiment {name!r} was deleted in MLflow: restore it there, or give the loop a new name.")
    return str(found.experiment_id)


def log_training(client: MlflowClient, training: TrainingLog, artifacts_url: str | None) -> LoggedModel:
    """The model of a training, logged with all there is to know about it in one finished run.

    Raises whatever stands in the way, after marking the run and its model as failed.
    """
    _check(training)
    experiment = experiment_id(client, training.experiment, artifacts_url)
    tags = entries.training_tags(training)
    run_id = client.create_run(experiment, run_name=training.run_name, tags=tags).info.run_id
    with _ending(partial(client.set_terminated, run_id), "FINISHED"):
        _log_inputs(client, run_id, training)
        model_id = _create_model(client, experiment, run_id, training)
        with _ending(partial(client.finalize_logged_model, model_id), "READY"):
            _log_model(client, run_id, model_id, training)
            _log_results(client, run_id, model_id, training)
            _log_trials(client, experiment, run_id, training)
    return LoggedModel(training.experiment, run_id, model_id, training.bundle_digest)


def find_logged(client: MlflowClient, experiment: str, digest: str) -> LoggedModel | None:
    """The newest complete model of this bundle in the loop's experiment, None without one.

    It lets a run that was killed between logging and registering go on without logging again.
    """
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return None
    models = client.search_logged_models([found.experiment_id], f"tags.{BUNDLE_DIGEST} = '{digest}'")
    complete = (model for model in models if model.status == LoggedModelStatus.READY)
    return next((LoggedModel(experiment, str(one.source_run_id), one.model_id, digest) for one in complete), None)


def attach(client: MlflowClient, run_id: str, artifacts: Mapping[str, Path]) -> None:
    """Files beside those a run has, finished or not; one of the same name is replaced."""
    for target, path in artifacts.items():
        folder, _, name = target.rpartition("/")
        with _named(path, name) as file:
            client.log_artifact(run_id, str(file), folder or None)


def _check(training: TrainingLog) -> None:
    if not training.bundle.is_dir():
        raise BadInput(f"No bundle folder at {training.bundle}: write the model before it is logged.")
    missing = [str(path) for path in training.artifacts.values() if not path.is_file()]
    if missing:
        raise BadInput(f"No file at {', '.join(missing)}: write the artifacts before they are logged.")
    if not training.example:
        raise BadInput("A model is logged with an example of its input: give at least one text.")


@contextmanager
def _ending(end: Callable[[str], object], complete: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:  # also when the user interrupts: nothing must look as if it went on
        try:
            end("FAILED")
        except MlflowException as second:
            error.add_note(f"It could not be marked as failed either: {second}")
        raise
    end(complete)


def _log_inputs(client: MlflowClient, run_id: str, training: TrainingLog) -> None:
    params = entries.params(training.params)
    for start in range(0, len(params), BATCH):
        client.log_batch(run_id, params=params[start : start + BATCH])
    client.log_inputs(run_id, datasets=[entries.dataset_input(training.dataset)])


def _create_model(client: MlflowClient, experiment: str, run_id: str, training: TrainingLog) -> str:
    model = client.create_logged_model(
        experiment,
        name="model",
        source_run_id=run_id,
        tags=entries.training_tags(training),
        params={key: str(value) for key, value in training.params.items()},
        model_type="topics",
    )
    return str(model.model_id)


def _log_model(client: MlflowClient, run_id: str, model_id: str, training: TrainingLog) -> None:
    # The steps of mlflow.pyfunc.log_model, without its global state and without its trial inference.
    with TemporaryDirectory() as scratch:
        package(training, run_id, model_id, Path(scratch) / "model")
        client.log_model_artifacts(model_id, str(Path(scratch) / "model"))
    client.log_outputs(run_id, models=[LoggedModelOutput(model_id, step=0)])


def _log_results(client: MlflowClient, run_id: str, model_id: str, training: TrainingLog) -> None:
    measured = entries.metrics(training, model_id, run_id, _now())
    for start in range(0, len(measured), BATCH):
        client.log_batch(run_id, metrics=measured[start : start + BATCH])
    attach(client, run_id, training.artifacts)


def _log_trials(client: MlflowClient, experiment: str, run_id: str, training: TrainingLog) -> None:
    if training.trials:
        client.log_text(run_id, entries.trials_table(training.trials), "trials.csv")
    for trial in training.trials[: training.nested]:
        child = client.create_run(experiment, run_name=trial.name, tags={MLFLOW_PARENT_RUN_ID: run_id}).info.run_id
        with _ending(partial(client.set_terminated, child), "FINISHED"):
            client.log_batch(child, entries.trial_metrics(trial, _now()), entries.params(trial.params))


@contextmanager
def _named(path: Path, name: str) -> Iterator[Path]:
    # MLflow names an artifact after its local file; a file in the lake is named by its digest.
    if path.name == name:
        yield path
        return
    with TemporaryDirectory() as scratch:
        link = Path(scratch) / name
        link.symlink_to(path.resolve())
        yield link


def _now() -> int:
    return int(time.time() * 1000)
