from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from evertopic.corpus.contract import Contract
from evertopic.errors import BadInput
from evertopic.identity.drafts import Draft, Entry, draft_of
from evertopic.identity.edits import Changes, Said, fold
from evertopic.identity.entering import Course
from evertopic.records import Edit

AT = datetime(2026, 3, 1, tzinfo=UTC)


def edit(id: str, kind: Any, key: str, **more: Any) -> Edit:  # noqa: A002
    return Edit(id, "news", AT, "ann", kind, key, **more)


def test_no_edits_change_nothing() -> None:
    """Neither do those that were undone."""
    undone = replace(edit("e1", "hide", "t1"), undone_at=AT, undone_by="bob")
    assert fold([]) == fold([undone]) == Changes({}, {}, {}, (), ())


def test_the_last_name_counts() -> None:
    """And goes back to the one before when it is undone."""
    first, last = edit("e1", "rename", "t1", name="Bank"), edit("e2", "rename", "t1", name="Banks")
    assert fold([first, last]).names == {"t1": Said("Banks", "e2")}
    assert fold([first, replace(last, undone_at=AT)]).names == {"t1": Said("Bank", "e1")}


def test_merges_are_followed_to_their_end() -> None:
    """Through topics that a model lacks, but not into one."""
    changes = fold([edit("e1", "merge", "t1", into="t2"), edit("e2", "merge", "t2", into="t3")])
    assert changes.resolve("t1", {"t1", "t2", "t3"}) == Said("t3", "e2")
    assert changes.resolve("t1", {"t1", "t3"}) == Said("t3", "e2")
    assert changes.resolve("t1", {"t1", "t2"}) == Said("t2", "e1")
    assert changes.resolve("t1", {"t1"}) is None
    assert changes.resolve("t3", {"t1", "t2", "t3"}) is None


def test_merges_in_a_circle_end() -> None:
    """Two stores could have been merged by hand."""
    changes = fold([edit("e1", "merge", "t1", into="t2"), edit("e2", "merge", "t2", into="t1")])
    assert changes.resolve("t1", {"t1", "t2"}) == Said("t2", "e1")


def test_a_split_takes_from_what_its_topic_holds_by_then() -> None:
    """What was merged into it before, and the parts split off it before; not what comes later."""
    changes = fold(
        [
            edit("e1", "merge", "t1", into="t2"),
            edit("e2", "split", "t2", into="t8", name="A", texts=("a",)),
            edit("e3", "split", "t2", into="t9", name="B", texts=("b",)),
            edit("e4", "merge", "t3", into="t2"),
        ]
    )
    assert [made.parents for made in changes.made] == [{"t1", "t2"}, {"t1", "t2", "t8"}]
    assert changes.present({"t3"}) == {"t3"}
    assert changes.present({"t1"}) == {"t1"}
    assert changes.present({"t2"}) == {"t2", "t8", "t9"}


def test_a_pinned_topic_is_there_beside_any_model() -> None:
    """And can be divided like any other."""
    changes = fold(
        [
            edit("e1", "pin", "t8", name="Fraud", texts=("x",)),
            edit("e2", "split", "t8", into="t9", name="Phishing", texts=("y",)),
        ]
    )
    assert changes.present(()) == {"t8", "t9"}


def test_moved_documents_are_listed_one_by_one() -> None:
    """Each with its edit."""
    moved = fold([edit("e1", "move", "t1", texts=("a", "b"))]).moved
    assert [(one.text, one.key, one.edit) for one in moved] == [("a", "t1", "e1"), ("b", "t1", "e1")]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"kind": "rename", "key": "t1"}, "rename takes key, name: name missing"),
        ({"kind": "hide", "key": "t1", "name": "x"}, "hide takes key: no name"),
        ({"kind": "rename", "key": "t1", "name": " x"}, "name: should be 1 to 80 characters"),
        ({"kind": "pin", "name": "x", "texts": (" ",)}, "texts.0: should be a text that is not blank"),
        ({"kind": "pin", "name": "x", "texts": ("a\x00b",)}, "texts.0: holds NUL"),
        ({"kind": "pin", "name": "\ud800", "texts": ("a",)}, "half"),
        ({"kind": "rename", "key": "t1", "name": "\x1b[2JPaid"}, "name: should be 1 to 80"),
        ({"kind": "rename", "key": "t1", "name": "a\u202eb"}, "name: should be 1 to 80"),
        ({"kind": "rename", "key": "t1", "name": "a\u2028b"}, "name: should be 1 to 80"),
        ({"kind": "rename", "key": "t1", "name": "a\n"}, "name: should be 1 to 80"),
        ({"kind": "hide", "key": "t1\r"}, "key: should be a key"),
        ({"kind": "praise", "key": "t1"}, "'rename', 'merge'"),
    ],
)
def test_a_draft_with_a_fault_says_which(content: dict[str, Any], part: str) -> None:
    """What was found, and what the kind takes."""
    with pytest.raises(BadInput, match="This edit cannot be made") as fault:
        draft_of(content)
    assert part in str(fault.value)


@pytest.mark.parametrize("id_", ["a[/b]", "a/b", "", "x" * 41, "é"])
def test_an_id_is_a_plain_word(id_: str) -> None:
    """It stands in addresses and commands; so does an author on screens."""
    with pytest.raises(ValidationError, match="1 to 40 letters"):
        Entry(kind="hide", key="t1", id=id_)
    for field in ("by", "undone_by"):
        with pytest.raises(ValidationError, match="a name on one line"):
            Entry(**{"kind": "hide", "key": "t1", field: "ann\x1b[2J"})
    assert Entry(kind="hide", key="t1", id="e1_-Z", by="Ann Müller").id == "e1_-Z"


def test_what_can_be_answered_can_be_moved() -> None:
    """The longest text a contract allows by default."""
    text = "x" * Contract().max_characters
    assert Draft(kind="move", key="t1", texts=(text,)).texts == (text,)
    with pytest.raises(ValidationError):
        Draft(kind="move", key="t1", texts=(text + "x",))


def test_a_draft_must_fit_the_edits_before_it() -> None:
    """Its topics exist, and none of them was merged away or unmade."""
    edits = [
        edit("e1", "merge", "t1", into="t2"),
        replace(edit("e2", "pin", "t9", name="Fraud", texts=("x",)), undone_at=AT),
    ]
    known = frozenset({"t1", "t2", "t9"})

    def faults(**content: Any) -> str:
        return "; ".join(Course(edits, known).faults_of(Draft(**content), "news"))

    assert "news never had a topic 't7'" in faults(kind="hide", key="t7")
    assert "t1 was merged into t2 by edit e1: edit t2, or undo e1 first" in faults(kind="hide", key="t1")
    assert "t1 was merged into t2" in faults(kind="merge", key="t2", into="t1")
    assert "t9 was made by edit e2, which was undone" in faults(kind="rename", key="t9", name="x")
    assert "cannot be merged into itself" in faults(kind="merge", key="t2", into="t2")
    assert faults(kind="rename", key="t2", name="x") == ""
