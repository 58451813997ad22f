"""What is told of a check and of a wish."""

from pathlib import Path

from evertopic.records import Decision
from tasks.announce_check import _row
from tasks.asking import ask_for_retraining
from tests.unit.tasks.loops import job
from tests.unit.triggers.situations import NOW, verdict


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


def test_a_wish_that_is_fulfilled_here(tmp_path: Path) -> None:
    """Whoever retrains in this process asks nobody: Prefect is not spoken to."""
    decision = Decision("x", "news", NOW, None, 3, (), True, "request", "A person asked.", "e1")
    asked = ask_for_retraining.fn(job(tmp_path, "sqlite://"), decision, "configs/news.yaml", elsewhere=False)
    assert asked.decision == decision
    assert asked.requested.action == "nothing"
    assert asked.requested.run is None
