"""The comparison with the champion at the end of a training."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.config import ReleaseRule
from evertopic.storage.registry import open_registry
from tasks.announce import _compared
from tasks.release import ReleaseRef, compare_release, newest, read_diff
from tests.projects import Project, Walk, later, listing, themed, walk


@pytest.fixture(scope="module")
def second(walked: Walk, fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A second training of a project, with other documents joining those of the first."""
    project = Project.make(tmp_path_factory.mktemp("released") / "project", fresh_mlflow)
    walk(project.job())
    project.write_rows(["id", "text"], [[f"e{at:03d}", text] for at, text in enumerate(themed(80, seed=2))])
    return walk(later(project.job(), 30))


@pytest.fixture(scope="module")
def release(second: Walk) -> ReleaseRef:
    """What the task says of it."""
    return compare_release.fn(second.job, second.training, second.version)


def test_the_first_model_is_compared_with_nothing(walked: Walk) -> None:
    """The first model of a loop is the champion: no artefact, and a sentence that says so."""
    ref = compare_release.fn(walked.job, walked.training, walked.version)
    assert (ref.key, ref.before) == (None, None)
    assert ref.said == "Version 1 is the champion: there is nothing to compare it with."
    assert not (walked.job.place.home / "lake" / "releases").exists()


def test_a_later_one_with_the_champion(second: Walk, release: ReleaseRef) -> None:
    """The second version is compared with the first: its own topics, each document of its snapshot once."""
    diff = read_diff(second.job.lake(), release)
    assert (diff.loop, diff.model, diff.before, diff.after, release.before) == ("tiny", "tiny", 1, 2, 1)
    assert diff.documents == second.training.documents.documents
    assert sum(flow.documents for flow in diff.flows) == diff.documents
    assert {topic.key for topic in diff.topics if topic.after is not None} == set(second.training.lineage.keys)
    assert diff.moved.value < 0.1
    assert any(topic.fate == "same" for topic in diff.topics)


def test_it_is_in_the_mlflow_run(second: Walk, release: ReleaseRef) -> None:
    """The page lies beside the report of the training, and says what the task says."""
    registry = open_registry(second.job.place.tracking_uri, second.job.place.artifacts_url)
    names = {file.path for file in registry.client.list_artifacts(second.version.run_id)}
    assert {"report.html", "release.html"} <= names
    page = second.job.lake().read_bytes(f"{release.key}/release.html").decode()
    assert "version 1 → 2" in page


def test_it_is_made_once(second: Walk, release: ReleaseRef) -> None:
    """Asked again, nothing of it is written anew."""
    folder = second.job.place.home / "lake" / "releases"
    before = listing(folder)
    assert compare_release.fn(second.job, second.training, second.version) == release
    assert listing(folder) == before


def test_fewer_documents_are_another_comparison(second: Walk, release: ReleaseRef) -> None:
    """The number of documents is the config's."""
    job = replace(second.job, config=second.job.config.model_copy(update={"release": ReleaseRule(documents=7)}))
    ref = compare_release.fn(job, second.training, second.version)
    assert ref.key != release.key
    assert read_diff(job.lake(), ref).documents == 7


def test_a_damaged_champion_stops_no_training(second: Walk, tmp_path: Path) -> None:
    """Where the champion cannot be loaded the comparison is not made, and its sentence says why."""
    registry = open_registry(second.job.place.tracking_uri, second.job.place.artifacts_url)
    source = registry.client.get_model_version("tiny", "1").source
    file = Path(source.removeprefix("file://")) / "artifacts" / "bundle" / "head.safetensors"
    shutil.copy(file, tmp_path / "kept")
    try:
        file.write_bytes(file.read_bytes()[:-1] + b"?")
        job = replace(second.job, config=second.job.config.model_copy(update={"release": ReleaseRule(documents=9)}))
        ref = compare_release.fn(job, second.training, second.version)
    finally:
        shutil.copy(tmp_path / "kept", file)
    assert (ref.key, ref.before) == (None, 1)
    assert "cannot be compared with" in ref.said


def test_the_newest_documents(walked: Walk) -> None:
    """Undated documents are taken in an order that does not depend on their place; never more than there are."""
    lake, documents = walked.job.lake(), walked.training.documents
    everything = newest(lake, documents, 10_000)
    assert len(everything) == documents.documents
    assert newest(lake, documents, 5) == everything[:5]


def test_prefects_page(release: ReleaseRef) -> None:
    """A person reads in Prefect what moves and where the page is."""
    said = _compared("/lake", release)
    assert release.said in said
    assert f"`/lake/{release.key}/release.html`" in said
    assert "Page" not in _compared("/lake", ReleaseRef(None, None, "The first one."))


def test_the_command(second: Walk, release: ReleaseRef, monkeypatch: pytest.MonkeyPatch) -> None:
    """`evertopic diff` says what the training said, as text and as JSON, and where the page is."""
    monkeypatch.chdir(second.job.place.root)
    monkeypatch.syspath_prepend(str(second.job.place.root))
    monkeypatch.setenv("EVERTOPIC_HOME", str(second.job.place.home))
    told = CliRunner().invoke(app, ["diff", "tiny@champion", "tiny@challenger"], env={"COLUMNS": "200"})
    assert told.exit_code == 0, told.output
    assert f"{release.key}/release.html" in told.stdout
    found = json.loads(CliRunner().invoke(app, ["diff", "--json"]).stdout)
    assert found["page"].endswith(f"{release.key}/release.html")
    assert found["diff"]["documents"] == second.training.documents.documents
    assert (found["before"]["version"], found["after"]["version"]) == (1, 2)


def test_the_command_refuses_one_version(second: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The champion beside itself ends with 3."""
    monkeypatch.chdir(second.job.place.root)
    monkeypatch.setenv("EVERTOPIC_HOME", str(second.job.place.home))
    assert CliRunner().invoke(app, ["diff", "tiny@champion"]).exit_code == 3
