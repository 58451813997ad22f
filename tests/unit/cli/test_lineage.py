"""`evertopic lineage` tells what became of the topics, to people and to machines."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from evertopic.cli.main import app
from tests.projects import Project, Walk, later, themed, walk


def lineage(*words: str) -> Result:
    """What `evertopic lineage ...` answers, in a wide terminal."""
    return CliRunner().invoke(app, ["lineage", *words], env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def walks(fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Walk, Walk]:
    """Two trainings, the second with more documents and another encoder."""
    project = Project.make(tmp_path_factory.mktemp("lineage") / "project", fresh_mlflow)
    first = walk(project.job())
    project.write_rows(["id", "text"], [[f"e{at}", text] for at, text in enumerate(themed(80, seed=2))])
    second = walk(later(project.job(embed={"kind": "hashing", "width": 96}), 30))
    return project, first, second


@pytest.fixture(autouse=True)
def inside(walks: tuple[Project, Walk, Walk], monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs in the project."""
    monkeypatch.setenv("EVERTOPIC_HOME", str(walks[0].home))
    monkeypatch.chdir(walks[0].root)


def test_topics_keep_their_keys(walks: tuple[Project, Walk, Walk]) -> None:
    """Trained again on more documents, with another encoder: the same four keys, and the training said so."""
    first, second = (one.training.lineage for one in walks[1:])
    assert (first.number, second.number) == (1, 2)
    assert sorted(first.keys) == sorted(second.keys)


def test_for_people(walks: tuple[Project, Walk, Walk]) -> None:
    """All generations, and the topics there are now."""
    said = lineage()
    assert said.exit_code == 0
    assert "Generation 2 kept every topic" in said.stdout
    assert all(key in said.stdout for key in walks[1].training.lineage.keys)


def test_one_topic(walks: tuple[Project, Walk, Walk]) -> None:
    """Its line in each generation, with the evidence; between two encoders there is no cosine."""
    key = walks[1].training.lineage.keys[0]
    told = json.loads(lineage(key, "--json").stdout)
    assert [(event["kind"], event["key"]) for event in told["events"]] == [("born", key), ("kept", key)]
    assert told["events"][1]["score"]["cosine"] is None
    assert told["events"][1]["score"]["anchors"] > 0.9
    shown = lineage(key).stdout
    assert "born" in shown
    assert "kept" in shown


def test_as_of(walks: tuple[Project, Walk, Walk]) -> None:
    """The topics as they were then; before the first training, a fault that says so."""
    then = lineage("--as-of", "2026-03-01T12:10:00")
    assert "4 topics of generation 1" in then.stdout
    before = lineage("--as-of", "2020-01-01")
    assert before.exit_code == 3
    assert "no lineage before 2020-01-01 00:00" in before.stderr


def test_an_unknown_topic() -> None:
    """A key nobody had is a fault that says where to look."""
    said = lineage("t000000")
    assert said.exit_code == 3
    assert "never had a topic t000000" in said.stderr


def test_the_same_model_again(walks: tuple[Project, Walk, Walk]) -> None:
    """Trained again on what it knows already, the loop makes no new generation."""
    project, _, second = walks
    again = walk(later(project.job(embed={"kind": "hashing", "width": 96}), 40))
    assert again.training.lineage == second.training.lineage
    assert again.version.version == second.version.version
    assert len(json.loads(lineage("--json").stdout)["generations"]) == 2
