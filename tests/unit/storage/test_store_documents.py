"""Documents enter in whole batches and come back in one order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evertopic.digests import digest_text
from evertopic.errors import BadInput, Unavailable
from evertopic.records import BatchFacts, Quarantined
from evertopic.storage.store import Store
from evertopic.storage.store.rows import CANONICAL, REJECTED

NOW = datetime(2024, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
NONE = pd.DataFrame(columns=list(REJECTED))


def frame_of(*ids: str, times: list[str] | None = None, **columns: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "id": list(ids),
            "text": [f"text of {identity}" for identity in ids],
            "label": pd.Series([None] * len(ids), dtype="str"),
            "timestamp": np.array(times or ["NaT"] * len(ids), dtype="datetime64[s]"),
            "metadata": pd.Series([{}] * len(ids), dtype=object),
            "origin": [f"a.csv:{number}" for number in range(len(ids))],
        }
    )
    return frame.assign(**columns)


def add(store: Store, batch: str, accepted: pd.DataFrame, at: datetime = NOW, **facts: Any) -> None:
    counts = {"read": len(accepted), "new": len(accepted), "known": 0, "quarantined": (), "watermark": None}
    known = BatchFacts(**(counts | {"source_digest": "s1"} | facts))
    store.documents.add_batch("news", batch, at=at, source="a.csv", facts=known, accepted=accepted, rejected=NONE)


def test_round_trip(store: Store) -> None:
    """A document comes back with text, label, time, metadata, origin, and the digest, batch and time it came with."""
    content = {"author": "Ä", "page": np.int64(3), "score": float("nan"), "tags": ["x"], "when": pd.NaT}
    accepted = frame_of("a", times=["2024-01-01T00:00:01"], label=["x"], metadata=[content])
    add(store, "b1", accepted)
    frame = store.documents.read_documents("news")
    assert frame.loc[0].to_dict() == {
        "id": "a",
        "text": "text of a",
        "label": "x",
        "timestamp": pd.Timestamp("2024-01-01T00:00:01"),
        "metadata": {"author": "Ä", "page": 3, "score": None, "tags": ["x"], "when": None},
        "origin": "a.csv:0",
        "text_digest": digest_text("text of a"),
        "batch": "b1",
        "ingested_at": pd.Timestamp("2024-05-01T12:00:00.123456"),
    }
    assert frame["timestamp"].dtype == "datetime64[s]"
    assert frame["id"].dtype == "str"


def test_no_documents(store: Store) -> None:
    """An empty store gives an empty table with the same columns and types."""
    empty = store.documents.read_documents("news")
    add(store, "b1", frame_of("a"))
    filled = store.documents.read_documents("news")
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == filled.dtypes.to_dict()
    assert store.documents.known("news", []) == {}


def test_known(store: Store) -> None:
    """Known ids come with the digest of their text, within their own loop, also when many are asked."""
    add(store, "b1", frame_of("a", "b"))
    many = [f"x{number}" for number in range(12_000)]
    assert store.documents.known("news", [*many, "b"]) == {"b": digest_text("text of b")}
    assert store.documents.known("other", ["b"]) == {}


def test_order_and_bounds(store: Store) -> None:
    """Order is by time, those without one first, then id by bytes; `since` is inclusive, `until` is not."""
    days = ["2024-01-02", "2024-01-01", "2024-01-02", "NaT", "2024-01-03"]
    add(store, "b1", frame_of("é", "b", "Z", "n", "a", times=days))
    read = store.documents.read_documents
    assert list(read("news")["id"]) == ["n", "b", "Z", "é", "a"]
    second, third = datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 3, tzinfo=UTC)
    assert list(read("news", since=second)["id"]) == ["Z", "é", "a"]
    assert list(read("news", since=second, until=third)["id"]) == ["Z", "é"]
    parts = list(store.documents.stream_documents("news", rows=2))
    assert [len(part) for part in parts] == [2, 2, 1]
    assert list(pd.concat(parts)["id"]) == ["n", "b", "Z", "é", "a"]


def test_as_of(store: Store) -> None:
    """What came in later is not seen at an earlier moment, to the microsecond."""
    add(store, "b1", frame_of("a"))
    add(store, "b2", frame_of("b"), at=NOW + timedelta(microseconds=1))
    assert list(store.documents.read_documents("news", as_of=NOW)["id"]) == ["a"]
    assert len(store.documents.read_documents("news", as_of=NOW + timedelta(microseconds=1))) == 2


def test_other_zones(store: Store) -> None:
    """The same moment in another zone is the same moment; a time without a zone is refused."""
    tokyo = pd.to_datetime(pd.Series(["2024-01-01T09:00:00+09:00"]))
    add(store, "b1", frame_of("a", timestamp=tokyo))
    assert store.documents.read_documents("news")["timestamp"][0] == pd.Timestamp("2024-01-01")
    with pytest.raises(Exception, match="no time zone"):
        store.documents.read_documents("news", since=datetime(2024, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("last", ["a", "dup"])
def test_all_or_nothing(store: Store, last: str) -> None:
    """One id that is there already, in the store or in the batch, and nothing of the batch enters."""
    add(store, "b1", frame_of("a"))
    with pytest.raises(Unavailable, match="run the ingest again"):
        add(store, "b2", frame_of("new", "dup", last))
    assert list(store.documents.read_documents("news")["id"]) == ["a"]
    assert store.documents.batch_sizes("news") == (1,)


@pytest.mark.parametrize(
    "column",
    [
        {"text": ["fine", "a\x00b"]},
        {"text": pd.Series(["fine", "\ud800"], dtype=object)},
        {"text": ["fine", None]},
        {"metadata": [{}, {"k": "\ud800"}]},
    ],
)
def test_damaged_text(store: Store, column: dict[str, Any]) -> None:
    """Text that a database cannot hold is refused with the document's id, and nothing of the batch enters."""
    with pytest.raises(BadInput, match="Document 'second'"):
        add(store, "b1", frame_of("first", "second", **column))
    assert store.documents.read_documents("news").empty
    assert store.documents.last_batch("news", "s1") is None


