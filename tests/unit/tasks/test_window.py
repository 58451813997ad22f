"""The window of a check: what came in and was asked, each text once, and nothing that is no news."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evertopic.digests import digest_text
from evertopic.drift.watching import WindowRule
from evertopic.errors import BadInput
from evertopic.prediction.canary import FIXED
from evertopic.records import (
    BatchFacts,
    Check,
    DriftReport,
    LoggedPrediction,
    ModelVersion,
    Performance,
    SnapshotRef,
    Window,
)
from evertopic.storage.store import Store, open_store
from tasks.window import Watch, embed_window, judged, preprocess_window, take_window
from tests.unit.cli.cards import a_card, a_version
from tests.unit.tasks.loops import job as a_job
from tests.unit.triggers.situations import verdict

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MADE_OF = NOON - 100 * HOUR
NOTHING = BatchFacts(0, 0, 0, (), "s", None)


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    (tmp_path / "home").mkdir()
    return f"sqlite:///{tmp_path / 'home' / 'store.db'}"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def watch(tmp_path: Path, store_url: str) -> Watch:
    """The champion of the loop `news`, version 3, made of what came in up to 100 hours ago; it is noon."""
    return Watch(replace(a_job(tmp_path, store_url), started=NOON), a_version(name="news", version=3), MADE_OF)


def ruled(watch: Watch, **rule: Any) -> Watch:
    monitor = watch.job.config.monitor.model_copy(update={"window": WindowRule(**rule)})
    return replace(watch, job=replace(watch.job, config=watch.job.config.model_copy(update={"monitor": monitor})))


def ingest(store: Store, texts: list[str], at: datetime, *, label: str | None = None) -> None:
    """These documents, without a time of their own."""
    facts = BatchFacts(len(texts), len(texts), 0, (), f"source {at}", None)
    frame = pd.DataFrame({"id": [f"{at:%d%H}-{one}" for one in range(len(texts))], "text": texts, "label": label})
    frame = frame.assign(origin="f", metadata=[{}] * len(texts))
    frame["timestamp"] = pd.Series([pd.NaT] * len(texts), dtype="datetime64[s]")
    nothing = pd.DataFrame(columns=["origin", "id", "reason", "found", "raw"])
    store.documents.add_batch("news", str(at), at=at, source="f", facts=facts, accepted=frame, rejected=nothing)


def ask(store: Store, text: str, at: datetime, *, source: str = "api", digest: str | None = None) -> None:
    own = digest or digest_text(text)
    answer = LoggedPrediction(
        f"{at} {text} {source}", "news", at, source, "local", "news", 3, None, text, own, "k1", "n", 0.5, (), None,
        None, "k1", "n", 0.5,
    )  # fmt: skip
    store.predictions.add([answer])


def take(watch: Watch, since: datetime | None = None, until: datetime | None = None) -> tuple[Window, list[str]]:
    """The window, and its texts in order."""
    window = take_window.fn(watch, NOTHING, since, until)
    frame = watch.job.lake().read_frame(f"{window.key}/documents.parquet")
    assert len(frame) == window.documents == window.ingested + window.served
    return window, frame["text"].tolist()


def kept(store: Store, number: str, until: datetime, state: str, version: int = 3) -> None:
    """A check of three hours up to `until` with one verdict."""
    window = Window("windows/w", "w", until - 3 * HOUR, until, 60, 60, 0)
    report = DriftReport("news", "news", version, until, window, (verdict(state),))
    check = Check(number, "news", until, "news", version, window, report, Performance((), 0, 0, 0), None, 1.0)
    store.checks.add(check)


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


def test_since_the_last_check_that_was_judged(watch: Watch, store: Store) -> None:
    """Not since one that had too few documents: they are looked at again, with those that joined them."""
    ingest(store, ["old"], NOON - 8 * HOUR)
    ingest(store, ["waiting"], NOON - 5 * HOUR)
    ingest(store, ["new"], NOON - 2 * HOUR)
    kept(store, "a", NOON - 6 * HOUR, "none")
    kept(store, "b", NOON - 4 * HOUR, "refused")
    kept(store, "c", NOON - 3 * HOUR, "none", version=2)
    window, texts = take(watch)
    assert texts == ["waiting", "new"]
    assert window.since == NOON - 6 * HOUR


def test_no_check_was_judged(watch: Watch, store: Store) -> None:
    """All since the champion was made, however many checks refused."""
    ingest(store, ["old"], NOON - 8 * HOUR)
    for number in range(3):
        kept(store, str(number), NOON - number * HOUR - HOUR, "refused")
    window, texts = take(watch)
    assert texts == ["old"]
    assert window.since == MADE_OF


def test_judged() -> None:
    """One detector with enough documents makes a check count."""
    window = Window("w", "w", None, NOON, 9, 9, 0)

    def check(*states: str) -> Check:
        report = DriftReport("news", "news", 3, NOON, window, tuple(verdict(state) for state in states))
        return Check("c", "news", NOON, "news", 3, window, report, Performance((), 0, 0, 0), None, 1.0)

    assert judged(check("refused", "none"))
    assert judged(check("drift"))
    assert not judged(check("refused", "refused"))
    assert not judged(check())


def test_the_last_days(watch: Watch, store: Store) -> None:
    """So many days, whatever was looked at before; never what the champion was made of."""
    ingest(store, ["old"], NOON - 30 * HOUR)
    ingest(store, ["new"], NOON - 20 * HOUR)
    kept(store, "a", NOON - HOUR, "none")
    window, texts = take(ruled(watch, days=1))
    assert texts == ["new"]
    assert window.since == NOON - 24 * HOUR
    assert take(ruled(watch, days=99))[0].since == MADE_OF


def test_the_last_documents(watch: Watch, store: Store) -> None:
    """So many, and the window begins right before the first of them: earlier windows need not overlap it."""
    ingest(store, ["one"], NOON - 9 * HOUR)
    ingest(store, ["two"], NOON - 8 * HOUR)
    ingest(store, ["three"], NOON - 7 * HOUR)
    window, texts = take(ruled(watch, documents=2))
    assert texts == ["two", "three"]
    assert window.since == NOON - 8 * HOUR - timedelta(seconds=1)
    window, texts = take(ruled(watch, documents=3))
    assert len(texts) == 3
    assert window.since == MADE_OF
    assert len(take(ruled(watch, documents=2), since=MADE_OF)[1]) == 3


def test_a_span_by_hand(watch: Watch, store: Store) -> None:
    """Later than `since`, up to `until`, whatever the config says; what came before the champion was made, too."""
    for hours in (110, 9, 8, 7):
        ingest(store, [f"{hours} hours ago"], NOON - hours * HOUR)
    assert take(watch, NOON - 9 * HOUR, NOON - 8 * HOUR)[1] == ["8 hours ago"]
    assert take(watch, until=NOON - 8 * HOUR)[1] == ["9 hours ago", "8 hours ago"]
    assert len(take(watch, since=NOON - 200 * HOUR)[1]) == 4


def test_a_time_without_a_zone_is_utc(watch: Watch, store: Store) -> None:
    """As a person writes it into Prefect's form."""
    ingest(store, ["came"], NOON - 2 * HOUR)
    window, texts = take(watch, datetime(2026, 3, 10, 9), datetime(2026, 3, 10, 11))  # noqa: DTZ001
    assert texts == ["came"]
    assert (window.since, window.until) == (NOON - 3 * HOUR, NOON - HOUR)


