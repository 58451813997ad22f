"""Bad input, through the tasks: a clear error, nothing half-written, no document, version or alias changed."""

import errno
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from pydantic import SecretStr

from evertopic.errors import BadConfig, BadInput, Corrupted, NotEnoughDocuments, Refusal, Unavailable
from evertopic.storage.lake import Lake
from evertopic.storage.registry import open_registry
from evertopic.storage.store import Store, open_store
from tasks.choice import choose_candidate, read_choice, score_candidates
from tasks.embed import embed_documents
from tasks.ingest import ingest_documents, take_snapshot
from tasks.job import Job, read_job
from tasks.parity import check_parity
from tasks.preprocess import preprocess_documents
from tasks.space import prepare_search
from tasks.trials import fit_baseline, plan_trials, try_embedding
from tests.projects import Project, Walk, head_of, later, listing, themed, trained, walk


def stored(project: Project) -> int:
    """Documents in the store."""
    store = project.job().store()
    try:
        return len(store.documents.read_documents("tiny"))
    finally:
        store.close()


def ingested(project: Project) -> Job:
    job = project.job()
    ingest_documents.fn(job)
    return job


def refused(project: Project, error: type[Exception], *said: str, job: Job | None = None) -> None:
    """The ingest fails with this error and these words, and what was stored before stays alone."""
    before = stored(project)
    with pytest.raises(error) as caught:
        ingest_documents.fn(job or project.job())
    assert [words for words in said if words not in str(caught.value)] == [], str(caught.value)
    assert stored(project) == before
    assert not (project.home / "lake").exists()


def stopped(project: Project, error: type[Exception], *said: str, job: Job | None = None) -> None:
    """The walk ends with this error and these words before any model is made or registered."""
    with pytest.raises(error) as caught:
        walk(job or project.job())
    assert type(caught.value) is error
    assert [words for words in said if words not in str(caught.value)] == [], str(caught.value)
    place = project.job().place
    assert open_registry(place.tracking_uri, place.artifacts_url).versions("tiny") == ()
    assert not (project.home / "lake" / "bundles").exists()


def test_missing_file(project: Project) -> None:
    """A file that is not there: the message names it, and the files there are."""
    project.documents.rename(project.root / "texts.csv")
    refused(project, BadInput, "documents.csv is not there", "texts.csv")


def test_missing_column(project: Project) -> None:
    """A column that is not there: the message names the columns there are."""
    job = project.job(columns={"id": "id", "text": "body"})
    refused(project, BadInput, "no column 'body'", "'id', 'text'", job=job)


def test_empty_file(project: Project) -> None:
    """An empty file is refused as such."""
    project.documents.write_bytes(b"")
    refused(project, BadInput, "has no rows", "empty")


def test_header_only(project: Project) -> None:
    """So is a file that holds only a header."""
    project.write_texts([])
    refused(project, BadInput, "has no rows", "only a header")


def test_wrong_delimiter(project: Project) -> None:
    """A file with another delimiter: the message says which one it looks like."""
    project.documents.write_text("id;text\n1;one two three\n", encoding="utf-8")
    refused(project, BadInput, "is the delimiter ';'")


def test_three_documents(project: Project) -> None:
    """Three documents are too few: the message says how many are needed, and why."""
    project.write_texts(themed(3))
    stopped(project, NotEnoughDocuments, "at least 40 distinct documents", "held out to judge", "there are 3")


def test_identical_documents(project: Project) -> None:
    """A hundred times the same text is one document."""
    project.write_texts(themed(1) * 100)
    stopped(project, NotEnoughDocuments, "at least 40 distinct documents", "there are 1:")


def test_one_topic(project: Project) -> None:
    """Texts that all speak of the same thing give too few topics: the message counts them, and no model is made."""
    one = [text for at, text in enumerate(themed(400)) if at % 4 == 0]
    project.write_texts(one)
    changed = {"hdbscan": {"min_cluster_size": [20], "min_samples": [10]}, "umap": {"n_components": [3], "seeds": 1}}
    stopped(
        project,
        Refusal,
        "No candidate has 3 to 200 topics (found: 2 topics)",
        "too alike",
        "`evertopic data`",
        job=project.job(model=changed),
    )


def test_all_noise(project: Project) -> None:
    """Where every document is left out as noise, the message says so and what to do."""
    job = project.job(model={"hdbscan": {"min_cluster_size": [95]}})
    stopped(project, Refusal, "No trial found a topic", "left out as noise", "min_cluster_size", job=job)


