"""Answers are stored once, found page by page, and forgotten."""

import threading
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from evertopic.errors import BadInput, Unavailable
from evertopic.storage.store import Store, open_store
from evertopic.storage.store.predictions import FORGOTTEN_AT_ONCE
from tests.unit.storage.answers import NOW, answer, answers, say

LONG_AGO = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
"""A moment that has no name in UTC."""


def all_pages(store: Store, limit: int, **asked: Any) -> list[str]:
    ids, after = [], None
    while True:
        rows, after = store.predictions.page("news", limit=limit, after=after, **asked)
        assert len(rows) <= limit
        ids += [row.id for row in rows]
        if after is None:
            return ids


def test_round_trip(store: Store) -> None:
    """Everything of an answer comes back as it was, to the microsecond; another loop does not see it."""
    bare = answer(1, alias=None, text=None, key=None, remark="empty", model_key=None, alternatives=())
    full = answer(2, text="Ä 😀 مرحبا\n", rule="legal", strength=0.1 + 0.2, source="batch")
    assert store.predictions.add([bare, full]) == 2
    assert [store.predictions.get("news", row.id) for row in (bare, full)] == [bare, full]
    assert store.predictions.get("other", bare.id) is None
    assert store.predictions.get("news", "none") is None


def test_stored_once(store: Store) -> None:
    """An id that is there already, or twice in one call, is stored once; what is there stays; new ones are counted."""
    assert store.predictions.add([]) == 0
    assert store.predictions.add(answers(3)) == 3
    again = [*answers(5, name="other"), answer(7), answer(7)]
    assert store.predictions.add(again) == 3
    assert store.predictions.add(again) == 0
    assert [row.name for row in store.predictions.page("news")[0]] == ["cricket", "other", "other", *["cricket"] * 3]


def test_many_at_once(store: Store) -> None:
    """Thousands go in with one call."""
    assert store.predictions.add(answers(2_500)) == 2_500
    assert store.predictions.stats("news").total == 2_500


@pytest.mark.parametrize(
    "fault",
    [{"text": "a\x00b"}, {"text": "\ud800"}, {"version": 2**70}, {"at": datetime(2024, 1, 1)}, {"name": None}],  # noqa: DTZ001
    ids=["nul", "half", "large", "zone", "null"],
)
def test_refused_rows(store: Store, fault: dict[str, Any]) -> None:
    """A row that the database cannot hold is bad input, without its text in the message, and none is stored."""
    rows = [answer(1, text="secret text"), answer(2, **fault)]
    if store.engine.dialect.name == "sqlite" and fault == {"text": "a\x00b"}:
        assert store.predictions.add(rows) == 2  # SQLite holds NUL characters
        return
    with pytest.raises(BadInput, match=r"2 predictions, the first with id 000001.*one by one") as caught:
        store.predictions.add(rows)
    assert "secret" not in str(caught.value)
    assert store.predictions.stats("news").total == 0


def test_a_broken_database_is_no_bad_row(store: Store) -> None:
    """Where the table is gone no row is to blame."""
    with store.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE predictions"))
    with pytest.raises((Unavailable, SQLAlchemyError)):
        store.predictions.add(answers(1))


def test_pages(store: Store) -> None:
    """Pages of any size hold every answer once, newest first, ids deciding between answers of one moment."""
    rows = [*answers(7), *(answer(100 + number, at=NOW) for number in range(5))]
    store.predictions.add(rows)
    expected = [row.id for row in sorted(rows, key=lambda row: (row.at, row.id), reverse=True)]
    for limit in (1, 2, 5, 11, 12, 13):
        assert all_pages(store, limit) == expected


def test_pages_stand_still(store: Store) -> None:
    """Answers that come in while somebody reads on do not move the pages that follow."""
    store.predictions.add(answers(4))
    first, after = store.predictions.page("news", limit=2)
    store.predictions.add(answers(3, first=10))
    second, end = store.predictions.page("news", limit=2, after=after)
    assert [row.id for row in (*first, *second)] == ["000003", "000002", "000001", "000000"]
    assert end is None


def test_filters(store: Store) -> None:
    """Time (from, inclusive; to, exclusive), topic, `unassigned`, version, each alone and together, over pages too."""
    store.predictions.add(
        [
            answer(0),
            answer(1, key=None),
            answer(2, version=4),
            answer(3, key="rule:legal", version=4),
            answer(4, key="rule:legal"),
            answer(5, loop="other"),
        ]
    )
    second = timedelta(seconds=1)
    assert all_pages(store, 1, since=NOW + 2 * second) == ["000004", "000003", "000002"]
    assert all_pages(store, 1, until=NOW + 2 * second) == ["000001", "000000"]
    assert all_pages(store, 1, key="unassigned") == ["000001"]
    assert all_pages(store, 1, key="rule:legal") == ["000004", "000003"]
    assert all_pages(store, 1, version=4) == ["000003", "000002"]
    assert all_pages(store, 1, key="rule:legal", version=4, since=NOW, until=NOW + 9 * second) == ["000003"]
    tokyo = timezone(timedelta(hours=9))
    assert all_pages(store, 1, since=(NOW + 4 * second).astimezone(tokyo)) == ["000004"]


