"""Edits of a file, which come with ids, keys, times and undos."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from evertopic.errors import BadInput
from evertopic.identity.drafts import Draft, Entry
from evertopic.records import Edit
from evertopic.storage.store import Store

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def keys(store: Store) -> tuple[str, ...]:
    return store.keys.mint("news", 4, at=AT, randomness=Random(1))


def enter(store: Store, *entries: Entry, loop: str = "news") -> tuple[Edit, ...]:
    return store.edits.enter(loop, entries, by="ann", at=AT, randomness=Random(7))


def test_a_key_is_one_topics(store: Store, keys: tuple[str, ...]) -> None:
    """Not of two parts in one file, nor of a part that was made before and one of a file."""
    one = Entry(kind="split", key=keys[0], into="tzzzzzz", name="A", texts=("a",))
    with pytest.raises(BadInput, match="tzzzzzz belongs to a topic of news"):
        enter(store, one, Entry(kind="split", key=keys[1], into="tzzzzzz", name="B", texts=("b",)))
    assert store.edits.list("news") == ()
    enter(store, one)
    with pytest.raises(BadInput, match="tzzzzzz belongs to a topic of news"):
        enter(store, Entry(kind="pin", key="tzzzzzz", name="B", texts=("b",)))


def test_an_id_is_one_edits(store: Store, keys: tuple[str, ...]) -> None:
    """Not of two entries in one file, nor of edits of two loops."""
    hide = Entry(kind="hide", key=keys[0], id="e1")
    with pytest.raises(BadInput, match="there is an edit e1 already, of news"):
        enter(store, hide, hide)
    enter(store, hide)
    (other,) = store.keys.mint("mail", 1, at=AT, randomness=Random(5))
    with pytest.raises(BadInput, match="there is an edit e1 already, of news"):
        enter(store, Entry(kind="hide", key=other, id="e1"), loop="mail")


@pytest.mark.parametrize("field", ["at", "undone_at"])
@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59.999999Z", "2027-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_a_time_is_between_1970_and_now(store: Store, keys: tuple[str, ...], field: str, moment: str) -> None:
    """Every later edit would come after a time ahead; the loop can be edited as before."""
    entry = Entry.model_validate({"kind": "hide", "key": keys[0], "id": "e1", field: moment})
    with pytest.raises(BadInput, match=f"{field} of the hide is .* between 1970 and now"):
        enter(store, entry)
    draft = Draft(kind="hide", key=keys[0])
    assert store.edits.add("news", draft, by="ann", at=AT, randomness=Random(0)).at == AT


def later(hours: int) -> datetime:
    return AT - timedelta(days=1) + timedelta(hours=hours)


def test_what_was_undone_comes_with_its_undo(store: Store) -> None:
    """A topic that was made, renamed and unmade: each was possible when it was decided."""
    pin = Entry(kind="pin", key="tzzzzzz", id="e1", at=later(0), undone_at=later(2), name="A", texts=("a",))
    rename = Entry(kind="rename", key="tzzzzzz", id="e2", at=later(1), name="B")
    made, renamed = enter(store, pin.model_copy(update={"undone_by": "bob"}), rename)
    assert (made.undone_at, made.undone_by, renamed.undone_at) == (later(2), "bob", None)
    assert store.edits.list("news") == (renamed,)
    with pytest.raises(BadInput, match="made by edit e1, which was undone"):
        enter(store, Entry(kind="hide", key="tzzzzzz"))


def test_an_undo_makes_room_for_what_comes_after_it(store: Store, keys: tuple[str, ...]) -> None:
    """A merge that is in force here is undone in the file, and its topic renamed: both happen, or neither."""
    merge = Entry(kind="merge", key=keys[0], into=keys[1], id="e1", at=later(0))
    rename = Entry(kind="rename", key=keys[0], name="A")
    undone = merge.model_copy(update={"undone_at": later(1)})
    enter(store, merge)
    with pytest.raises(BadInput, match="never had a topic"):
        enter(store, undone, rename, Entry(kind="hide", key="t000000"))
    assert [edit.id for edit in store.edits.list("news")] == ["e1"]
    with pytest.raises(BadInput, match=f"{keys[0]} was merged into"):
        enter(store, rename.model_copy(update={"at": later(0)}), undone)
    _, renamed = enter(store, undone, rename)
    assert store.edits.list("news") == (renamed,)
