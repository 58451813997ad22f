"""Only a whole, sound model is ready to answer."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from evertopic.errors import BadInput, Corrupted, Unavailable
from evertopic.models.assignment import Head
from evertopic.prediction.bundle import HEAD, Bundle, write_bundle
from evertopic.prediction.cached import CachedEncoder
from evertopic.prediction.loading import WARM_UP, Model, load_model
from evertopic.prediction.predictor import Predictor
from evertopic.prediction.rules import Category, Rules
from evertopic.records import BundleRef, ModelVersion
from evertopic.storage.cards import write_card
from evertopic.storage.lake import Lake
from tests.unit.cli.cards import a_card

DAY = datetime(2026, 3, 2, tzinfo=UTC)
VERSIONS = {
    f"news{mark}": ModelVersion("news", 3, ("champion",), "run", "models:/news/3", "d1", created=False)
    for mark in ("/3", "@champion")
}


@dataclass
class FakeRegistry:
    """One model, version 3, the champion; its files lie in a folder."""

    folder: Path
    fetched: Path | None = None

    def resolve(self, reference: str) -> ModelVersion:
        """The version, by number or alias."""
        if reference not in VERSIONS:
            raise BadInput(f"There is no {reference}: there are {', '.join(VERSIONS)}.")
        return VERSIONS[reference]

    def fetch(self, model_uri: str, to: Path) -> Path:
        """A copy of the folder at the new place `to`."""
        if not self.folder.exists():
            raise Unavailable(f"{model_uri} cannot be read.")
        self.fetched = Path(shutil.copytree(self.folder, to))
        return self.fetched


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def registry(tmp_path, bundle) -> FakeRegistry:
    write_bundle(bundle, tmp_path / "registered")
    return FakeRegistry(tmp_path / "registered")


def load(registry: FakeRegistry, lake: Lake, choice: str = "champion", **more) -> Model:
    return load_model(registry, lake, "news", choice, DAY, **more)


def rewritten(bundle: Bundle, folder: Path, **numbers) -> FakeRegistry:
    """A registry whose model has other numbers, with a manifest that fits them."""
    head = bundle.head
    kept = {"weight": head.weight, "bias": head.bias, "threshold": head.threshold, "temperature": head.temperature}
    write_bundle(bundle.model_copy(update={"head": Head(**(kept | numbers))}), folder)
    return FakeRegistry(folder)


def test_a_loaded_model_answers_as_the_one_at_rest(registry, lake, bundle, news):
    """The predictor is that of the files, with everything an answer says of its origin."""
    model = load(registry, lake)
    assert model.predictor.predict(news[:20]) == Predictor(bundle, bundle.meta.encoder).predict(news[:20])
    assert (model.version, model.loaded_at) == (VERSIONS["news@champion"], DAY)


@pytest.mark.parametrize(("choice", "alias"), [("champion", "champion"), ("3", None)])
def test_the_choice_is_an_alias_or_a_number(registry, lake, choice, alias):
    """By alias the model knows its alias, by number it has none, though one stands on it."""
    assert load(registry, lake, choice).alias == alias


@pytest.mark.parametrize(("choice", "reference"), [("challenger", "news@challenger"), ("4", "news/4"), ("³", "news@³")])
def test_an_unknown_choice_is_refused(registry, lake, choice, reference):
    """The registry says what there is; a power sign is no number."""
    with pytest.raises(BadInput, match=f"There is no {reference}"):
        load(registry, lake, choice)


def test_nothing_is_left_on_disk(registry, lake):
    """What was fetched is in memory, and its folder is gone."""
    load(registry, lake)
    assert registry.fetched is not None
    assert not registry.fetched.exists()


def test_an_altered_file_is_refused(registry, lake):
    """One bit: the file is named, and nothing is left on disk."""
    file = registry.folder / HEAD
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    with pytest.raises(Corrupted, match=f"{HEAD} is not what was written"):
        load(registry, lake)
    assert not registry.fetched.exists()


def test_a_model_without_files_is_unavailable(registry, lake):
    """The registry cannot give them: its error comes out."""
    shutil.rmtree(registry.folder)
    with pytest.raises(Unavailable, match="models:/news/3 cannot be read"):
        load(registry, lake)


@pytest.mark.parametrize("number", [np.nan, -np.inf])
def test_a_model_with_unsound_numbers_fails_its_warm_up(tmp_path, lake, bundle, number):
    """The manifest fits and every file can be read, but the strengths are no numbers: it must not serve."""
    broken = np.full_like(bundle.head.weight, number)
    with pytest.raises(Corrupted, match="news 3 answers its warm-up with strengths"), np.errstate(invalid="ignore"):
        load(rewritten(bundle, tmp_path / "broken", weight=broken), lake)


def test_a_rule_does_not_hide_unsound_numbers(tmp_path, lake, bundle):
    """A rule that speaks on every warm-up text gives sound strengths; the model's own are judged."""
    rules = Rules(categories=(Category(name="All", patterns=("short", "words"), over_confident=True),))
    ruled = bundle.model_copy(update={"meta": bundle.meta.model_copy(update={"rules": rules})})
    registry = rewritten(ruled, tmp_path / "broken", weight=np.full_like(bundle.head.weight, np.nan))
    with pytest.raises(Corrupted, match="it is not served"):
        load(registry, lake)


def test_the_encoder_is_awake(registry, lake):
    """The warm-up went through the encoder that will answer: what it has to load is loaded."""
    cached = []

    def wrap(encoder):
        cached.append(CachedEncoder(encoder, 10))
        return cached[0]

    model = load(registry, lake, wrap=wrap)
    assert model.predictor.encoder is cached[0]
    assert cached[0].counts().encoded == 2  # an empty text and an emoji are not encoded
    assert len(WARM_UP) == 4


def test_the_card_comes_along(registry, lake):
    """The lake has the card of this model: it is the model's."""
    write_card(lake, a_card(bundle=BundleRef("bundles/d1", "d1", 5)))
    write_card(lake, a_card(bundle=BundleRef("bundles/d2", "d2", 5), seed=7))
    assert load(registry, lake).card.seed == 42


def test_without_a_card_it_answers(registry, lake, caplog):
    """Another machine's lake: the model is loaded, and nothing is wrong."""
    assert load(registry, lake).card is None
    assert not caplog.records


def test_a_damaged_card_does_not_keep_it_from_answering(registry, lake, caplog):
    """The model is sound; that it has no card and why is said."""
    lake.write_bytes("cards/d1/card.json", b"{")
    model = load(registry, lake)
    assert model.card is None
    assert model.predictor.predict(["rain over the valley"])
    assert "news 3 answers without the card of its training" in caplog.text
