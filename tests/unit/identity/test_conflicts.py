from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from evertopic.identity.conflicts import Conflict, Ground, conflicts
from evertopic.records import Edit, LineageEvent

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def edit(id: str, kind: Any, key: str, at: datetime = AT, **more: Any) -> Edit:  # noqa: A002
    return Edit(id, "news", at, "ann", kind, key, **more)


def event(kind: Any, key: str, other: str | None = None, at: datetime = AT + HOUR) -> LineageEvent:
    return LineageEvent(2, at, kind, key, "a name", 9, other, None)


def found(
    edits: list[Edit], keys: str, *events: LineageEvent, documents: dict[str, int] | None = None
) -> tuple[Conflict, ...]:
    return conflicts(edits, Ground(keys.split(), events, documents))


RENAME = edit("e1", "rename", "t1", name="Refunds")


def test_an_edit_of_a_topic_that_goes_on_is_no_conflict() -> None:
    """Nor is one whose topic took in another one, nor one that had split before."""
    assert found([RENAME], "t1", event("kept", "t1"), event("merged", "t2", "t1")) == ()
    assert found([RENAME], "t1 t2", event("split", "t2", "t1", at=AT - HOUR)) == ()
    assert found([], "t1", event("split", "t2", "t1")) == ()


def test_a_renamed_topic_that_has_split() -> None:
    """The name may be that of one part only."""
    (conflict,) = found([RENAME], "t1 t2", event("kept", "t1"), event("split", "t2", "t1"))
    assert (conflict.edit, conflict.key, conflict.reason) == (RENAME, "t1", "split")
    assert conflict.sentence == "`Refunds` was given to t1, which has split into t1 and t2"
    assert conflict.suggestion == "rename t2 too, or undo e1; to keep it as it is, say it again"


def test_a_model_that_waited_while_the_edit_was_made() -> None:
    """A challenger trained before the edit has split its topic; when that answers, the edit is listed all the same."""
    split = event("split", "t2", "t1", at=AT - HOUR)
    assert [one.reason for one in found([replace(RENAME, generation=1)], "t1 t2", split)] == ["split"]
    assert found([replace(RENAME, generation=2)], "t1 t2", split) == ()


def test_where_a_topic_went_is_told_whenever_it_went() -> None:
    """Also when it had gone in a model made before the edit, which then answered under another one."""
    (conflict,) = found([RENAME], "t2", event("merged", "t1", "t2", at=AT - HOUR))
    assert conflict.reason == "merged"


def test_a_split_is_seen_to_by_a_person() -> None:
    """Who edits the part that came out, or says the same again; a part that is gone again needs nobody."""
    split, late = event("split", "t2", "t1"), AT + 2 * HOUR
    assert found([RENAME, edit("e2", "rename", "t2", late, name="Vouchers")], "t1 t2", split) == ()
    assert found([RENAME, edit("e2", "rename", "t1", late, name="Refunds")], "t1 t2", split) == ()
    assert found([RENAME], "t1", split) == ()


def test_a_renamed_topic_that_has_gone_into_another() -> None:
    """The sentence says where it is now."""
    (conflict,) = found([RENAME], "t2", event("merged", "t1", "t2"))
    assert (conflict.reason, conflict.sentence) == ("merged", "`Refunds` was given to t1, which has gone into t2")
    assert conflict.suggestion == "undo e1, and edit t2 if it still holds"


def test_a_hidden_topic_that_is_gone() -> None:
    """Also one that nobody knows anything about, as after a rollback."""
    hide = edit("e1", "hide", "t1")
    for events in ([event("retired", "t1")], []):
        (conflict,) = found([hide], "t2", *events)
        assert (conflict.reason, conflict.sentence) == ("gone", "t1 was hidden, but it is no topic of this model")
        assert conflict.suggestion == "undo e1"


