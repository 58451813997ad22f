"""Which versions are compared, and how it looks on a terminal."""

from dataclasses import dataclass, field, replace
from typing import cast

import pytest
from rich.console import Console

from evertopic.cli.diff import pair_of
from evertopic.cli.screens.diff import diff_screen
from evertopic.errors import BadInput
from evertopic.records import ModelVersion
from evertopic.storage.registry.registry import Registry
from tests.unit.cli.cards import a_version
from tests.unit.reporting.diffs import a_diff, a_flow

ALIASES = {"champion": 3, "challenger": 4}


@dataclass
class FakeRegistry:
    """Models whose champion is 3 and whose challenger is 4."""

    known: tuple[str, ...] = ("demo",)
    asked: list[str] = field(default_factory=list)

    def names(self) -> tuple[str, ...]:
        return self.known

    def resolve(self, reference: str) -> ModelVersion:
        self.asked.append(reference)
        name, _, alias = reference.partition("@")
        name, _, number = name.partition("/")
        return a_version(name=name, version=int(number) if number else ALIASES[alias or "champion"])


def pair(*given: str | None, known: tuple[str, ...] = ("demo",)) -> tuple[int, int]:
    one, other = pair_of(cast("Registry", FakeRegistry(known)), *(*given, None, None)[:2])
    return one.version, other.version


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), (3, 4)),
        (("demo",), (3, 4)),
        (("demo@challenger",), (3, 4)),
        (("demo/7",), (3, 7)),
        (("demo@champion", "demo@challenger"), (3, 4)),
        (("demo/4", "demo/2"), (4, 2)),
    ],
)
def test_which_two(given: tuple[str, ...], expected: tuple[int, int]) -> None:
    """Without a word champion and challenger; with one the champion and that; with two those, in their order."""
    assert pair(*given) == expected


def test_one_version_is_no_pair() -> None:
    """The champion with itself is refused with a command that would do."""
    with pytest.raises(BadInput, match="evertopic diff demo/1 demo/2"):
        pair("demo@champion")


def test_two_models_are_no_pair() -> None:
    """Versions of different models have different topics."""
    with pytest.raises(BadInput, match="demo and news are different models"):
        pair("demo/1", "news/2")


def shown(**changes: object) -> str:
    """The screen as text."""
    console = Console(width=160)
    with console.capture() as captured:
        console.print(diff_screen(a_diff(**changes), "lake/releases/r1/release.html"))
    return captured.get()


def test_the_screen() -> None:
    """Findings, topics with their fate, flows with an example, edits at risk, and where the page is."""
    text = shown()
    assert "shop: version 3 → 4" in text
    assert "4.1 % of the last 2,000 documents move" in text
    assert "comes out of refund · money · return" in text
    assert "parcel 1044" in text
    assert "rename Refunds" in text
    assert "lake/releases/r1/release.html" in text


def test_a_screen_of_nothing() -> None:
    """Without topics, documents and edits there is still a screen."""
    assert "page" in shown(topics=(), flows=(), at_risk=(), documents=0)


def test_names_are_no_markup() -> None:
    """What came with the documents is shown letter by letter."""
    assert "[red]x[/]" in shown(flows=(replace(a_flow("t4k2m9q", "t7hh3xz", 1), target_name="[red]x[/]"),))