def test_missing_column_and_wrong_count(store: Store) -> None:
    """A missing column is named with those expected; counts that disagree are refused."""
    with pytest.raises(BadInput, match=r"Columns text are missing: expected id, text"):
        add(store, "b1", frame_of("a").drop(columns="text"))
    with pytest.raises(BadInput, match="counts 2 new documents and holds 1"):
        add(store, "b1", frame_of("a"), new=2)
    assert store.documents.batch_sizes("news") == ()


def test_batches(store: Store) -> None:
    """Sizes, the watermark and the last batch speak of accepted batches only, oldest first."""
    late, early = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)
    add(store, "z", frame_of("a"), read=10, watermark=late)
    add(store, "a", frame_of("b"), at=NOW + timedelta(hours=1), watermark=early, source_digest="s2")
    add(store, "b", frame_of(), at=NOW + timedelta(hours=2), read=3, known=3, source_digest="s2")
    assert store.documents.batch_sizes("news") == (10, 1, 3)
    assert store.documents.watermark("news") == late
    last = store.documents.last_batch("news", "s2")
    assert last is not None
    assert (last.batch, last.known, last.at, last.outcome) == ("b", 3, NOW + timedelta(hours=2), "accepted")
    assert store.documents.last_batch("news", "s3") is None
    assert store.documents.watermark("other") is None


def test_refused(store: Store) -> None:
    """A refused batch leaves its reasons and nothing else; recording it again changes nothing."""
    rejected = pd.DataFrame(
        {
            "origin": ["a.csv:2", "a.csv:3"],
            "id": ["x", None],
            "reason": ["NUL byte", "text is missing"],
            "found": ["a\x00b\ud800", float("nan")],
            "raw": ['{"text": 1}', ""],
        },
        dtype=object,
    )
    facts = BatchFacts(2, 0, 0, (Quarantined("NUL byte", 1, ()), Quarantined("text is missing", 1, ())), "s1", None)
    for _ in range(2):
        store.documents.record_refused("news", "b1", at=NOW, source="a.csv", facts=facts, rejected=rejected)
    stored = store.documents.quarantined("news", "b1")
    assert list(stored["origin"]) == ["a.csv:2", "a.csv:3"]
    assert stored["found"][0] == "a\\x00b\\ud800"
    assert stored.isna().sum().to_dict() == {"origin": 0, "id": 1, "reason": 0, "found": 1, "raw": 0}
    assert store.documents.last_batch("news", "s1") is None
    assert list(store.documents.quarantined("news", "b2").columns) == list(REJECTED)


def test_canonical_columns() -> None:
    """The columns the store takes are those the frames of this test have."""
    assert tuple(frame_of("a").columns) == CANONICAL


def test_known_documents_learn_what_they_lacked(store: Store) -> None:
    """A later reading fills in what was missing; what is there stays, other loops are left alone."""
    add(store, "b1", frame_of("a", "b", "c", label=["old", None, None]))
    later = frame_of("a", "b", "x", times=["2024-01-01", "2024-01-02", "2024-01-03"], label=["new", "new", "new"])
    assert store.documents.fill_in("other", later) == 0
    assert store.documents.fill_in("news", later) == 2
    rows = store.documents.read_documents("news").set_index("id")
    assert rows.loc[["a", "b"], "label"].tolist() == ["old", "new"]
    assert rows.loc["b", "timestamp"] == pd.Timestamp("2024-01-02")
    assert pd.isna(rows.loc["c", "timestamp"])
    assert store.documents.fill_in("news", later) == 0


def test_count_since(store: Store) -> None:
    """Documents that came in after a moment, of one loop."""
    add(store, "b1", frame_of("a", "b"))
    add(store, "b2", frame_of("c"), at=NOW + timedelta(hours=1))
    assert [store.documents.count_since("news", NOW + timedelta(hours=hours)) for hours in (-1, 0, 1)] == [3, 1, 0]
    assert store.documents.count_since("other", NOW - timedelta(hours=1)) == 0
