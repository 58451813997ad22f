"""Somebody who sets up the delivery sees at once which address works, and never the address."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from demos.inbox import inbox
from evertopic.cli.main import app


def test_a_test_message(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each address is told by position and scheme: what arrived, what did not; one that missed ends with 5."""
    with inbox() as box, inbox() as away:
        away.status = 500
        monkeypatch.setenv("EVERTOPIC_NOTIFY", box.url())
        good = CliRunner().invoke(app, ["notify", "test"])
        monkeypatch.setenv("EVERTOPIC_NOTIFY", f"{box.url()} {away.url()}")
        half = CliRunner().invoke(app, ["notify", "test", "demo", "--json"])
    assert good.exit_code == 0
    assert good.stdout.split() == ["address", "scheme", "arrived", "1", "json", "yes"]
    assert [message["title"] for message in box.messages] == ["[demo] A test message"] * 2
    assert half.exit_code == 5
    assert json.loads(half.stdout)["deliveries"] == [
        {"position": 1, "scheme": "json", "arrived": True},
        {"position": 2, "scheme": "json", "arrived": False},
    ]
    assert "sesame" not in good.output + half.output
    assert "1 of 2 did not take" in half.stderr


@pytest.mark.parametrize(("addresses", "said"), [("", "names no address"), ("sesame", "number 1 (not shown")])
def test_nothing_to_test(project: Path, monkeypatch: pytest.MonkeyPatch, addresses: str, said: str) -> None:
    """No address, or one that is none: a fault of the configuration, in words."""
    monkeypatch.setenv("EVERTOPIC_NOTIFY", addresses)
    done = CliRunner().invoke(app, ["notify", "test"])
    assert done.exit_code == 2
    assert said in done.stderr
    assert "sesame" not in done.output


def test_the_list_of_a_loop_that_told_nothing(project: Path) -> None:
    """It says so, and what to try; as JSON it is empty."""
    assert "Nobody was told anything of demo yet" in CliRunner().invoke(app, ["notify", "list"]).stdout
    assert json.loads(CliRunner().invoke(app, ["notify", "list", "--json"]).stdout) == {"loop": "demo", "notices": []}


def test_the_list(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was told stands there with its outcome."""
    from datetime import UTC, datetime

    from evertopic.records import Notice
    from evertopic.storage.store import open_store

    store = open_store(f"sqlite:///{project}/.evertopic/store.db")
    notice = Notice("demo", "rolled back", "version 3", "critical", "Version 3 answers again", "Slow.")
    store.notices.put("n1", notice, "Slow.", at=datetime(2026, 3, 1, 12, tzinfo=UTC), outcome="delivered")
    store.close()
    shown = CliRunner().invoke(app, ["notify", "list"], env={"COLUMNS": "120"}).stdout
    row = shown.splitlines()[1]
    assert row.split("  ")[0] == "2026-03-01 12:00"
    assert "rolled back" in row
    assert "Version 3 answers again" in row
    assert "delivered" in row