def test_no_shared_word(project: Project) -> None:
    """Documents that share no word at all cannot be described, and the message says so."""
    project.write_texts([" ".join(f"w{chr(97 + at % 26)}{at}x{word}" for word in range(8)) for at in range(60)])
    stopped(project, NotEnoughDocuments, "share no word", "min_df")


def test_nothing_survives_cleaning(project: Project) -> None:
    """Texts of which cleaning leaves nothing: the message names the steps and the least number of words."""
    project.write_texts([f"http://example.org/{at}" for at in range(60)])
    stopped(project, NotEnoughDocuments, "None of 60 documents has 3 words", "urls")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (b"x" * 1_000_000, "too_long"),
        (b"caf\xe9 in the old town", "encoding"),
        (b"nul \x00 in the middle", "encoding"),
        (b"", "missing_text"),
    ],
    ids=["one megabyte", "invalid UTF-8", "NUL byte", "nothing"],
)
def test_one_bad_cell(project: Project, cell: bytes, reason: str) -> None:
    """One bad cell costs its own row, which is kept in quarantine with the place it came from."""
    with project.documents.open("ab") as file:
        file.write(b"bad," + cell + b"\r\n")
    facts = ingest_documents.fn(project.job())
    assert (facts.read, facts.new, [(q.reason, q.rows) for q in facts.quarantined]) == (121, 120, [(reason, 1)])
    assert "documents.csv:121" in facts.quarantined[0].examples[0]
    assert stored(project) == 120


def test_mixed_types(project: Project) -> None:
    """A number, a list and nothing where texts should be cost their rows and no others."""
    rows = [{"id": at, "text": text} for at, text in enumerate(themed(30))]
    rows += [{"id": 101, "text": 7}, {"id": 102, "text": ["a"]}, {"id": 103, "text": None}]
    path = project.root / "documents.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    facts = ingest_documents.fn(project.job(source={"kind": "jsonl", "path": str(path)}))
    assert facts.new == 30
    assert {q.reason: q.rows for q in facts.quarantined} == {"wrong_type": 2, "missing_text": 1}


def test_duplicate_ids(project: Project) -> None:
    """The first of two texts with one id stays, the other goes to quarantine; the same text again is known."""
    texts = themed(20)
    rows = [[f"d{at}", text] for at, text in enumerate(texts)]
    project.write_rows(["id", "text"], [*rows, ["d0", "another text altogether"], ["d1", texts[1]]])
    facts = ingest_documents.fn(project.job())
    assert (facts.new, facts.known, [(q.reason, q.rows) for q in facts.quarantined]) == (20, 1, [("duplicate_id", 1)])


def test_too_many_bad_rows_then_corrected(project: Project) -> None:
    """A batch that breaks the contract is refused whole; the corrected file enters."""
    project.write_texts([*themed(10), "", "", "", "", ""])
    refused(project, BadInput, "5 of 15 rows (33%) break the contract", "missing_text 5", "documents.csv:11")
    project.write_texts(themed(12))
    assert ingest_documents.fn(later(project.job(), 1)).new == 12


def test_unreachable_address(project: Project) -> None:
    """An address that does not answer is named, and may be tried again."""
    source = {"kind": "http", "url": "http://ann:secret@127.0.0.1:9/feed", "attempts": 1}
    refused(project, Unavailable, "http://127.0.0.1:9/feed does not answer", job=project.job(source=source))


def test_unreachable_database(project: Project) -> None:
    """So is a database, without its password."""
    source = {"kind": "sql", "url": "postgresql+psycopg://ann:secret@127.0.0.1:9/x", "query": "select 1"}
    refused(project, Unavailable, "ann:***@127.0.0.1:9/x does not answer", job=project.job(source=source))


class Impatient(Job):
    """A job that does not wait long for a locked store."""

    __slots__ = ()

    def store(self) -> Store:
        return open_store(self.place.store_url, patience_s=0.1)


