"""`evertopic why` answers why a loop was retrained on Tuesday, and why not yesterday."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.config import load_config
from evertopic.records import Decision, Episode, Situation
from evertopic.storage.store import Store, open_store
from evertopic.triggers.rule import evaluate_all, in_words
from tests.unit.triggers.situations import DAY, HOUR, NOW, episode, report, situation, verdict

EPISODE = replace(episode(NOW - DAY), loop="demo", id="demo-v3-e1", attempts=1, run="run-1")
QUIET, DRIFTED = situation(), situation(drift=(report(verdict("drift")),))


def why(*words: str) -> Result:
    """What `evertopic why ...` answers, in a wide terminal."""
    return CliRunner().invoke(app, ["why", *words], env={"COLUMNS": "220"})


def decision(at: datetime, of: Situation, action: str, said: str, own: Episode | None = None) -> Decision:
    rule = load_config(Path("configs/demo.yaml"), Path.cwd()).triggers
    evaluations, fired = evaluate_all(rule, of)
    reason = f"{in_words(rule, evaluations, fired=fired)} {said}"
    name = f"decision of {at}"
    return Decision(name, "demo", at, "c1", 3, evaluations, fired, action, reason, own and own.id)  # type: ignore[arg-type]


@pytest.fixture
def store(project: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A quiet day, a check that drifted on the 9th at 12, one that found it open, and a quiet one on the 10th."""
    monkeypatch.setenv("EVERTOPIC_HOME", str(project / "home"))
    store = open_store(f"sqlite:///{project / 'home' / 'store.db'}")
    for hours in range(4):
        store.decisions.add(decision(NOW - 2 * DAY + hours * HOUR, QUIET, "nothing", "Nothing to do."))
    store.episodes.open_or_join(EPISODE)
    store.decisions.add(decision(NOW - DAY, DRIFTED, "request", "Nothing is in the way.", EPISODE))
    store.decisions.add(decision(NOW - 23 * HOUR, DRIFTED, "open", "It runs already.", EPISODE))
    store.episodes.close(EPISODE.id, "done", NOW - 22 * HOUR, "promoted")
    store.decisions.add(decision(NOW, QUIET, "nothing", "Nothing to do."))
    store.close()
    return store


def test_on_the_day(store: Store) -> None:
    """The day it was retrained: the decision that asked, what every trigger found and expected, what came of it."""
    said = why("--at", "2026-03-09")
    assert said.exit_code == 0
    out = " ".join(said.stdout.split())
    assert "demo: 6 decisions since 8 March 2026, 12:00 UTC" in out
    assert "03-08 12:00 03-08 15:00 4 3 nothing None of 5 triggers fired." in out
    assert "9 March 2026, 13:00 UTC, version 3: one is open already" in out
    assert "9 March 2026, 12:00 UTC, version 3: asked for a retraining" in out
    assert "drift yes 1 1 1 1 detector of 1 said new subject" in out
    assert "age no 10 90 5 Version 3 was trained 10.0 days ago, the limit is 90." in out
    assert "promoted" in out
    assert "run-1" in out


def test_at_a_minute(store: Store) -> None:
    """What was decided until that minute, and nothing later."""
    out = why("demo", "--at", "2026-03-08T14:00").stdout
    assert "3 decisions" in out
    assert "version 3: nothing" in out
    assert "retraining" not in out.split("trigger", 1)[0].replace("asked for a retraining", "")


def test_json(store: Store) -> None:
    """One object with every decision, every evaluation and the episodes."""
    told = json.loads(why("--at", "2026-03-10", "--days", "2", "--json").stdout)
    assert [one["action"] for one in told["decisions"]] == ["nothing", "open", "request"]
    assert told["decisions"][2]["evaluations"][0]["trigger"] == "drift"
    assert [(one["id"], one["outcome"]) for one in told["episodes"]] == [("demo-v3-e1", "promoted")]


def test_nothing_was_decided(store: Store) -> None:
    """A time without decisions, such as now, is told with what to do."""
    said = why("--at", str((NOW - timedelta(days=30)).date()))
    assert said.exit_code == 3
    assert "Nothing was decided about demo from" in said.stderr
    assert "evertopic monitor" in said.stderr
