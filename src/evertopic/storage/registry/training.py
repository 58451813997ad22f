from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import evertopic

BUNDLE_DIGEST = "bundle_digest"
"""The tag by which a run, a logged model and a version find the bundle they hold."""

MODEL_CODE = Path(evertopic.__file__).parent / "prediction" / "pyfunc.py"
"""The file that MLflow copies beside the bundle and runs when it loads the model."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a model was trained on."""

    name: str
    digest: str
    """Digest of the snapshot, at most 36 characters, which is what MLflow keeps."""
    documents: int
    source: str
    """Where it came from, as people say it: a path, an address, a table. Without secrets."""


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial of the search: a line of trials.csv, and a nested run when it is among the first."""

    name: str
    params: Mapping[str, str | int | float]
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class TrainingLog:
    """Everything one training leaves in the registry, as one run with one model."""

    experiment: str
    """The name of the loop."""
    run_name: str
    bundle: Path
    """The model at rest: a local folder."""
    bundle_digest: str
    dataset: Dataset
    params: Mapping[str, str | int | float]
    metrics: Mapping[str, float]
    seconds: Mapping[str, float]
    """Wall-clock seconds of each step; become metrics `seconds/<step>`."""
    tags: Mapping[str, str]
    """Config digest, code version, encoder fingerprint, snapshot digest, `prefect.flow_run_id`,
    `prefect.flow_run_url`; on the run and on the model."""
    example: tuple[str, ...]
    """One or more texts, stored as the model's input example; no inference is run on them."""
    trials: tuple[TrialRow, ...] = ()
    nested: int = 0
    """How many of the first trials also become nested runs (0.03 s each)."""
    artifacts: Mapping[str, Path] = field(default_factory=dict)
    """Path in the run, such as `report.html` or `figures/map.html`, to a local file."""
    model_code: Path = MODEL_CODE


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """A model inside a finished run; not registered yet."""

    experiment: str
    run_id: str
    model_id: str
    digest: str
    """Of the bundle."""

    @property
    def model_uri(self) -> str:
        """`models:/m-...`, by which `fetch` and `load_pyfunc` find it before it has a version."""
        return f"models:/{self.model_id}"