def test_both_ends_of_a_merge_are_looked_at() -> None:
    """The topic that goes, and the one that stays."""
    merge = edit("e1", "merge", "t1", into="t2")
    assert [one.key for one in found([merge], "t3")] == ["t1", "t2"]
    (conflict,) = found([merge], "t1 t2 t3", event("split", "t3", "t2"))
    assert conflict.sentence == "t1 was merged into t2, but t2 has split into t2 and t3"
    assert conflict.suggestion == "edit t3 too, or undo e1"


def test_a_merge_that_the_model_has_made_too() -> None:
    """The model agrees, or the topic is gone: there is nothing to look at, nor where a later merge leads further."""
    merge, further = edit("e1", "merge", "t1", into="t2"), edit("e2", "merge", "t2", into="t3")
    assert found([merge], "t2", event("merged", "t1", "t2")) == found([merge], "t2", event("retired", "t1")) == ()
    assert found([merge, further], "t3", event("merged", "t2", "t3")) == ()
    assert [one.key for one in found([merge], "t1")] == ["t2"]


def test_documents_moved_to_a_topic_that_is_gone() -> None:
    """They are answered as the model answers them, and somebody is told."""
    (conflict,) = found([edit("e1", "move", "t1", texts=("a", "b"))], "t2")
    assert conflict.sentence == "2 documents were moved to t1, but t1 is no topic of this model"


def test_a_part_of_a_topic_that_is_gone() -> None:
    """The edit is a conflict, and so is every edit of the part."""
    split = edit("e1", "split", "t1", into="t9", name="Phishing", texts=("a",))
    rename = edit("e2", "rename", "t9", name="Scams")
    assert [(one.edit.id, one.key, one.reason) for one in found([split, rename], "t2")] == [
        ("e1", "t1", "gone"),
        ("e2", "t9", "gone"),
    ]


def test_a_pinned_topic_without_documents() -> None:
    """It must exist, and does not; where documents cannot be counted nobody is troubled."""
    pin = edit("e1", "pin", "t9", name="Fraud", texts=("a",))
    (conflict,) = found([pin], "t1", documents={"t1": 5})
    assert (conflict.key, conflict.reason) == ("t9", "empty")
    assert conflict.sentence == "`Fraud` (t9) was pinned: no document of the training is answered with t9"
    assert found([pin], "t1", documents={"t9": 1}) == found([pin], "t1") == ()
    assert found([pin, edit("e2", "hide", "t9")], "t1", documents={}) == ()
    assert found([pin, edit("e2", "merge", "t9", into="t1")], "t1", documents={}) == ()


def test_an_edit_of_a_topic_whose_making_was_undone() -> None:
    """It waits for nothing any more."""
    pin = replace(edit("e1", "pin", "t9", name="Fraud", texts=("a",)), undone_at=AT + HOUR)
    (conflict,) = found([pin, edit("e2", "rename", "t9", name="Frauds")], "t1")
    assert (conflict.edit.id, conflict.reason, conflict.suggestion) == ("e2", "unmade", "undo e2")


def test_an_edit_that_a_later_one_replaced_is_at_rest() -> None:
    """Another name, or its topic merged away by a person: only the later one is looked at."""
    later = edit("e2", "rename", "t1", name="Money back")
    assert [one.edit.id for one in found([RENAME, later], "t2")] == ["e2"]
    merge = edit("e2", "merge", "t1", into="t2")
    assert [(one.edit.id, one.key) for one in found([RENAME, merge], "t3")] == [("e2", "t1"), ("e2", "t2")]


class Counted(str):
    """A key that knows how often keys were compared."""

    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)


def test_thousands_of_edits_are_not_compared_with_one_another() -> None:
    """Each is looked up a few times, however many there are."""
    keys = [Counted(f"t{at}") for at in range(300)]
    edits = [edit(f"e{at}", "rename", key, name="A") for at, key in enumerate(keys)]
    events = [event("split", f"p{at}", Counted(f"t{at}")) for at in range(300)]
    assert len(conflicts(edits, Ground([*keys, *(one.key for one in events)], events, None))) == 300
    assert Counted.compared < 300 * 20
