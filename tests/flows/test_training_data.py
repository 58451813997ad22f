"""What a training is made of, on tiny projects without Prefect."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from evertopic.digests import digest_text
from evertopic.records import Feedback, SnapshotRef
from tasks.ingest import ingest_documents, take_snapshot
from tasks.job import Job
from tasks.known_topics import topics_of_champion
from tasks.preprocess import preprocess_documents
from tests.projects import STARTED, Project, later, themed
from tests.unit.storage.answers import answer

ASKED = STARTED - timedelta(hours=1)


def snapshot(job: Job) -> SnapshotRef:
    """Ingested and taken."""
    return take_snapshot.fn(job, ingest_documents.fn(job))


def frame(job: Job, ref: SnapshotRef) -> pd.DataFrame:
    """Its documents, by id."""
    return job.lake().read_frame(f"{ref.key}/documents.parquet").set_index("id")


def ask(job: Job, *texts: str, at: datetime = ASKED, **changes: Any) -> list[str]:
    """Ask about these texts; the ids of the answers."""
    store = job.store()
    rows = []
    for number, text in enumerate(texts):
        own = {"id": f"{digest_text(text)[:8]}{number}{at:%H%M%S}", "text_digest": digest_text(text)}
        rows.append(answer(number, **{"loop": "tiny", "at": at, "text": text, **own, **changes}))
    store.predictions.add(rows)
    store.close()
    return [row.id for row in rows]


def test_nothing_served(project: Project) -> None:
    """Without predictions and windows a snapshot is what the store holds; taken again, it is the same."""
    job = project.job()
    ref = snapshot(job)
    assert ref.documents == 120
    assert snapshot(later(job, 30)) == ref
    assert list(frame(job, ref)) == ["text", "label", "timestamp", "corrected"]


def test_served_texts_join(project: Project) -> None:
    """Texts asked about join once, with the time they were first asked; those that are documents already do not."""
    job = project.job()
    before = snapshot(job)
    ask(job, "a text that is new", themed()[0])
    ask(job, "a text that is new", "tried out by hand", at=ASKED + timedelta(minutes=5))
    ask(job, "tried on the command line", source="cli")
    ask(job, "asked after the training began", at=STARTED + timedelta(seconds=1))
    ask(job, "of another loop altogether", loop="other")
    ref = snapshot(job)
    found = frame(job, ref)
    new = found[found.index.str.startswith("served:")]
    assert ref.documents == before.documents + 2
    assert sorted(new["text"]) == ["a text that is new", "tried out by hand"]
    assert new["timestamp"].min() == pd.Timestamp(ASKED.replace(tzinfo=None))
    assert f"served:{digest_text('a text that is new')}" in new.index
    assert snapshot(job) == ref


@pytest.mark.parametrize(
    "changes", [{"training": {"served": False}}, {"log": {"text": "redacted"}}, {"log": {"text": "digest"}}]
)
def test_served_texts_stay_out(project: Project, changes: dict[str, Any]) -> None:
    """Where the loop says so, or the log is not to keep texts in full, no text of a caller is trained on."""
    job = project.job(**changes)
    ask(job, "a text that is new")
    assert snapshot(job).documents == 120


def test_redacted_texts_stay_out(project: Project) -> None:
    """What was logged redacted under an earlier config is not the text that was asked about."""
    job = project.job()
    ask(job, "write to [email]", text_digest=digest_text("write to ann@example.org"))
    assert snapshot(job).documents == 120


def test_contract(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    """Served texts that break the contract stay out, counted; so do rows in quarantine."""
    caplog.set_level("INFO")
    rows = [[f"d{at:03d}", text] for at, text in enumerate(themed())]
    project.write_rows(["id", "text"], [*rows, ["bad", "x" * 600]])
    job = project.job(contract={"max_characters": 500})
    ask(job, "y" * 501, "   ", "sound enough")
    ref = snapshot(job)
    assert ref.documents == 121
    assert "1 served texts may not join them: too_long." in caplog.text
    assert "1 served texts may not join them: empty_text." in caplog.text


def test_corrected(project: Project) -> None:
    """What people said of answers is beside the source's label, which stays; and it goes through preprocessing."""
    project.write_rows(["id", "text", "label"], [[f"d{at:03d}", text, "news"] for at, text in enumerate(themed())])
    job = project.job(columns={"id": "id", "text": "text", "label": "label"})
    before = snapshot(job)
    ids = ask(job, themed()[3], "a text that is new")
    store = job.store()
    for own in ids:
        store.feedback.give(Feedback(own, "tiny", "ann", ASKED, "wrong", "k2", None, None))
    store.close()
    ref = snapshot(job)
    found = frame(job, ref)
    assert ref.digest != before.digest
    assert found["corrected"].dropna().to_dict() == {
        "d003": "k2",
        f"served:{digest_text('a text that is new')}": "k2",
    }
    assert found.loc["d003", "label"] == "news"
    cleaned = frame(job, preprocess_documents.fn(job, ref))
    assert cleaned["corrected"].dropna().tolist() == ["k2", "k2"]


def test_window(project: Project) -> None:
    """Before there is a champion the window alone decides; times come from the source."""
    texts = themed()
    days = [f"2026-02-{1 + at % 28:02d}" for at in range(120)]
    rows = [[f"d{at:03d}", text, day] for at, (text, day) in enumerate(zip(texts, days, strict=True))]
    project.write_rows(["id", "text", "at"], rows)
    columns = {"id": "id", "text": "text", "timestamp": "at"}
    job = project.job(columns=columns, training={"window_days": 7})
    found = frame(job, snapshot(job))
    assert found["timestamp"].min() == pd.Timestamp("2026-02-21")
    assert len(found) == sum(day >= "2026-02-21" for day in days)
    by_count = project.job(columns=columns, training={"window_documents": 50, "window_days": None})
    assert snapshot(by_count).documents == 50


def test_reservoir_of_the_champion(copied: Project) -> None:
    """A window of new documents on other themes leaves the topics of the champion their documents, encoding nothing."""
    texts = [*themed(), *(f"entirely new matters of week {at} " + "novelty " * 9 for at in range(60))]
    copied.write_texts(texts)
    rule = {"window_documents": 60, "reservoir": 5}
    job = replace(copied.job(training=rule), started=STARTED + timedelta(days=30))
    vectors = job.vectors().count(job.config.embed.fingerprint())
    found = frame(job, snapshot(job)).reset_index()
    assert job.vectors().count(job.config.embed.fingerprint()) == vectors
    old = found[found["id"] < "d120"]
    assert len(found) - len(old) == 60
    topics = topics_of_champion(job, old.assign(text_digest=[digest_text(text) for text in old["text"]]))
    counts = pd.Series(topics).value_counts()
    assert set(counts) == {5}
    assert len(counts) >= 3
