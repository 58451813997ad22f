import csv
import io
import json
from collections.abc import Mapping, Sequence

from mlflow.entities import Dataset as DatasetEntity
from mlflow.entities import DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

from evertopic.storage.registry.training import BUNDLE_DIGEST, Dataset, TrainingLog, TrialRow


def params(values: Mapping[str, str | int | float]) -> list[Param]:
    """MLflow's form of settings; it keeps the first 6000 characters of each value."""
    return [Param(key, str(value)) for key, value in values.items()]


def tags(values: Mapping[str, str]) -> list[RunTag]:
    """MLflow's form of tags."""
    return [RunTag(key, value) for key, value in values.items()]


def training_tags(training: TrainingLog) -> dict[str, str]:
    """The caller's tags and the two digests that everything else hangs on, ours and in full."""
    return {**training.tags, BUNDLE_DIGEST: training.bundle_digest, "dataset_digest": training.dataset.digest}


def metrics(training: TrainingLog, model_id: str, run_id: str, now: int) -> list[Metric]:
    """Every measure of the training, tied to the model it is of and the documents it was taken on."""
    values = {**training.metrics, **{f"seconds/{step}": seconds for step, seconds in training.seconds.items()}}
    data = training.dataset
    return [
        Metric(key, value, now, 0, model_id=model_id, dataset_name=data.name, dataset_digest=data.digest, run_id=run_id)
        for key, value in values.items()
    ]


def trial_metrics(trial: TrialRow, now: int) -> list[Metric]:
    """The measures of one trial."""
    return [Metric(key, value, now, 0) for key, value in trial.metrics.items()]


def dataset_input(data: Dataset) -> DatasetInput:
    """The dataset of a run, in the role of training."""
    entity = DatasetEntity(
        name=data.name,
        digest=data.digest,
        source_type="local",
        source=json.dumps({"uri": data.source}),
        schema=json.dumps({"mlflow_colspec": [{"type": "string", "name": "text", "required": True}]}),
        profile=json.dumps({"num_rows": data.documents}),
    )
    return DatasetInput(dataset=entity, tags=[InputTag(MLFLOW_DATASET_CONTEXT, "training")])


def trials_table(trials: Sequence[TrialRow]) -> str:
    """All trials as CSV: name, then every setting, then every measure that any trial has; empty where it has none.

    A name that is both a setting and a measure appears once, with the measure.
    """
    columns = ["trial"]
    columns += dict.fromkeys(key for trial in trials for key in (*trial.params,))
    columns += [key for key in dict.fromkeys(key for trial in trials for key in trial.metrics) if key not in columns]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({"trial": trial.name, **trial.params, **trial.metrics} for trial in trials)
    return text.getvalue()
