"""The window of a check: what came in and was asked, each text once, and nothing that is no news."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from evertopic.digests import digest_text
from evertopic.errors import BadInput
from evertopic.prediction.canary import FIXED
from evertopic.records import (
    SnapshotRef,
)
from evertopic.storage.store import Store
from tasks.window import Watch, embed_window, preprocess_window
from tests.unit.cli.cards import a_card
from tests.unit.tasks.window.arrivals import HOUR, MADE_OF, NOON, ask, ingest, take


def test_ingested_and_asked(watch: Watch, store: Store) -> None:
    """Both, in the order in which they came, with where they came from; ids of asked texts carry their digest."""
    ingest(store, ["first", "third"], NOON - 5 * HOUR)
    ask(store, "second", NOON - 4 * HOUR)
    window, texts = take(watch)
    assert texts == ["first", "third", "second"]
    assert (window.ingested, window.served) == (2, 1)
    assert (window.since, window.until) == (MADE_OF, NOON)
    frame = watch.job.lake().read_frame(f"{window.key}/documents.parquet")
    assert frame["id"].tolist()[-1] == f"served:{digest_text('second')}"
    assert str(frame["timestamp"].dtype) == "datetime64[s]"
    assert frame["timestamp"].isna().tolist() == [True, True, False]


def test_a_text_counts_once(watch: Watch, store: Store) -> None:
    """Asked about ten times, or asked and ingested: one document, and the ingested one stays, with its id."""
    ask(store, "twice", NOON - 6 * HOUR)
    ask(store, "twice", NOON - 5 * HOUR)
    ask(store, "twin", NOON - 4 * HOUR)
    ingest(store, ["twin"], NOON - 3 * HOUR)
    window, texts = take(watch)
    assert texts == ["twice", "twin"]
    assert (window.ingested, window.served) == (1, 1)


def test_what_canaries_ask_is_no_news(watch: Watch, store: Store) -> None:
    """The odd texts that a release asks the API about say nothing of the users."""
    for text in (*FIXED, "asked by a person"):
        ask(store, text, NOON - HOUR)
    assert take(watch)[1] == ["asked by a person"]


def test_trying_out_is_no_news(watch: Watch, store: Store) -> None:
    """Texts asked on the command line are left out, those of a batch are not."""
    ask(store, "tried", NOON - HOUR, source="cli")
    ask(store, "batched", NOON - HOUR, source="batch")
    assert take(watch)[1] == ["batched"]


def test_a_redacted_text_is_not_what_was_asked(watch: Watch, store: Store) -> None:
    """One that was kept with names blacked out, under an earlier config, is left out."""
    ask(store, "[name] plays", NOON - HOUR, digest=digest_text("Ann plays"))
    assert take(watch)[1] == []


def test_where_texts_are_not_kept_whole(watch: Watch, store: Store) -> None:
    """A config that keeps no texts, or redacts them, watches what is ingested alone."""
    log = watch.job.config.log.model_copy(update={"text": "redacted"})
    config = watch.job.config.model_copy(update={"log": log})
    ask(store, "asked", NOON - HOUR)
    ingest(store, ["came"], NOON - HOUR)
    assert take(replace(watch, job=replace(watch.job, config=config)))[1] == ["came"]


def test_what_the_champion_is_made_of(watch: Watch, store: Store) -> None:
    """What came before it was made is left out, and so is a text of its training that comes again."""
    ingest(store, ["before"], MADE_OF)
    ingest(store, ["known", "new"], NOON - HOUR)
    card = replace(a_card(), documents=SnapshotRef("cleaned/c", "c", 1))
    lake = watch.job.lake()
    lake.write_frame("cleaned/c/documents.parquet", pd.DataFrame({"source_digest": [digest_text("known")]}))
    lake.write_record(f"cards/{watch.champion.digest}/card.json", card)
    assert take(watch)[1] == ["new"]


def test_nothing_came(watch: Watch) -> None:
    """An empty window is a window: at rest, read by the champion, embedded, without a model being loaded."""
    window, texts = take(watch)
    assert texts == []
    cleaned = preprocess_window.fn(watch, window)
    vectors = embed_window.fn(watch, cleaned)
    assert (window.documents, cleaned.documents, vectors.documents) == (0, 0, 0)


def test_texts_that_cleaning_empties(watch: Watch, store: Store) -> None:
    """Where nothing is left of any text, the window has nothing to look at; that is no failure."""
    ask(store, "…", NOON - HOUR)
    ask(store, "  ", NOON - HOUR)
    window, texts = take(watch)
    assert len(texts) == 2
    assert preprocess_window.fn(watch, window).documents == 0


def test_the_same_window_is_made_once(watch: Watch, store: Store) -> None:
    """The same documents have the same place; a label that came since is another content of it."""
    ingest(store, ["came"], NOON - HOUR)
    first = take(watch)[0]
    assert take(watch)[0] == first
    known = pd.DataFrame({"id": ["1011-0"], "label": ["sport"]})
    known["timestamp"] = pd.Series([pd.NaT], dtype="datetime64[s]")
    assert store.documents.fill_in("news", known) == 1
    second = take(watch)[0]
    assert second.key != first.key
    frame = watch.job.lake().read_frame(f"{second.key}/documents.parquet")
    assert frame["label"].tolist() == ["sport"]


def test_the_store_is_given_back(watch: Watch, tmp_path: Path) -> None:
    """Whatever happened, the database is closed: its files can be moved."""
    with pytest.raises(BadInput):
        take(watch, NOON, NOON)
    with closing(watch.job.store()) as store:
        assert store.checks.list("news") == ()