def test_a_span_that_is_none(watch: Watch) -> None:
    """The end before the beginning, or before all that is new: both times are named."""
    with pytest.raises(BadInput, match="would go from 2026-03-10 12"):
        take(watch, NOON, NOON - HOUR)
    with pytest.raises(BadInput, match="also since when"):
        take(watch, until=MADE_OF - HOUR)


@pytest.mark.parametrize("rule", [{}, {"days": 1}, {"documents": 5}])
def test_a_clock_that_was_set_back(watch: Watch, rule: dict[str, Any]) -> None:
    """The champion seems to be made in the future: an empty window, no failure."""
    ahead = ruled(replace(watch, made_of=NOON + HOUR), **rule)
    assert take(ahead)[1] == []


def test_the_same_window_is_made_once(watch: Watch, store: Store) -> None:
    """The same documents have the same place; a label that came since is another content of it."""
    ingest(store, ["came"], NOON - HOUR)
    first = take(watch)[0]
    assert take(watch)[0] == first
    known = pd.DataFrame(
        {"id": ["1011-0"], "label": ["sport"], "timestamp": pd.Series([pd.NaT], dtype="datetime64[s]")}
    )
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


def test_versions_are_told_by_their_digest(watch: Watch) -> None:
    """A champion whose training is not in this lake has no card: all that came is looked at."""
    assert isinstance(watch.champion, ModelVersion)
    assert np.isfinite(take(watch)[0].documents)
