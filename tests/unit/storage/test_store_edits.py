from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from evertopic.errors import BadInput
from evertopic.identity.drafts import Draft, Entry
from evertopic.records import Edit
from evertopic.storage.store import Store

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def keys(store: Store) -> tuple[str, ...]:
    return store.keys.mint("news", 4, at=AT, randomness=Random(1))


def add(store: Store, loop: str = "news", by: str = "ann", at: datetime = AT, **content: Any) -> Edit:
    return store.edits.add(loop, Draft(**content), by=by, at=at, randomness=Random(str(content)))


def test_an_edit_is_kept_with_its_author_and_its_time(store: Store, keys: tuple[str, ...]) -> None:
    """What comes back is what was added; another loop sees nothing of it."""
    added = add(store, kind="rename", key=keys[0], name="Bänk", comment="as the board says")
    assert (added.by, added.at, added.key, added.name, added.undone_at) == ("ann", AT, keys[0], "Bänk", None)
    assert store.edits.list("news") == (added,)
    assert store.edits.list("mail") == ()


def test_edits_keep_their_order_whatever_the_clocks_say(store: Store, keys: tuple[str, ...]) -> None:
    """A clock that goes after makes no edit older than one it may rest on."""
    first = add(store, kind="rename", key=keys[0], name="A")
    second = add(store, kind="rename", key=keys[0], name="B", at=AT - timedelta(hours=1))
    assert store.edits.list("news") == (first, second)
    assert second.at > first.at


def test_a_split_and_a_pin_get_keys_of_their_own(store: Store, keys: tuple[str, ...]) -> None:
    """Which can then be edited like any other."""
    split = add(store, kind="split", key=keys[0], name="Phishing", texts=("a", "b"))
    pin = add(store, kind="pin", name="Fraud", texts=("c",))
    assert split.into is not None
    assert {split.into, pin.key} <= store.edits.known("news") - set(keys)
    assert add(store, kind="merge", key=split.into, into=pin.key).into == pin.key


def test_an_edit_of_a_topic_nobody_has_is_refused(store: Store, keys: tuple[str, ...]) -> None:
    """Nor of a topic of another loop, nor of one that was merged away; no key is wasted on it."""
    add(store, kind="merge", key=keys[0], into=keys[1])
    known = store.edits.known("news")
    for key, part in (("t000000", "never had a topic 't000000'"), (keys[0], f"{keys[0]} was merged into {keys[1]}")):
        with pytest.raises(BadInput, match=part):
            add(store, kind="split", key=key, name="A", texts=("a",))
    with pytest.raises(BadInput, match="mail never had"):
        add(store, "mail", kind="hide", key=keys[1])
    assert store.edits.known("news") == known
    assert len(store.edits.list("news")) == 1


def test_undo_is_an_event_of_its_own(store: Store, keys: tuple[str, ...]) -> None:
    """The edit is kept, with who undid it and when; the first undo counts."""
    added = add(store, kind="hide", key=keys[0])
    undone, fresh = store.edits.undo("news", added.id, by="bob", at=AT + timedelta(hours=1))
    assert fresh
    assert (undone.undone_by, undone.undone_at) == ("bob", AT + timedelta(hours=1))
    assert store.edits.undo("news", added.id, by="eve", at=AT + timedelta(hours=2)) == (undone, False)
    assert store.edits.list("news") == ()
    assert store.edits.list("news", undone=True) == (undone,)


def test_an_unknown_edit_cannot_be_undone(store: Store, keys: tuple[str, ...]) -> None:
    """Those in force are named; an edit of another loop is unknown."""
    added = add(store, kind="hide", key=keys[0])
    with pytest.raises(BadInput, match=f"news has no edit 'e0': those in force are {added.id}"):
        store.edits.undo("news", "e0", by="bob", at=AT)
    with pytest.raises(BadInput, match="mail has no edit"):
        store.edits.undo("mail", added.id, by="bob", at=AT)


def test_a_merge_undone_can_be_edited_again(store: Store, keys: tuple[str, ...]) -> None:
    """Its topic is there again."""
    merge = add(store, kind="merge", key=keys[0], into=keys[1])
    store.edits.undo("news", merge.id, by="ann", at=AT)
    assert add(store, kind="merge", key=keys[1], into=keys[0]).key == keys[1]


