from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.cli.models import ask_on_terminal, find_model
from evertopic.errors import BadInput
from evertopic.records import ModelVersion
from evertopic.storage.registry.registry import Registry
from tests.unit.cli.cards import a_version


@dataclass
class FakeRegistry:
    known: tuple[str, ...]

    def names(self) -> tuple[str, ...]:
        return self.known

    def resolve(self, reference: str) -> ModelVersion:
        return a_version(name=reference)


def fake(*names: str) -> Registry:
    return cast("Registry", FakeRegistry(names))


def test_the_only_model_needs_no_name() -> None:
    """With one model nobody is asked."""
    assert find_model(fake("news"), None, ask=lambda _: "asked").name == "news"


def test_of_several_one_is_asked_for() -> None:
    """With two models the answer of the person decides."""
    assert find_model(fake("a", "b"), None, ask=lambda names: names[1]).name == "b"


def test_a_reference_is_taken_as_it_is() -> None:
    """A given reference is resolved without looking at the names."""
    assert find_model(fake(), "news@champion", ask=lambda _: "asked").name == "news@champion"


def test_no_model_says_how_to_make_one() -> None:
    """An empty registry names the command that fills it."""
    with pytest.raises(BadInput, match="evertopic train demo"):
        find_model(fake(), None, ask=lambda _: "asked")


def test_without_a_terminal_the_names_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that names no model gets the list and no prompt."""
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(BadInput, match="a, b"):
        ask_on_terminal(("a", "b"))


@pytest.mark.parametrize("command", ["topics", "evaluate"])
def test_looking_does_not_make_a_registry(project: Path, command: str) -> None:
    """Where nothing was trained the command ends with 3, says so, and leaves no database behind."""
    done = CliRunner().invoke(app, [command])
    assert done.exit_code == 3
    assert "evertopic train demo" in done.stderr
    assert not (project / ".evertopic").exists()
