"""Walks that several tests look at, made once."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from prefect.client.schemas.objects import State

from evertopic.records import ModelVersion
from tests.flows.passes import three_themes
from tests.projects import Project, Walk, listing, walk


@dataclass(frozen=True, slots=True)
class Flown:
    """Two runs of the flow on the same project, one after the other."""

    project: Project
    first: State[ModelVersion]
    second: State[ModelVersion]
    between: dict[str, tuple[int, int, str]]
    """The lake after the first run."""
    after: dict[str, tuple[int, int, str]]


@pytest.fixture(scope="session")
def flown(prefect_server: None, fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Flown:
    """The flow `train` run twice through Prefect, as a person would in the project's folder."""
    from flows.train import train

    project = Project.make(tmp_path_factory.mktemp("flown") / "project", fresh_mlflow)
    with pytest.MonkeyPatch.context() as surroundings:
        surroundings.chdir(project.root)
        surroundings.setenv("EVERTOPIC_HOME", str(project.home))
        first = train("configs/tiny.yaml", return_state=True)
        between = listing(project.home / "lake")
        second = train("configs/tiny.yaml", return_state=True)
    return Flown(project, first, second, between, listing(project.home / "lake"))


@pytest.fixture(scope="session")
def walked(fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A whole walk without Prefect. To look at, not to write into: see `trained`."""
    return walk(Project.make(tmp_path_factory.mktemp("walked") / "project", fresh_mlflow).job())


@pytest.fixture
def copied(walked: Walk, tmp_path: Path) -> Project:
    """A copy of the walked project, to damage or to walk again; MLflow's files stay where they were logged."""
    shutil.copytree(walked.job.place.root, tmp_path / "copy")
    return Project(tmp_path / "copy", tmp_path / "copy" / "home")


@pytest.fixture(scope="session")
def narrow(fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose champion knows three themes. To copy, not to write into: see `watched`."""
    project = Project.make(tmp_path_factory.mktemp("narrow") / "project", fresh_mlflow)
    project.write_texts(three_themes())
    walk(project.job())
    return project


@pytest.fixture
def watched(narrow: Project, tmp_path: Path) -> Project:
    """A copy of it, for one test."""
    shutil.copytree(narrow.root, tmp_path / "watched")
    return Project(tmp_path / "watched", tmp_path / "watched" / "home")