@pytest.mark.parametrize("after", ["", "x", "é", "2024", "\x00", "\ud800", "MjAyNC0wNS0wMQ==", "AAAA", "A" * 10_000])
def test_damaged_cursor(store: Store, after: str) -> None:
    """A cursor that no page gave is bad input."""
    with pytest.raises(BadInput, match="is no place in a list"):
        store.predictions.page("news", after=after)


def test_changed_cursor(store: Store) -> None:
    """A changed cursor is bad input, or another place in the list; never a fault."""
    store.predictions.add(answers(3))
    after = store.predictions.page("news", limit=1)[1] or ""
    for changed in (
        f"{after[:4]}!{after[4:]}",
        f"{after}=",
        urlsafe_b64encode(b"2024-05-01T12:00:00+02:00 x").decode(),
    ):
        with pytest.raises(BadInput, match="is no place in a list"):
            store.predictions.page("news", after=changed)
    for at in range(len(after)):
        try:
            store.predictions.page("news", after=f"{after[:at]}B{after[at + 1 :]}")
        except BadInput:
            continue


def test_odd_questions(store: Store) -> None:
    """What no answer can have is found nowhere, in no database; times without a zone and other limits are bad input."""
    store.predictions.add(answers(2))
    odd = ("\x00", "\ud800", "x" * 10_000, "'; DROP TABLE predictions; --")
    assert [store.predictions.get("news", value) for value in odd] == [None] * 4
    assert [store.predictions.page(value)[0] for value in odd] == [()] * 4
    assert [store.predictions.page("news", key=value)[0] for value in odd] == [()] * 4
    assert [store.predictions.page("news", version=value)[0] for value in (-1, 2**31, 2**80)] == [()] * 3
    for limit in (0, -1, 1_001, 2**80):
        with pytest.raises(BadInput, match="ask for 1 to 1000"):
            store.predictions.page("news", limit=limit)
    for time in (LONG_AGO, datetime(2024, 1, 1)):  # noqa: DTZ001
        with pytest.raises(BadInput, match="zone"):
            store.predictions.page("news", since=time)
        with pytest.raises(BadInput, match="zone"):
            store.predictions.stats("news", until=time)


def test_forget(store: Store) -> None:
    """Older answers go, with all feedback on them; the moment itself, other loops and later feedback stay."""
    store.predictions.add([*answers(3), *answers(3, first=10, loop="other")])
    for number in (0, 1, 2, 10):
        say(store, number, "right", at=NOW + timedelta(days=1))
    say(store, 77, "right", at=NOW)  # on an answer that is gone already
    assert store.predictions.forget("news", NOW + timedelta(seconds=2)) == 2
    assert [row.id for row in store.predictions.page("news")[0]] == ["000002"]
    assert store.predictions.stats("other").total == 3
    left = store.feedback.of("news", ["000000", "000001", "000002", "000010", "000077"])
    assert set(left) == {"000002", "000010"}
    assert store.predictions.forget("news", NOW + timedelta(seconds=2)) == 0


def test_forget_many(store: Store) -> None:
    """More than one part goes, and exactly what is older."""
    count = 2 * FORGOTTEN_AT_ONCE
    store.predictions.add(answers(count + 5))
    assert store.predictions.forget("news", NOW + timedelta(seconds=count)) == count
    assert store.predictions.stats("news").total == 5


def test_others_write_while_it_forgets(store: Store) -> None:
    """Who writes while much is forgotten waits for one part of it at most, not for the whole."""
    store.predictions.add(answers(8 * FORGOTTEN_AT_ONCE))
    other = open_store(store.engine.url.render_as_string(hide_password=False), patience_s=2)
    forgetting = threading.Thread(target=store.predictions.forget, args=("news", NOW + timedelta(days=9)))
    forgetting.start()
    written = 0
    while forgetting.is_alive():
        written += other.predictions.add([answer(written, loop="other", id=f"new {written}")])
    forgetting.join()
    other.close()
    assert written > 10
    assert store.predictions.stats("news").total == 0
    assert store.predictions.stats("other").total == written


def test_texts(store: Store) -> None:
    """Each kept text once, with the time it was first asked; of these sources, up to this moment, of this loop."""
    store.predictions.add(
        [
            answer(1, text="b", text_digest="B"),
            answer(2, text="a", text_digest="A", source="batch"),
            answer(3, text="b", text_digest="B"),
            answer(4, text="[email]", text_digest="B"),
            answer(5, text=None, text_digest="C"),
            answer(6, text="d", text_digest="D", source="cli"),
            answer(7, text="e", text_digest="E", loop="other"),
            answer(8, text="f", text_digest="F"),
        ]
    )
    found = store.predictions.texts("news", NOW + timedelta(seconds=8), ("api", "batch"))
    assert [(digest, text) for digest, text, _ in found] == [("B", "b"), ("A", "a"), ("B", "[email]")]
    assert found[0][2] == NOW + timedelta(seconds=1)
    assert store.predictions.texts("other", NOW, ("api",)) == ()
