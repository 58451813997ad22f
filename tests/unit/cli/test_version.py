import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evertopic import __version__
from evertopic.cli.main import app


def test_versions_and_places_are_told_without_passwords(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One JSON object holds versions and places; the password of the store is not among them."""
    monkeypatch.setenv("EVERTOPIC_STORE", "postgresql://ann:secret@host/db")
    done = CliRunner().invoke(app, ["version", "--json"])
    answer = json.loads(done.stdout)
    assert answer["versions"]["evertopic"] == __version__
    assert answer["versions"]["prefect"] == "3.8.8"
    assert answer["places"]["project"] == str(project)
    assert "secret" not in done.stdout
    assert answer["places"]["store"] == "postgresql://ann:***@host/db"


def test_outside_a_project_versions_are_still_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a project there are no places, and the command still ends well."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["version", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["places"] is None


@pytest.mark.parametrize("command", ["train", "topics", "evaluate", "data", "version", "up"])
def test_every_command_shows_examples(command: str) -> None:
    """--help ends with examples that begin with the command itself."""
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert "Examples" in done.stdout
    assert f"evertopic {command}" in done.stdout.partition("Examples")[2]
