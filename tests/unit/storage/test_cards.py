"""The card of a training lies in the lake under the digest of its model."""

from dataclasses import replace
from pathlib import Path

import pytest

from evertopic.errors import Corrupted
from evertopic.records import BundleRef
from evertopic.storage.cards import read_card, write_card
from evertopic.storage.lake import Lake
from tests.unit.cli.cards import a_card


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def test_it_comes_back(lake: Lake) -> None:
    """Every field of a card is read as it was written; nan, None and nested records included."""
    write_card(lake, a_card())
    read = read_card(lake, "d1")
    assert read is not None
    assert repr(read) == repr(a_card())  # nan is not equal to itself, its writing is


def test_no_card(lake: Lake) -> None:
    """A model that this lake knows nothing of has no card, and that is no fault."""
    write_card(lake, a_card())
    assert read_card(lake, "d2") is None


def test_each_model_has_its_own(lake: Lake) -> None:
    """Two trainings do not share a card."""
    write_card(lake, a_card(seed=1))
    write_card(lake, a_card(seed=2, bundle=BundleRef("bundles/d2", "d2", 2)))
    assert [card.seed for digest in ("d1", "d2") if (card := read_card(lake, digest))] == [1, 2]


def test_the_first_stays(lake: Lake) -> None:
    """A model trained again keeps the card, and so the seconds, of the training that made it."""
    write_card(lake, a_card())
    write_card(lake, replace(a_card(), seconds=(("embed", 0.0),)))
    read = read_card(lake, "d1")
    assert read is not None
    assert read.seconds == (("embed", 1.5),)


def test_a_damaged_card(lake: Lake, tmp_path: Path) -> None:
    """A card that cannot be read is named, with what to do."""
    write_card(lake, a_card())
    (tmp_path / "lake" / "cards" / "d1" / "card.json").write_text('{"loop": "demo"', encoding="utf-8")
    with pytest.raises(Corrupted, match=r"(?s)cards/d1/card\.json.*delete it"):
        read_card(lake, "d1")