def test_store_locked(project: Project) -> None:
    """A store that another program holds: nothing enters, and the same call works once it lets go."""
    open_store(project.job().place.store_url).close()
    with closing(sqlite3.connect(project.home / "store.db", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match=r"locked.*not held by another program"):
            ingest_documents.fn(project.job(Impatient))
    assert stored(project) == 0
    assert ingest_documents.fn(project.job(Impatient)).new == 120


def test_mlflow_locked(copied: Project) -> None:
    """A registry that another program holds: the model waits in the lake, and the same walk registers it later."""
    place = copied.job().place
    for path in copied.home.glob("mlflow.db*"):
        path.unlink()
    open_registry(place.tracking_uri, place.artifacts_url)
    waiting = replace(copied.job(), place=replace(place, tracking=SecretStr(f"{place.tracking_uri}?timeout=0.1")))
    before = listing(copied.home / "lake")
    with closing(sqlite3.connect(copied.home / "mlflow.db", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match=r"database is locked.*no other program"):
            walk(waiting)
    assert open_registry(place.tracking_uri, place.artifacts_url).versions("tiny") == ()
    assert listing(copied.home / "lake") == before
    assert walk(copied.job()).version.aliases == ("challenger", "champion")


class Full:
    """A file on a disk that is full after half of what is written."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("xb")

    def __enter__(self) -> "Full":
        return self

    def __exit__(self, *fault: object) -> None:
        self.file.close()

    def write(self, content: bytes) -> int:
        self.file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)


MET: set[str] = set()


def full_once(path: Path) -> BinaryIO:
    """The first file of each kind of artefact meets a full disk."""
    kind = path.parts[path.parts.index("lake") + 1]
    if kind in MET:
        return path.open("xb")
    MET.add(kind)
    return Full(path)  # type: ignore[return-value]


class OnFullDisk(Job):
    """A job whose lake is full when the first file of each kind of artefact is written."""

    __slots__ = ()

    def lake(self) -> Lake:
        return Lake(self.place.lake_url, opener=full_once)


def test_full_disk(project: Project, walked: Walk) -> None:
    """A disk that is full in any task stops the walk; after room was made it ends in the same model."""
    MET.clear()
    kinds = {path.name for path in (walked.job.place.home / "lake").iterdir()}
    for met in range(1, len(kinds) + 1):
        with pytest.raises(Unavailable, match="disk is full: free space"):
            walk(project.job(OnFullDisk))
        assert len(MET) == met
        assert list((project.home / "lake").rglob("*.partial")) == []
    assert kinds == MET
    ended = walk(project.job(OnFullDisk))
    assert (head_of(ended), ended.version.version) == (head_of(walked), 1)


def test_corrupted_model(copied: Project, walked: Walk) -> None:
    """One altered byte in the model at rest: it is named, not loaded and not registered again."""
    head = copied.home / "lake" / walked.training.bundle.key / "bundle" / "head.safetensors"
    content = bytearray(head.read_bytes())
    content[-1] ^= 1
    head.write_bytes(content)
    with pytest.raises(Corrupted, match=r"head\.safetensors is not what was written"):
        walk(copied.job())
    with pytest.raises(Corrupted, match="It was not loaded"):
        check_parity.fn(copied.job(), walked.training.vectors, walked.training.bundle)


def test_lost_file(copied: Project, walked: Walk) -> None:
    """A file of the lake that was cut short is named with its artefact; once that is deleted it is made again."""
    artefact = copied.home / "lake" / walked.training.space.key
    (artefact / "split.npz").write_bytes(b"PK")
    shutil.rmtree(copied.home / "lake" / walked.training.choice.key)
    with pytest.raises(Corrupted, match=rf"{walked.training.space.key}.*delete"):
        walk(copied.job())
    shutil.rmtree(artefact)
    assert walk(copied.job()).training.bundle.digest == walked.training.bundle.digest


def test_unchanged_file_is_not_read_again(project: Project) -> None:
    """The same file a second time is settled by its digest: everything is known, and no batch is added."""
    ingested(project)
    again = ingest_documents.fn(later(project.job(), 5))
    assert (again.read, again.new, again.known) == (120, 0, 120)
    store = project.job().store()
    assert store.documents.batch_sizes("tiny") == (120,)
    store.close()


def test_late_row_enters(project: Project) -> None:
    """A row that was added to the file later enters, older than all others as it may be."""
    rows = [[f"d{at}", text, f"2026-01-{at + 1:02d}"] for at, text in enumerate(themed(20))]
    columns = {"id": "id", "text": "text", "timestamp": "at"}
    project.write_rows(["id", "text", "at"], rows)
    ingest_documents.fn(project.job(columns=columns))
    project.write_rows(["id", "text", "at"], [*rows, ["late", "a text that came much later", "2025-06-01"]])
    facts = ingest_documents.fn(later(project.job(columns=columns), 5))
    assert (facts.new, facts.known) == (1, 20)
    assert stored(project) == 21


def test_other_columns_read_the_file_again(project: Project) -> None:
    """The same file under another column mapping is read anew."""
    ingested(project)
    facts = ingest_documents.fn(later(project.job(columns={"text": "text"}), 5))
    assert (facts.read, facts.new) == (120, 120)


def test_a_label_named_later_reaches_stored_documents(project: Project) -> None:
    """Under a mapping that names the label, known texts get it; nothing enters twice."""
    project.write_rows(["id", "text", "kind"], [[f"d{n}", f"one two three {n}", "news"] for n in range(20)])
    ingest_documents.fn(project.job(columns={"id": "id", "text": "text"}))
    facts = ingest_documents.fn(later(project.job(columns={"id": "id", "text": "text", "label": "kind"}), 5))
    assert (facts.new, facts.known) == (0, 20)
    store = project.job().store()
    assert set(store.documents.read_documents("tiny")["label"]) == {"news"}
    store.close()


def test_metadata_is_kept(project: Project) -> None:
    """The extra columns that the config names are stored with each document."""
    project.write_rows(["id", "text", "paper"], [["d0", "one two three", "Gazette"]])
    ingest_documents.fn(project.job(columns={"id": "id", "text": "text", "metadata": ["paper"]}))
    store = project.job().store()
    assert store.documents.read_documents("tiny")["metadata"].tolist() == [{"paper": "Gazette"}]
    store.close()


def test_minutes_spent(copied: Project, walked: Walk) -> None:
    """A search whose minutes are over before anything was tried says so, and names the setting."""
    job = copied.job(search={"kind": "grid", "minutes": 1})
    plans = plan_trials.fn(job, walked.training.space)
    over = [replace(plan, until=datetime.now(UTC) - timedelta(seconds=1)) for plan in plans]
    tried = [try_embedding.fn(job, walked.training.space, plan) for plan in over]
    assert tried == [[]]
    with pytest.raises(Refusal, match=r"search\.minutes"):
        score_candidates.fn(job, walked.training.space, tried)


def test_minutes_spent_half_way(copied: Project) -> None:
    """What was tried by then is judged, and the winner is chosen without the stability that was not measured."""
    settings = {
        "umap": {"n_neighbors": [10, 12], "n_components": [3], "seeds": 1},
        "hdbscan": {"min_cluster_size": [6, 10]},
    }
    job = copied.job(model=settings, search={"kind": "grid", "minutes": 1, "finalists": 2, "seeds": 1})
    cleaned = preprocess_documents.fn(job, take_snapshot.fn(job, ingest_documents.fn(job)))
    space = prepare_search.fn(job, cleaned, embed_documents.fn(job, cleaned))
    first, second = plan_trials.fn(job, space)
    over = replace(second, until=datetime.now(UTC) - timedelta(seconds=1))
    tried = [try_embedding.fn(job, space, plan) for plan in (first, over)]
    assert [len(each) for each in tried] == [4, 0]
    trials = score_candidates.fn(job, space, tried)
    assert trials.trials == 4
    choice = choose_candidate.fn(job, space, trials, [[]], fit_baseline.fn(job, space, trials))
    assert choice.candidate in tried[0]
    assert read_choice(job.lake(), choice)[2].stability is None


def test_one_trial(copied: Project) -> None:
    """One trial is enough for a model."""
    job = copied.job(search={"kind": "grid", "trials": 1, "seeds": 1})
    assert trained(job, take_snapshot.fn(job, ingest_documents.fn(job))).trials.trials == 1


@pytest.mark.parametrize("trials", [0, -3])
def test_no_trial(project: Project, monkeypatch: pytest.MonkeyPatch, trials: int) -> None:
    """Fewer than one trial is a fault of the call."""
    monkeypatch.chdir(project.root)
    with pytest.raises(BadConfig, match=r"trials"):
        read_job.fn("configs/tiny.yaml", None, trials)


def test_labels(project: Project, walked: Walk) -> None:
    """Labels of the source are measured against, and never change what is fitted."""
    texts = themed()
    project.write_rows(["id", "text", "theme"], [[f"d{at:03d}", text, f"t{at % 4}"] for at, text in enumerate(texts)])
    job = project.job(columns={"id": "id", "text": "text", "label": "theme"})
    training = trained(job, take_snapshot.fn(job, ingest_documents.fn(job)))
    _, coverage, card = read_choice(job.lake(), training.choice)
    assert coverage.confirmed_by == "labels"
    assert card.nmi is not None
    assert card.nmi > 0.9
    assert training.bundle.topics == walked.training.bundle.topics
