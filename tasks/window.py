"""The window of a check: what was ingested and asked lately, and never looked at with this champion."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from evertopic.digests import digest_of
from evertopic.drift.watching import WindowRule
from evertopic.errors import BadInput, NotEnoughDocuments, Refusal
from evertopic.prediction.bundle import Bundle, read_bundle
from evertopic.records import BatchFacts, ModelVersion, SnapshotRef, VectorsRef, Window
from evertopic.storage.cards import read_card
from evertopic.storage.registry import CHAMPION, open_registry
from evertopic.storage.store import Store
from tasks.artefact import once
from tasks.embed import embed_documents
from tasks.job import Job
from tasks.looked import looked_until
from tasks.preprocess import preprocess_documents
from tasks.retry import when_unavailable
from tasks.training_data import SERVED, SOURCES, asked_by_people

COLUMNS = ["id", "text", "label", "timestamp"]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is watched, and how: a job that reads texts as this champion does, whatever the config says by now."""

    job: Job
    champion: ModelVersion
    made_of: datetime
    """It knows nothing of what came in later; what came in up to then it may have been trained on."""


@task(
    task_run_name="find the champion",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def find_champion(job: Job) -> Watch:
    """The version that answers now.

    Raises:
        Refusal: there is none yet.
        Unavailable: the registry did not answer, three times.
    """
    registry, name = open_registry(job.place.tracking_uri, job.place.artifacts_url), job.config.model_name
    number = registry.alias_version(name, CHAMPION)
    if number is None:
        raise Refusal(
            f"{name} has no champion, so there is nothing to watch: `evertopic train {job.config.name}` makes the "
            "first one, `evertopic promote` gives the alias back."
        )
    champion = registry.resolve(f"{name}/{number}")
    started = registry.tags(champion).get("started")
    meta = read_champion(job, champion).meta
    config = job.config.model_copy(update={"embed": meta.encoder, "cleaning": meta.cleaning})
    made_of = datetime.fromisoformat(started) if started else registry.registered_at(champion)
    return Watch(replace(job, config=config), champion, made_of)


def read_champion(job: Job, champion: ModelVersion) -> Bundle:
    """The model in memory, without its encoder.

    Raises:
        Corrupted: a file was altered.
        Unavailable: the registry did not answer.
    """
    registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
    with TemporaryDirectory() as temporary:
        return read_bundle(registry.fetch(champion.model_uri, Path(temporary) / "bundle"))


@task(
    task_run_name="take the window",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def take_window(
    watch: Watch,
    batch: BatchFacts,  # noqa: ARG001 - the edge: first ingest, then this
    since: datetime | None,
    until: datetime | None,
) -> Window:
    """The distinct texts that came in, at rest in the lake; there may be none.

    Args:
        watch: who is watched.
        batch: of the ingest before.
        since: what came in later than this; None: as the config says, and never what the champion was made of.
        until: what came in up to this; None: up to now.

    Raises:
        BadInput: `since` is not before `until`, or `until` is before all that is new.
    """
    since, until = (None if at is None else _in_utc(at) for at in (since, until))
    job, store = watch.job, watch.job.store()
    last = until or job.started
    try:
        first = since or _beginning(watch, store, last, asked=until is not None)
        if first >= last:
            raise BadInput(f"The window would go from {first} to {last}: give a time before the other one.")
        frame = _unknown(watch, _came_in(job, store, first, last))
    finally:
        store.close()
    most = job.config.monitor.window.documents
    if most and since is None and len(frame) > most:
        frame = frame.iloc[-most:]
        # Times are of whole seconds: one earlier, so that all of them came later than this.
        first = max(first, frame["came"].iloc[0].tz_localize(UTC).to_pydatetime() - timedelta(seconds=1))
    columns = frame[COLUMNS].reset_index(drop=True)
    digest = digest_of("window", columns.astype(str).to_numpy().tolist())

    def make(key: str) -> SnapshotRef:
        job.lake().write_frame(f"{key}/documents.parquet", columns)
        return SnapshotRef(key, digest, len(columns))

    ref = once(job.lake(), f"windows/{digest}", SnapshotRef, make)
    served = int(columns["id"].str.startswith(SERVED).sum()) if len(columns) else 0
    return Window(ref.key, digest, first, last, len(columns), len(columns) - served, served)


@task(task_run_name="preprocess {window.documents} documents", cache_policy=NO_CACHE)
def preprocess_window(watch: Watch, window: Window) -> SnapshotRef:
    """The documents of the window cleaned and tokenised; 0 of them where cleaning leaves nothing."""
    snapshot = SnapshotRef(window.key, window.digest, window.documents)
    try:
        return preprocess_documents.fn(watch.job, snapshot) if window.documents else snapshot
    except NotEnoughDocuments:
        return replace(snapshot, documents=0)


@task(task_run_name="embed {documents.documents} documents", cache_policy=NO_CACHE)
def embed_window(watch: Watch, documents: SnapshotRef) -> VectorsRef:
    """The vectors of the window by the champion's own encoder.

    Raises:
        Unavailable: the encoder's model is not to be had.
    """
    if documents.documents:
        return embed_documents.fn(watch.job, documents)
    encoder = watch.job.config.embed
    return VectorsRef("", "", 0, encoder.width, encoder.fingerprint())


def _beginning(watch: Watch, store: Store, until: datetime, *, asked: bool) -> datetime:
    """What the config says: so many days, or since the last check that counts; before `until`."""
    rule: WindowRule = watch.job.config.monitor.window
    earliest = watch.made_of
    if asked and until <= earliest:
        raise BadInput(
            f"Nothing is new up to {until}: the champion is made of what came in up to {earliest}: give a later time, "
            "or also since when."
        )
    if rule.days:
        first = max(earliest, until - timedelta(days=rule.days))
    elif rule.documents:
        first = earliest
    else:
        first = looked_until(store, watch.job.config.name, watch.champion.version, earliest, until)
    # A clock that was set back leaves an empty window, no failure.
    return min(first, until - timedelta(microseconds=1))


def _in_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _unknown(watch: Watch, frame: pd.DataFrame) -> pd.DataFrame:
    """Without the texts that the champion was made of: whoever asks about them again tells nothing new."""
    lake = watch.job.lake()
    card = read_card(lake, watch.champion.digest)
    if card is None:
        return frame
    made_of = lake.read_frame(f"{card.documents.key}/documents.parquet", ["source_digest"])["source_digest"]
    return frame[~frame["text_digest"].isin(set(made_of))]


def _came_in(job: Job, store: Store, since: datetime, until: datetime) -> pd.DataFrame:
    """Documents and served texts of a span, each text once, in the order in which they came."""
    documents = store.documents.read_documents(job.config.name, as_of=until, came_after=since)
    came = documents["ingested_at"].astype("datetime64[s]")
    frames = [documents[[*COLUMNS, "text_digest"]].assign(came=came)]
    full = job.config.log.text == "full"
    kept = store.predictions.texts(job.config.name, until, SOURCES, since) if full else ()
    texts = [one for one in kept if asked_by_people(one[0], one[1])]
    if texts:
        at = np.array([asked.astimezone(UTC).replace(tzinfo=None) for _, _, asked in texts], "datetime64[s]")
        rows = {
            "id": [f"{SERVED}{digest}" for digest, _, _ in texts],
            "text": [text for _, text, _ in texts],
            "label": pd.Series([None] * len(texts), dtype="str"),
            "timestamp": at,
            "text_digest": [digest for digest, _, _ in texts],
            "came": at,
        }
        frames.append(pd.DataFrame(rows))
    found = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    return found.drop_duplicates("text_digest").sort_values(["came", "id"], kind="stable")
