"""Features are stored once per text and version, and read as they were known."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from evertopic.errors import BadInput
from evertopic.records import BatchFacts
from evertopic.storage.store import Store

NOW = datetime(2024, 5, 1, tzinfo=UTC)
FEATURES = pd.DataFrame(
    {"text_digest": ["d1", "d2"], "language": ["de", None], "words": [3, 4], "share": [0.25, float("nan")]}
)


def test_put_and_get(store: Store) -> None:
    """Language and numbers come back; what was not a number comes back as nothing."""
    store.features.put(FEATURES, "v1")
    assert store.features.get("d1", "v1") == {"language": "de", "words": 3, "share": 0.25}
    assert store.features.get("d2", "v1") == {"language": None, "words": 4, "share": None}
    assert store.features.get("d1", "v2") is None


def test_put_again(store: Store) -> None:
    """The first value stays, across calls and within one; another version is apart."""
    store.features.put(FEATURES, "v1")
    store.features.put(FEATURES.assign(words=9), "v1")
    store.features.put(FEATURES.assign(words=8), "v2")
    assert (store.features.get("d1", "v1") or {})["words"] == 3
    assert (store.features.get("d1", "v2") or {})["words"] == 8
    store.features.put(FEATURES.iloc[:0], "v1")


def test_batch(store: Store) -> None:
    """Many digests are answered in their order, each once, the unknown ones left out and named as missing."""
    store.features.put(FEATURES, "v1")
    frame = store.features.get_batch(["d2", "x", "d1", "d2"], "v1")
    assert list(frame["text_digest"]) == ["d2", "d1"]
    assert list(frame.columns) == ["text_digest", "language", "words", "share"]
    assert store.features.missing(["x", "d1", "y", "x"], "v1") == ("x", "y")
    assert store.features.missing([], "v1") == ()
    assert list(store.features.get_batch(["x"], "v1").columns) == ["text_digest", "language"]


def test_columns(store: Store) -> None:
    """A table without digests is refused."""
    with pytest.raises(BadInput, match="text_digest"):
        store.features.put(pd.DataFrame({"language": ["de"]}), "v1")


def test_training_set(store: Store) -> None:
    """A training set of a past moment holds the documents of that moment, each with its features."""
    accepted = pd.DataFrame(
        {
            "id": ["b", "a"],
            "text": ["same", "same"],
            "label": ["x", None],
            "timestamp": pd.to_datetime(["2024-01-01", None]),
            "metadata": [{}, {}],
            "origin": ["o", "o"],
        }
    )
    for number, part in enumerate([accepted, accepted.assign(id=["c", "d"])]):
        store.documents.add_batch(
            "news",
            f"b{number}",
            at=NOW + timedelta(days=number),
            source="s",
            facts=BatchFacts(2, 2, 0, (), "s", None),
            accepted=part,
            rejected=pd.DataFrame(columns=["origin", "id", "reason", "found", "raw"]),
        )
    digest = store.documents.known("news", ["a"])["a"]
    assert store.features.training_set("news", NOW, "v1").empty
    store.features.put(FEATURES.iloc[:1].assign(text_digest=digest), "v1")
    past = store.features.training_set("news", NOW, "v1")
    assert list(past["id"]) == ["a", "b"]
    assert list(past["words"]) == [3, 3]
    assert past["timestamp"].dtype == "datetime64[s]"
    assert list(store.features.training_set("news", NOW + timedelta(days=1), "v1")["id"]) == ["a", "d", "b", "c"]
