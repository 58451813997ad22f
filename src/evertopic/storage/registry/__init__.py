"""Registry: trainings and model versions at rest in MLflow. MLflow is spoken here and nowhere else."""

import os
from typing import TYPE_CHECKING

from evertopic.storage.registry.training import BUNDLE_DIGEST, Dataset, LoggedModel, TrainingLog, TrialRow

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

__all__ = [
    "BUNDLE_DIGEST",
    "CHALLENGER",
    "CHAMPION",
    "MLFLOW_DEFAULTS",
    "PREVIOUS",
    "Dataset",
    "LoggedModel",
    "TrainingLog",
    "TrialRow",
    "open_registry",
]

CHAMPION = "champion"
CHALLENGER = "challenger"
PREVIOUS = "previous"

MLFLOW_DEFAULTS = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SKIP_PIP_REQUIREMENTS_CHECK": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_UV_AUTO_DETECT": "false",
}
"""Variables MLflow reads while it is imported and logs: no telemetry, no look at the package index, no uv.lock of
whatever folder the process stands in, no lines on the console. Every process that runs MLflow by itself (its UI, a
server) needs them too."""


def open_registry(tracking_uri: str, artifacts_url: str) -> "Registry":
    """The registry at `tracking_uri`, its schema created where the database is fresh.

    `tracking_uri` is a SQLAlchemy URL or the http(s) address of an MLflow server; `artifacts_url` is where the
    files of new experiments go, and is ignored with a server, which decides itself. Importing MLflow takes about a
    second and happens here; before it, `MLFLOW_DEFAULTS` enter os.environ where the caller has not set them.
    Any number of processes may open a fresh SQLite file at once: they take turns.

    Raises:
        BadConfig: the address is a folder or of an unknown kind, or its driver is not installed.
        Unavailable: the backend does not answer or is locked.
    """
    for name, value in MLFLOW_DEFAULTS.items():
        os.environ.setdefault(name, value)
    from evertopic.storage.registry.registry import Registry

    return Registry.open(tracking_uri, artifacts_url)
