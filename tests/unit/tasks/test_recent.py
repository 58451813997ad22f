"""What a loop was given lately."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from evertopic.records import BatchFacts, Feedback, LoggedPrediction
from evertopic.storage.lake import Lake
from evertopic.storage.store import Store, open_store
from tasks.recent import corrections, recent_texts, window_texts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


def ingest(store: Store, texts: list[str], at: datetime) -> None:
    """These documents, without a time of their own."""
    facts = BatchFacts(len(texts), len(texts), 0, (), f"source {at}", None)
    frame = pd.DataFrame({"id": texts, "text": texts, "label": None, "origin": "f", "metadata": [{}] * len(texts)})
    frame["timestamp"] = pd.Series([pd.NaT] * len(texts), dtype="datetime64[s]")
    nothing = pd.DataFrame(columns=["origin", "id", "reason", "found", "raw"])
    store.documents.add_batch("news", str(at), at=at, source="f", facts=facts, accepted=frame, rejected=nothing)


def answered(id: str, text: str | None, at: datetime) -> LoggedPrediction:  # noqa: A002
    """One answer of version 1."""
    return LoggedPrediction(
        id, "news", at, "api", "local", "news", 1, None, text, "d", "k1", "n", 0.5, (), None, None, "k1", "n", 0.5
    )


def test_ingested_and_served(store: Store) -> None:
    """Both kinds, newest first, each text once, without the odd texts that canaries ask and without lost texts."""
    ingest(store, ["a", "b"], NOON)
    served = [("1", "c", 2), ("2", "a", 3), ("3", "", 4), ("4", None, 5), ("5", "😀", 6)]
    store.predictions.add([answered(key, text, NOON + timedelta(hours=hours)) for key, text, hours in served])
    assert recent_texts(store, "news", None, 10) == ("a", "c", "b")
    assert recent_texts(store, "news", None, 3)[:1] == ("a",)
    assert recent_texts(store, "other", None, 10) == ()


def test_since_the_release(store: Store) -> None:
    """What came before is left out, as soon as enough came after."""
    ingest(store, [f"old {at}" for at in range(40)], NOON)
    ingest(store, [f"new {at}" for at in range(29)], NOON + timedelta(days=1))
    since = NOON + timedelta(hours=1)
    assert any(text.startswith("old") for text in recent_texts(store, "news", since, 100))
    ingest(store, ["new 29"], NOON + timedelta(days=2))
    assert {text[:3] for text in recent_texts(store, "news", since, 100)} == {"new"}


def test_corrections(store: Store) -> None:
    """Texts of answers called wrong with the right key; the last word counts, and a mere "wrong" tells no key."""
    store.predictions.add([answered(str(at), f"text {at}", NOON + timedelta(minutes=at)) for at in range(4)])

    def say(prediction: str, verdict: str, key: str | None, minute: int, by: str = "ann") -> None:
        at = NOON + timedelta(hours=1, minutes=minute)
        store.feedback.give(Feedback(prediction, "news", by, at, verdict, key, None, None))  # type: ignore[arg-type]

    say("0", "wrong", "k2", 0)
    say("1", "wrong", None, 0)
    say("2", "right", None, 0)
    say("3", "wrong", "k3", 0)
    say("3", "right", None, 1, by="bert")
    assert corrections(store, "news") == (("text 0", "k2"),)


def test_a_window_at_rest(tmp_path: Path) -> None:
    """The last texts of a window first, as many as asked for."""
    lake = Lake(str(tmp_path / "lake"))
    lake.write_frame("windows/1/documents.parquet", pd.DataFrame({"text": ["a", "b", "b", "c"]}))
    assert window_texts(lake, "windows/1", 2) == ("c", "b")
