"""Asking after a release: what the version answers beforehand, what the API answers afterwards, the way back."""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from evertopic.prediction.batch import keeping
from evertopic.prediction.canary import Canary, Verdict, askable, expect
from evertopic.prediction.loading import load_model
from evertopic.prediction.rollback import tell, verify
from evertopic.records import Release
from evertopic.storage.registry import open_registry
from evertopic.storage.releasing import Wish, roll_back
from evertopic.storage.store import Store
from tasks.approval import Word
from tasks.gate import GateRef
from tasks.job import Job
from tasks.promotion import Pair
from tasks.recent import recent_texts
from tasks.retry import when_unavailable

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verified:
    """What stands after the canary set was asked."""

    line: Release | None
    """Of the version that was released; None: nothing was, or it was rolled back."""
    said: str
    back: Release | None = None
    """The line by which it was rolled back."""


@task(
    task_run_name="ask the challenger beforehand",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def prepare_canary(job: Job, pair: Pair, gate: GateRef, word: Word) -> Canary | None:
    """What the challenger answers to the canary set; None where it is held.

    Raises:
        Corrupted: it cannot be loaded, so no alias moves.
    """
    if not (gate.passed and word.approved):
        return None
    store = job.store()
    try:
        serve = job.config.serve
        recent = recent_texts(store, job.config.name, None, job.config.canary.texts)
        texts = askable(recent, serve.max_characters, serve.max_batch)
        registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
        return expected(job, registry, store, pair.challenger.version, texts)
    finally:
        store.close()


def expected(job: Job, registry: "Registry", store: Store, version: int, texts: tuple[str, ...]) -> Canary:
    """What a version answers, under the edits in force now."""
    name, wrap = job.config.model_name, keeping(job.vectors())
    now = datetime.now(UTC)
    model = load_model(
        registry, job.lake(), name, str(version), now, wrap, edits=lambda: store.edits.list(job.config.name)
    )
    return expect(model.predictor, name, version, texts, job.config.canary)


@task(task_run_name="ask the canary set", cache_policy=NO_CACHE)
def ask_canary(job: Job, line: Release | None, canary: Canary | None) -> Verified:
    """What asking has shown, written into the ledger; wrong or slow answers have rolled the release back.

    An API that is not there or does not answer gives nobody wrong answers: the release stands, and the ledger says
    that only the registry was asked.
    """
    if line is None or canary is None:
        return Verified(None, "")
    registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
    store = job.store()
    try:
        found = verify(job.place, registry, store, job.config.name, canary, job.config.canary)
        store.releases.verified(line.id, found.said)
        if found.state != "wrong":
            return Verified(replace(line, verified=found.said), found.said)
        return _back(job, registry, store, line, found)
    finally:
        store.close()


def _back(job: Job, registry: "Registry", store: Store, line: Release, found: Verdict) -> Verified:
    logger.error("Version %d is rolled back: %s", line.version, found.said)
    if line.previous is None:
        said = f"Version {line.version} answers wrongly, and there is none before it to go back to: {found.said}."
        return Verified(line, said)
    wish = Wish(line.loop, line.model, "evertopic", f"After its release {found.said}.", episode=line.episode)
    back = roll_back(registry, store.releases, wish, line.previous, lambda: datetime.now(UTC))
    told = tell(job.place, job.config.name)
    store.releases.verified(back.id, told)
    return Verified(None, f"Rolled back to version {back.version}: {found.said}.", back)
