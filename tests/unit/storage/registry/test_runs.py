import csv
import json
import math

import pytest

from evertopic.errors import BadInput, Unavailable
from evertopic.storage.registry import BUNDLE_DIGEST


def test_run(registry, training):
    """A training is one finished run with its params, measures, seconds, tags and dataset."""
    logged = registry.log_training(training())
    run = registry.client.get_run(logged.run_id)
    assert (run.info.status, run.info.run_name) == ("FINISHED", "first")
    assert run.data.params == {"min_cluster_size": "16", "kind": "bertopic"}
    assert run.data.metrics["c_v"] == 0.5
    assert run.data.metrics["seconds/embed"] == 1.25
    assert math.isnan(run.data.metrics["nmi"])
    assert run.data.tags[BUNDLE_DIGEST] == "b" * 32
    assert run.data.tags["dataset_digest"] == "d" * 32
    assert run.data.tags["prefect.flow_run_id"] == "f00d"
    used = run.inputs.dataset_inputs[0]
    assert (used.dataset.name, used.dataset.digest) == ("news", "d" * 32)
    assert json.loads(used.dataset.profile) == {"num_rows": 7}
    assert [(tag.key, tag.value) for tag in used.tags] == [("mlflow.data.context", "training")]


def test_artifacts(registry, training, artifacts_url, tmp_path):
    """Files are kept under the names they are given, in the place the registry was opened with."""
    logged = registry.log_training(training())
    run = registry.client.get_run(logged.run_id)
    assert run.info.artifact_uri.startswith(f"{artifacts_url}/news/")
    folder = tmp_path / "artifacts" / "news" / logged.run_id / "artifacts"
    assert (folder / "report.html").read_text() == "<p>report</p>"
    assert (folder / "figures" / "map.html").read_text() == "<p>report</p>"
    assert not (folder / "report.html").is_symlink()
    with (folder / "trials.csv").open() as file:
        assert list(csv.DictReader(file))[2] == {"trial": "trial 2", "size": "2", "c_v": "0.5"}


def test_attached_later(registry, training, tmp_path):
    """A file can be put beside the others when the run has long ended, and be replaced."""
    version = registry.register(registry.log_training(training()), "news", {})
    for text in ("first", "second"):
        (tmp_path / "by digest").write_text(text)
        registry.attach(version, {"release.html": tmp_path / "by digest"})
    folder = tmp_path / "artifacts" / "news" / version.run_id / "artifacts"
    assert (folder / "release.html").read_text() == "second"
    assert (folder / "report.html").read_text() == "<p>report</p>"
    assert registry.client.get_run(version.run_id).info.status == "FINISHED"


def test_measures_belong_to_the_model(registry, training):
    """A measure names the model and the dataset it was taken on, so that models can be searched by it."""
    logged = registry.log_training(training())
    model = registry.client.get_logged_model(logged.model_id)
    held = {metric.key: metric for metric in model.metrics}
    assert (held["c_v"].value, held["c_v"].dataset_digest) == (0.5, "d" * 32)
    assert model.source_run_id == logged.run_id
    outputs = registry.client.get_run(logged.run_id).outputs.model_outputs
    assert [output.model_id for output in outputs] == [logged.model_id]
    experiment = [registry.client.get_experiment_by_name("news").experiment_id]
    assert len(registry.client.search_logged_models(experiment, "metrics.c_v > 0.4")) == 1
    assert not registry.client.search_logged_models(experiment, "metrics.c_v > 0.6")


def test_nested(registry, training):
    """Only the first `nested` trials become runs of their own, below the training."""
    logged = registry.log_training(training(nested=2))
    experiment = [registry.client.get_experiment_by_name("news").experiment_id]
    children = registry.client.search_runs(experiment, f"tags.mlflow.parentRunId = '{logged.run_id}'")
    assert sorted(child.info.run_name for child in children) == ["trial 0", "trial 1"]
    assert {child.info.status for child in children} == {"FINISHED"}
    assert sorted(child.data.metrics["c_v"] for child in children) == [0.0, 0.25]


def test_many_params(registry, training):
    """More settings than one call of MLflow takes all arrive: 100 a call, 250 here."""
    logged = registry.log_training(training(params={f"p{i}": i for i in range(250)}))
    assert len(registry.client.get_run(logged.run_id).data.params) == 250


def test_failure(registry, training, tmp_path):
    """A training that cannot be logged leaves a failed run, no usable model and no version."""
    broken = tmp_path / "broken.py"
    broken.write_text("raise RuntimeError('no such thing')")
    with pytest.raises(BadInput, match="no such thing"):
        registry.log_training(training(model_code=broken))
    experiment = [registry.client.get_experiment_by_name("news").experiment_id]
    assert [run.info.status for run in registry.client.search_runs(experiment)] == ["FAILED"]
    assert [str(model.status) for model in registry.client.search_logged_models(experiment)] == ["FAILED"]
    assert registry.find_logged("news", "b" * 32) is None
    assert registry.versions("news") == ()


def test_full_disk(registry, training, tmp_path):
    """Artifacts that cannot be written fail the run as unavailable."""
    (tmp_path / "artifacts").write_text("a file where a folder must be")
    with pytest.raises(Unavailable, match="its disk has room"):
        registry.log_training(training())
    experiment = [registry.client.get_experiment_by_name("news").experiment_id]
    assert [run.info.status for run in registry.client.search_runs(experiment)] == ["FAILED"]
    assert [str(model.status) for model in registry.client.search_logged_models(experiment)] == ["FAILED"]


@pytest.mark.parametrize("missing", ["bundle", "artifacts", "example"])
def test_nothing_to_log(registry, training, tmp_path, missing):
    """What is missing is said before a run is begun."""
    absent = {"bundle": tmp_path / "none", "artifacts": {"a.html": tmp_path / "none"}, "example": ()}
    with pytest.raises(BadInput, match=r"none|at least one text"):
        registry.log_training(training(**{missing: absent[missing]}))
    assert registry.client.get_experiment_by_name("news") is None


def test_deleted_experiment(registry, training):
    """A loop whose experiment was deleted in MLflow is told to restore it."""
    registry.log_training(training())
    registry.client.delete_experiment(registry.client.get_experiment_by_name("news").experiment_id)
    with pytest.raises(BadInput, match="restore it"):
        registry.log_training(training())


def test_run_url(registry, training):
    """A run is found at its page in the UI."""
    logged = registry.log_training(training())
    url = registry.run_url(logged.run_id, "http://localhost:5000/")
    assert url == f"http://localhost:5000/#/experiments/1/runs/{logged.run_id}"
