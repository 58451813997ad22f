"""What a release would change: the new version beside the champion, on the newest documents."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from evertopic.digests import digest_of, digest_of_code
from evertopic.environment import Environment
from evertopic.errors import BadConfig, Corrupted, Unavailable
from evertopic.prediction.batch import keeping
from evertopic.prediction.predictor import Predictor
from evertopic.prediction.release import Side, compare
from evertopic.records import Edit, ModelVersion, ReleaseDiff, SnapshotRef
from evertopic.reporting import one_sentence, render_release
from evertopic.storage.lake import Lake
from evertopic.storage.registry import CHAMPION, open_registry
from evertopic.storage.store import open_store
from evertopic.storage.vectors import VectorStore
from tasks.artefact import once
from tasks.job import Job
from tasks.report import Training
from tasks.retry import is_tried_again, when_unavailable

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

PAGE = "release.html"
RETRIES = 2

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReleaseRef:
    """A comparison at rest; or the reason why there is none."""

    key: str | None
    before: int | None
    """The version compared with."""
    said: str
    """The result in one sentence."""


@task(
    task_run_name="compare with the champion",
    cache_policy=NO_CACHE,
    retries=RETRIES,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def compare_release(job: Job, training: Training, version: ModelVersion) -> ReleaseRef:
    """What would change if this version took the place of the champion, as facts and as a page, also in its MLflow run.

    Made once for each pair of models. The first model of a loop, and the champion itself, are compared with nothing.

    What does not answer three times is left uncompared: `evertopic diff` does it later.
    """
    registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
    champion = registry.alias_version(version.name, CHAMPION)
    if champion is None or champion == version.version:
        return ReleaseRef(
            None, None, f"Version {version.version} is the champion: there is nothing to compare it with."
        )
    before = registry.resolve(f"{version.name}/{champion}")
    try:
        most = job.config.release.documents
        ref = compared(job.place, registry, job.config.name, before, version, training.documents, most)
    except (BadConfig, Corrupted, Unavailable) as fault:
        # The new model may be the way out: it must not fail with the old one, whose encoder may be gone for good.
        if isinstance(fault, Unavailable) and is_tried_again(RETRIES):
            raise
        logger.warning("Version %d cannot be compared with: %s", champion, fault)
        return ReleaseRef(None, champion, f"Version {champion}, the champion, cannot be compared with: {fault}")
    with TemporaryDirectory() as temporary:
        page = Path(temporary) / PAGE
        page.write_bytes(job.lake().read_bytes(f"{ref.key}/{PAGE}"))
        registry.attach(version, {PAGE: page})
    return ref


def compared(
    place: Environment,
    registry: "Registry",
    loop: str,
    before: ModelVersion,
    after: ModelVersion,
    documents: SnapshotRef,
    most: int,
) -> ReleaseRef:
    """Two versions compared on the newest documents of a snapshot, found in the lake if that was done before.

    Args:
        place: where lake, store and vectors are.
        registry: that holds both versions.
        loop: whose topics they are.
        before: the version that answers now.
        after: the version that would.
        documents: cleaned documents.
        most: how many of them at most.
    """
    lake, store = Lake(place.lake_url), open_store(place.store_url)
    try:
        events, edits = store.lineage.events(loop), store.edits.list(loop)
        made_of = {one.version: store.lineage.of_version(loop, one.name, one.version) for one in (before, after)}
    finally:
        store.close()
    digest = _digest(before, after, documents, most, edits)

    def make(key: str) -> ReleaseRef:
        texts = newest(lake, documents, most)
        with TemporaryDirectory() as temporary:
            old, new = (
                replace(
                    _side(place, registry, one, Path(temporary) / str(one.version), edits),
                    generation=made_of[one.version],
                )
                for one in (before, after)
            )
            diff = compare(after.name, old, new, texts, events, edits)
        lake.write_record(f"{key}/diff.json", diff)
        lake.write_text(f"{key}/{PAGE}", render_release(diff))
        return ReleaseRef(key, before.version, one_sentence(diff))

    return once(lake, f"releases/{digest}", ReleaseRef, make)


def _digest(before: ModelVersion, after: ModelVersion, documents: SnapshotRef, most: int, edits: Sequence[Edit]) -> str:
    return digest_of(
        "release",
        [[one.name, one.version, one.digest] for one in (before, after)],
        [documents.digest, most],
        [edit.id for edit in edits],
        digest_of_code("prediction", "plotly"),
        digest_of_code("reporting"),
    )


def read_diff(lake: Lake, ref: ReleaseRef) -> ReleaseDiff:
    """The facts of a comparison."""
    return lake.read_record(f"{ref.key}/diff.json", ReleaseDiff)


def newest(lake: Lake, documents: SnapshotRef, most: int) -> list[str]:
    """The texts of the newest documents, newest first; those without a time come last, in an order of chance."""
    frame = lake.read_frame(f"{documents.key}/documents.parquet", ["text", "text_digest", "timestamp"])
    order = frame.sort_values(["timestamp", "text_digest"], ascending=[False, True], na_position="last")
    return [str(text) for text in order["text"].iloc[:most]]


def _side(place: Environment, registry: "Registry", version: ModelVersion, folder: Path, edits: Sequence[Edit]) -> Side:
    bundle = registry.fetch(version.model_uri, folder)
    return Side(version.version, Predictor.load(bundle, keeping(VectorStore(place.vectors_url)), edits))
