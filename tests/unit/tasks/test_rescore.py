"""A registered model, measured again on what its search left."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from evertopic.errors import Corrupted, Unavailable
from evertopic.records import TrainingCard
from evertopic.storage.cards import read_card
from evertopic.storage.lake import Lake
from tasks.rescore import rescore
from tests.projects import Project, Walk, walk


@pytest.fixture(scope="module")
def walked(fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A whole walk of this module, to read."""
    return walk(Project.make(tmp_path_factory.mktemp("rescored") / "project", fresh_mlflow).job())


@pytest.fixture
def lake(walked: Walk) -> Lake:
    return walked.job.lake()


@pytest.fixture
def card(walked: Walk, lake: Lake) -> TrainingCard:
    found = read_card(lake, walked.version.digest)
    assert found is not None
    return found


@pytest.fixture
def folder(card: TrainingCard, lake: Lake) -> Path:
    """The bundle of the model, in the lake."""
    return lake.fetch_folder(f"{card.bundle.key}/bundle")


def test_the_same_again(card: TrainingCard, lake: Lake, folder: Path) -> None:
    """The model and the documents are the same, so every measure is; only stability is left open."""
    again = rescore(lake, card, folder)
    assert card.scorecard.stability is not None
    unmeasured = tuple(replace(quality, recurrence=math.nan) for quality in card.scorecard.per_topic)
    assert repr(again.scorecard) == repr(replace(card.scorecard, stability=None, per_topic=unmeasured))
    assert again.coverage == card.coverage
    assert again.parity == card.parity


def test_the_budget_of_the_training(card: TrainingCard, lake: Lake, folder: Path) -> None:
    """It is judged by the outlier budget it was trained with: more budget leaves more documents out."""
    generous = replace(card, coverage=replace(card.coverage, target=0.5))
    again = rescore(lake, generous, folder)
    assert again.coverage.target == 0.5
    assert again.coverage.reached.value > card.coverage.reached.value
    assert again.scorecard.unassigned > card.scorecard.unassigned


def test_the_parity_of_the_training(card: TrainingCard, lake: Lake, folder: Path) -> None:
    """The least share of equal answers is the one that was asked for then."""
    assert rescore(lake, replace(card, parity=replace(card.parity, required=0.5)), folder).parity.required == 0.5


def test_altered_bundle(card: TrainingCard, lake: Lake, folder: Path, tmp_path: Path) -> None:
    """A folder that lost its manifest is no model."""
    for name in ("head.safetensors", "meta.json", "reference.safetensors"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(Corrupted, match=r"manifest\.json"):
        rescore(lake, card, tmp_path)


def test_another_lake(card: TrainingCard, folder: Path, tmp_path: Path) -> None:
    """A machine whose lake does not hold the search says which file is missing."""
    with pytest.raises(Unavailable, match=rf"The lake holds no {card.space.key}/"):
        rescore(Lake(str(tmp_path / "lake")), card, folder)
