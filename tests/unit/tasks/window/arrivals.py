"""Documents and questions that come in before noon, and the window that is taken of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pandas as pd

from evertopic.digests import digest_text
from evertopic.drift.watching import WindowRule
from evertopic.records import (
    BatchFacts,
    Check,
    Decision,
    DriftReport,
    LoggedPrediction,
    Performance,
    Window,
)
from evertopic.storage.store import Store
from tasks.window import Watch, take_window
from tests.unit.triggers.situations import verdict

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MADE_OF = NOON - 100 * HOUR
NOTHING = BatchFacts(0, 0, 0, (), "s", None)


def ruled(watch: Watch, **rule: Any) -> Watch:
    monitor = watch.job.config.monitor.model_copy(update={"window": WindowRule(**rule)})
    return replace(watch, job=replace(watch.job, config=watch.job.config.model_copy(update={"monitor": monitor})))


def ingest(store: Store, texts: list[str], at: datetime, *, label: str | None = None) -> None:
    """These documents, without a time of their own."""
    facts = BatchFacts(len(texts), len(texts), 0, (), f"source {at}", None)
    frame = pd.DataFrame({"id": [f"{at:%d%H}-{one}" for one in range(len(texts))], "text": texts, "label": label})
    frame = frame.assign(origin="f", metadata=pd.Series([{} for _ in texts], dtype=object))
    frame["timestamp"] = pd.Series([pd.NaT] * len(texts), dtype="datetime64[s]")
    nothing = pd.DataFrame(columns=["origin", "id", "reason", "found", "raw"])
    store.documents.add_batch("news", str(at), at=at, source="f", facts=facts, accepted=frame, rejected=nothing)


def ask(
    store: Store, text: str, at: datetime, *, source: Literal["api", "batch", "cli"] = "api", digest: str | None = None
) -> None:
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


def kept(
    store: Store,
    number: str,
    until: datetime,
    state: str,
    version: int = 3,
    *,
    since: datetime | None = None,
    at: datetime | None = None,
    decided: bool = True,
) -> None:
    """A check up to `until` with one verdict, and the decision on it."""
    window = Window("windows/w", "w", since, until, 60, 60, 0)
    made = at or until
    report = DriftReport("news", "news", version, made, window, (verdict(state),))
    check = Check(number, "news", made, "news", version, window, report, Performance((), 0, 0, 0), None, 1.0)
    store.checks.add(check)
    if decided:
        done = Decision(
            f"on {number}", "news", made, number, version, (), fired=False, action="nothing", reason="", episode=None
        )
        store.decisions.add(done)
