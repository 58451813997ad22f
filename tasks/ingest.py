"""Documents in: from the source into the store, and a snapshot of them into the lake."""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, timedelta

import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from evertopic.corpus.columns import map_columns
from evertopic.corpus.contract import check_batch, check_chunk
from evertopic.corpus.quarantine import REJECTED, summarise
from evertopic.digests import digest_of
from evertopic.errors import BadInput, NotEnoughDocuments
from evertopic.records import BatchFacts, SnapshotRef
from evertopic.storage.store import Batch, Store
from tasks.artefact import once
from tasks.job import Job
from tasks.progress import Progress
from tasks.retry import when_unavailable
from tasks.training_data import TrainingData, training_data

logger = logging.getLogger(__name__)

LATENESS = timedelta(days=7)
"""How far behind the watermark a source that can filter is asked again, so that late rows enter."""


@dataclass(frozen=True, slots=True)
class _Parted:
    """One batch, read and checked."""

    read: int
    accepted: pd.DataFrame
    known: pd.DataFrame
    """id, label and timestamp of rows whose text is there already."""
    rejected: pd.DataFrame


@task(
    task_run_name="ingest documents",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def ingest_documents(job: Job) -> BatchFacts:
    """What became of the rows of the source; new documents are in the store, refused ones in quarantine.

    A source whose content the store has already taken in is not read again.

    Raises:
        BadInput: the source cannot be read, or too many rows break the contract; the refusal is recorded.
        Unavailable: the source or the store did not answer, three times.
    """
    store = job.store()
    try:
        fingerprint = job.config.source.fingerprint()
        settled = fingerprint and store.documents.last_batch(job.config.name, _digest(job, fingerprint))
        if settled:
            return _again(settled, store)
        return _take_in(job, store, _read(job, store), fingerprint)
    finally:
        store.close()


@task(task_run_name="take a snapshot", cache_policy=NO_CACHE)
def take_snapshot(job: Job, batch: BatchFacts) -> SnapshotRef:  # noqa: ARG001 - the edge: first ingest, then this
    """The documents that the loop's `training` takes, as the store holds them now, at rest in the lake.

    By default all there are, and the texts that were asked about. The label is the source's own; what people said of
    answers is in the column `corrected`.
    """
    store = job.store()
    try:
        data = training_data(job, store)
    finally:
        store.close()
    documents = data.documents
    if documents.empty:
        raise NotEnoughDocuments(f"The store holds no documents of {job.config.name}: nothing was accepted so far.")
    _tell(data)
    columns = documents[["id", "text", "label", "timestamp", "corrected"]]
    digest = digest_of(
        "snapshot",
        [list(row) for row in zip(documents["id"], documents["text_digest"], strict=True)],
        columns["label"].fillna("").tolist(),
        columns["timestamp"].astype(str).tolist(),
        [[row, said] for row, said in enumerate(columns["corrected"]) if pd.notna(said)],
    )

    def make(key: str) -> SnapshotRef:
        job.lake().write_frame(f"{key}/documents.parquet", columns)
        return SnapshotRef(key, digest, len(columns))

    return once(job.lake(), f"snapshots/{digest}", SnapshotRef, make)


def _tell(data: TrainingData) -> None:
    """Into the log, what the training is made of."""
    refused = "".join(f" {rows:,} served texts may not join them: {reason}." for reason, rows in data.refused)
    corrected = int(data.documents["corrected"].notna().sum())
    logger.info(
        "The training takes %d documents: %d were asked about, %d were corrected; the window leaves out %d.%s",
        len(data.documents),
        data.served,
        corrected,
        data.left_out,
        refused,
    )


def _read(job: Job, store: Store) -> _Parted:
    """The whole source, checked chunk by chunk against what is stored and what came earlier in it."""
    name, source = job.config.name, job.config.source
    mark = store.documents.watermark(name)
    accepted, known, rejected, seen = [], [], [], dict[str, str]()
    read = 0
    progress = Progress("rows read")
    for chunk in source.read((mark - LATENESS).replace(tzinfo=None) if mark else None):
        rows = map_columns(chunk, job.config.columns, source.label)
        there = store.documents.known(name, rows["id"].tolist()) | seen
        checked = check_chunk(rows, job.config.contract, job.started, there)
        new = checked.accepted[~checked.accepted["known"]]
        new = new.assign(metadata=new["metadata"].map(json.loads))
        seen |= dict(zip(new["id"], new["digest"], strict=True))
        accepted.append(new)
        known.append(checked.accepted.loc[checked.accepted["known"], ["id", "label", "timestamp"]])
        rejected.append(checked.rejected)
        read += len(rows)
        progress(read, read)
    if not read:
        nothing = pd.DataFrame(columns=["id", "label", "timestamp"])
        return _Parted(0, nothing, nothing, pd.DataFrame(columns=list(REJECTED)))
    return _Parted(read, *(pd.concat(parts, ignore_index=True) for parts in (accepted, known, rejected)))


def _take_in(job: Job, store: Store, parted: _Parted, fingerprint: str | None) -> BatchFacts:
    """The batch in the store, whole, or its refusal."""
    reasons = summarise([parted.rejected])
    times = parted.accepted["timestamp"].dropna()
    facts = BatchFacts(
        read=parted.read,
        new=len(parted.accepted),
        known=len(parted.known),
        quarantined=reasons,
        source_digest=_digest(job, fingerprint or job.started.isoformat()),
        watermark=None if times.empty else times.max().to_pydatetime().replace(tzinfo=UTC),
    )
    name = job.config.name
    batch, source = digest_of(name, facts.source_digest, job.started.isoformat()), job.config.source.label
    documents, rejected = store.documents, parted.rejected
    try:
        check_batch(facts.read, reasons, job.config.contract, documents.batch_sizes(name))
    except BadInput:
        # One refusal of one content: a monitor reads the same file again every few minutes.
        refused = digest_of(name, facts.source_digest, "refused")
        documents.record_refused(name, refused, at=job.started, source=source, facts=facts, rejected=rejected)
        raise
    documents.fill_in(name, parted.known)
    documents.add_batch(
        name, batch, at=job.started, source=source, facts=facts, accepted=parted.accepted, rejected=rejected
    )
    return facts


def _again(settled: Batch, store: Store) -> BatchFacts:
    refused = store.documents.quarantined(settled.loop, settled.batch)
    known = settled.read - settled.quarantined
    return BatchFacts(settled.read, 0, known, summarise([refused]), settled.source_digest, settled.watermark)


def _digest(job: Job, fingerprint: str) -> str:
    """Of the content *and* of how it is read: another column mapping or contract reads the same file anew."""
    return digest_of(fingerprint, job.config.source, job.config.columns, job.config.contract)
