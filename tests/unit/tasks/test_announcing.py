"""What is told of a check, of a wish and of a retraining."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from evertopic.records import Decision, GateReport, Outcome, Release
from tasks.announce_check import _row
from tasks.asking import ask_for_retraining
from tasks.retrained import _news
from tests.unit.cli.cards import a_version
from tests.unit.tasks.loops import job
from tests.unit.triggers.situations import NOW, verdict

GATE = GateReport("news", "news", 3, 4, 100, 50, (), passed=True, reason="Better.")
LINE = Release(
    "r1", "news", "news", 4, "d", 3, "promoted", datetime(2026, 3, 1, tzinfo=UTC), "ann", "w", None, None, None, None
)


def test_a_row_of_a_verdict() -> None:
    """Sign, who, of what, p, limit, share concerned, sentence."""
    said = _row(verdict("drift", p=0.00012, threshold=1 / 720, size=0.214))
    assert said == "| ⚠ | mmd | new subject | 0.00012 | 0.0014 | 21% | mmd says drift. |"


def test_a_row_of_a_refusal() -> None:
    """What was not measured is empty; the sentence says why."""
    refused = verdict("refused", p=None, threshold=None, size=None, said="Too few.")
    assert _row(refused) == "| – | mmd | new subject |  |  |  | Too few. |"


def test_names_do_not_break_the_table() -> None:
    """A topic may be called `a | b`, and a name may have lines."""
    row = _row(verdict("drift", said="New: a | b\nc."))
    assert "New: a \\| b c." in row
    assert "\n" not in row


@pytest.mark.parametrize(
    ("released", "back", "event", "words"),
    [
        (LINE, None, "promoted", "version 4 is the champion"),
        (None, None, "gate held", "version 4 is not released"),
        (None, LINE, "rolled back", "version 4 was rolled back"),
    ],
)
def test_how_it_ended(released: Release | None, back: Release | None, event: str, words: str) -> None:
    """Promoted, held, or rolled back by its canary set: three pieces of news."""
    told = _news("news", a_version(name="news", version=4), Outcome(released, GATE, "Said.", back))
    assert told == (event, f"news: {words}")


def test_a_wish_that_is_fulfilled_here(tmp_path: Path) -> None:
    """Whoever retrains in this process asks nobody: Prefect is not spoken to."""
    decision = Decision("x", "news", NOW, None, 3, (), True, "request", "A person asked.", "e1")
    asked = ask_for_retraining.fn(job(tmp_path, "sqlite://"), decision, "configs/news.yaml", elsewhere=False)
    assert asked.decision == decision
    assert asked.requested.action == "nothing"
    assert asked.requested.run is None
