import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evertopic.storage.registry import MLFLOW_DEFAULTS, Dataset, TrainingLog, TrialRow, open_registry

HERE = Path(__file__).parent

collect_ignore = ["fake_model.py"]  # MLflow runs it; the search for doctests must not

OPENERS = 4

# MLflow is imported first, so that all processes reach the fresh file together.
OPENER = """
import sys
import mlflow.store.tracking.sqlalchemy_store
from evertopic.storage.registry import open_registry
print("ready", flush=True)
sys.stdin.readline()
open_registry(sys.argv[1], sys.argv[2])
"""


@pytest.fixture(scope="session")
def raced(tmp_path_factory) -> tuple[Path, list[tuple[int, str]]]:
    """A database that four processes opened fresh at once, and how each of them ended."""
    folder = tmp_path_factory.mktemp("raced") / "new" / "folders"
    arguments = [sys.executable, "-c", OPENER, f"sqlite:///{folder / 'mlflow.db'}", (folder / "artifacts").as_uri()]
    surroundings = {**os.environ, **MLFLOW_DEFAULTS}
    pipes = {
        "env": surroundings,
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }
    openers = [subprocess.Popen(arguments, **pipes) for _ in range(OPENERS)]
    for opener in openers:
        assert opener.stdout.readline() == "ready\n"
    for opener in openers:
        opener.stdin.write("go\n")
        opener.stdin.flush()
    said = [opener.communicate()[1] for opener in openers]
    return folder / "mlflow.db", [(opener.returncode, text) for opener, text in zip(openers, said, strict=True)]


@pytest.fixture
def tracking_uri(raced, tmp_path) -> str:
    """An empty database of this test's own: schema creation alone takes seconds."""
    return f"sqlite:///{shutil.copy(raced[0], tmp_path / 'mlflow.db')}"


@pytest.fixture
def artifacts_url(tmp_path) -> str:
    return (tmp_path / "artifacts").as_uri()


@pytest.fixture
def registry(tracking_uri, artifacts_url):
    return open_registry(tracking_uri, artifacts_url)


@pytest.fixture
def training(tmp_path) -> Callable[..., TrainingLog]:
    """A training whose bundle carries `digest`; any field may be given anew."""

    def build(digest: str = "b" * 32, **changed: Any) -> TrainingLog:
        bundle = tmp_path / digest
        bundle.mkdir(exist_ok=True)
        (bundle / "meta.json").write_text(json.dumps({"name": f"named {digest[0]}"}))
        report = tmp_path / "0123.html"
        report.write_text("<p>report</p>")
        fields: dict[str, Any] = {
            "experiment": "news",
            "run_name": "first",
            "bundle": bundle,
            "bundle_digest": digest,
            "dataset": Dataset("news", "d" * 32, 7, "bundled:news"),
            "params": {"min_cluster_size": 16, "kind": "bertopic"},
            "metrics": {"c_v": 0.5, "nmi": float("nan")},
            "seconds": {"embed": 1.25},
            "tags": {"config_digest": "c" * 32, "prefect.flow_run_id": "f00d"},
            "example": ("shares rose", "a late goal"),
            "trials": tuple(TrialRow(f"trial {i}", {"size": i}, {"c_v": i / 4}) for i in range(3)),
            "artifacts": {"report.html": report, "figures/map.html": report},
            "model_code": HERE / "fake_model.py",
        }
        return TrainingLog(**{**fields, **changed})

    return build
