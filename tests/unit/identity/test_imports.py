from dataclasses import replace
from datetime import UTC, datetime

from evertopic.identity.drafts import Entry
from evertopic.identity.imports import plan
from evertopic.records import Edit

AT = datetime(2026, 3, 1, tzinfo=UTC)
HERE = Edit("e1", "news", AT, "ann", "hide", "t1")


def does(entries: list[Entry], *edits: Edit) -> list[str]:
    steps, faults = plan(entries, edits)
    assert faults == ()
    return [step.does for step in steps]


def test_what_is_undone_in_the_file_is_brought_with_its_undo() -> None:
    """Later entries may rest on it; without an id nobody could know it again, and it is left out."""
    undone = Entry(kind="hide", key="t1", id="e1", undone_at=AT)
    assert does([undone]) == ["add"]
    assert does([undone], HERE) == ["undo"]
    assert does([undone], replace(HERE, undone_at=AT)) == ["nothing"]
    assert does([undone.model_copy(update={"id": None})]) == ["nothing"]


def test_what_is_undone_and_decided_anew_is_in_force() -> None:
    """After the first import as after the second."""
    entries = [Entry(kind="hide", key="t1", id="e1", undone_at=AT), Entry(kind="hide", key="t1")]
    assert does(entries, HERE) == ["undo", "add"]
    assert does(entries, replace(HERE, undone_at=AT), replace(HERE, id="e2")) == ["nothing", "nothing"]
