"""`evertopic retrain` asks the worker where there is one, else it retrains here."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from evertopic.cli.main import app

ASK = """
import pathlib
from dataclasses import dataclass

@dataclass
class Decision:
    reason: str = "A person asked."
    episode: str = "e1"

@dataclass
class Requested:
    said: str = "Run 1 works on it."

@dataclass
class Asked:
    decision: Decision
    requested: Requested

def ask(config, why, elsewhere):
    pathlib.Path("asked").write_text(repr((config, why, elsewhere)))
    return Asked(Decision(), Requested())
"""
RETRAIN = """
import pathlib
from datetime import UTC, datetime
from evertopic.records import GateReport, Outcome, Release

GATE = GateReport("demo", "demo", 3, 4, 100, 50, (), {passed}, "Better.")
LINE = Release(
    "r1", "demo", "demo", 4, "d1", 3, "promoted", datetime(2026, 3, 1, tzinfo=UTC), "ann", "why", None, None, "e1", None
)

def retrain(config, why, episode):
    pathlib.Path("retrained").write_text(repr((config, why, episode)))
    return Outcome(LINE if {passed} else None, GATE, "Version 4 {said}.")
"""


@pytest.fixture
def flows(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that writes down what it is asked; a server is named, so that none is looked for."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    (project / "flows" / "__init__.py").write_text("")
    (project / "flows" / "ask.py").write_text(ASK)
    (project / "flows" / "retrain.py").write_text(RETRAIN.format(passed=True, said="answers"))
    return project


def retrain(*words: str) -> Result:
    return CliRunner().invoke(app, ["retrain", *words], env={"COLUMNS": "220"})


def test_the_worker_is_asked(flows: Path) -> None:
    """Where a server runs the wish is handed on, with its reason, and nothing is trained here."""
    done = retrain("demo", "--why", "a new line")
    assert done.exit_code == 0, done.stderr
    assert (flows / "asked").read_text() == repr(("configs/demo.yaml", "a new line", True))
    assert "A person asked. Run 1 works on it." in done.stdout
    assert not (flows / "retrained").exists()


def test_here(flows: Path) -> None:
    """With --here the wish is kept, and ended by the retraining of this process."""
    done = retrain("demo", "--here")
    assert done.exit_code == 0, done.stderr
    assert (flows / "asked").read_text() == repr(("configs/demo.yaml", "A person asked for it.", False))
    assert (flows / "retrained").read_text() == repr(("configs/demo.yaml", "A person asked for it.", "e1"))
    assert "Released" in done.stdout
    assert "Version 4 answers." in done.stdout


def test_a_gate_that_holds(flows: Path) -> None:
    """Ends with 4 and says why: a script can tell."""
    (flows / "flows" / "retrain.py").write_text(RETRAIN.format(passed=False, said="is held"))
    done = retrain("demo", "--here")
    assert done.exit_code == 4
    assert "Not released" in done.stdout
    assert "Version 4 is held." in done.stderr


def test_json_is_all_there_is(flows: Path) -> None:
    """One JSON object, of the wish or of its outcome."""
    assert json.loads(retrain("demo", "--json").stdout)["requested"]["said"] == "Run 1 works on it."
    assert json.loads(retrain("demo", "--json", "--here").stdout)["said"] == "Version 4 answers."