def test_the_stamp_moves_with_every_edit_and_every_undo(store: Store, keys: tuple[str, ...]) -> None:
    """And with nothing else."""
    stamps = [store.edits.stamp("news")]
    added = add(store, kind="hide", key=keys[0])
    stamps.append(store.edits.stamp("news"))
    store.edits.undo("news", added.id, by="ann", at=AT)
    stamps.append(store.edits.stamp("news"))
    store.edits.undo("news", added.id, by="ann", at=AT)
    assert stamps == [(0, 0), (1, 0), (1, 1)]
    assert store.edits.stamp("news") == (1, 1)
    assert store.edits.stamp("mail") == (0, 0)


def test_entries_keep_what_they_bring(store: Store, keys: tuple[str, ...]) -> None:
    """Id, author, time and the key of a new topic, which is the loop's from then on."""
    entries = [
        Entry(kind="pin", id="e1", by="eve", at=AT - timedelta(days=9), key="tzzzzzz", name="Fraud", texts=("c",)),
        Entry(kind="merge", key=keys[0], into="tzzzzzz"),
    ]
    pin, merge = store.edits.enter("news", entries, by="ann", at=AT, randomness=Random(0))
    assert (pin.id, pin.by, pin.key) == ("e1", "eve", "tzzzzzz")
    assert (merge.by, merge.at) == ("ann", AT)
    assert "tzzzzzz" in store.edits.known("news")
    assert store.edits.list("news") == (pin, merge)


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("fraud", "'fraud' is no topic key"),
        ("OTHER", "belongs to a topic of mail"),
        ("OWN", "belongs to a topic of news"),
    ],
)
def test_all_entries_or_none(store: Store, keys: tuple[str, ...], key: str, part: str) -> None:
    """One with a key that is no key, or another topic's of this loop or another one, keeps the others out."""
    (other,) = store.keys.mint("mail", 1, at=AT, randomness=Random(5))
    entries = [
        Entry(kind="hide", key=keys[0]),
        Entry(kind="pin", key={"OTHER": other, "OWN": keys[1]}.get(key, key), name="Fraud", texts=("c",)),
    ]
    with pytest.raises(BadInput, match=part):
        store.edits.enter("news", entries, by="ann", at=AT, randomness=Random(0))
    assert store.edits.list("news", undone=True) == ()


def test_an_id_is_used_once(store: Store, keys: tuple[str, ...]) -> None:
    """Edits never change."""
    store.edits.enter("news", [Entry(kind="hide", key=keys[0], id="e1")], by="ann", at=AT, randomness=Random(0))
    with pytest.raises(BadInput, match="there is an edit e1 already"):
        store.edits.enter("news", [Entry(kind="hide", key=keys[1], id="e1")], by="a", at=AT, randomness=Random(0))


PREPARE = """
from datetime import UTC, datetime
from random import SystemRandom
from evertopic.errors import BadInput
from evertopic.identity.drafts import Draft
from evertopic.storage.store import open_store
store = open_store(sys.argv[1].split("|")[0], patience_s=30)
keys = sys.argv[1].split("|")[1:]
"""
MERGE = """
import os
one, other = keys if os.getpid() % 2 else keys[::-1]
try:
    store.edits.add("news", Draft(kind="merge", key=one, into=other), by="ann",
                    at=datetime(2026, 3, 1, tzinfo=UTC), randomness=SystemRandom())
except BadInput:
    sys.exit(3)
"""


def test_of_edits_that_exclude_one_another_one_is_kept(
    store: Store, store_url: str, keys: tuple[str, ...], at_once: Callable[[int, str, str, str], list[int]]
) -> None:
    """Several processes merge two topics at once, each its own way: the first one is right, the others are refused."""
    codes = at_once(4, PREPARE, MERGE, f"{store_url}|{keys[0]}|{keys[1]}")
    assert sorted(codes) == [0, 3, 3, 3]
    assert len(store.edits.list("news")) == 1
