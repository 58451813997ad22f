"""Promotion: the pair that is meant, the comparison for people, the move of the alias."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from evertopic.errors import BadConfig, Corrupted, Refusal, Unavailable
from evertopic.records import Episode, ModelVersion, Release
from evertopic.storage.cards import read_card
from evertopic.storage.registry import CHALLENGER, CHAMPION, open_registry
from evertopic.storage.releasing import Wish, promote, reconcile
from tasks.approval import Word
from tasks.gate import GateRef
from tasks.job import Job
from tasks.release import ReleaseRef, compared
from tasks.retry import is_tried_again, when_unavailable

RETRIES = 2
"""Of what may do without the champion."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pair:
    """Who answers now, and who would."""

    champion: ModelVersion | None
    challenger: ModelVersion


@task(
    task_run_name="find champion and challenger",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def find_pair(job: Job, version: int | None) -> Pair:
    """The two versions that are meant; what a killed release has left is put right first.

    Args:
        job: the run.
        version: that would be released; None: the one with the alias `challenger`.

    Raises:
        Refusal: there is no challenger, or it is the champion already.
        BadInput: there is no such version.
    """
    registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
    name, store = job.config.model_name, job.store()
    try:
        with store.releases.turn(job.config.name):  # else a release that is half done looks like one from outside
            reconcile(registry, store.releases, job.config.name, name, datetime.now(UTC))
    finally:
        store.close()
    champion = registry.alias_version(name, CHAMPION)
    wanted = version if version is not None else registry.alias_version(name, CHALLENGER)
    if wanted is None:
        raise Refusal(
            f"{name} has no challenger (champion: version {champion}): train one by `evertopic train {job.config.name}`"
            f", or name a version by --version."
        )
    if wanted == champion:
        raise Refusal(f"Version {wanted} of {name} is the champion already: there is nothing to release.")
    before = registry.resolve(f"{name}/{champion}") if champion is not None else None
    return Pair(before, registry.resolve(f"{name}/{wanted}"))


@task(task_run_name="find the open episode", cache_policy=NO_CACHE)
def find_episode(job: Job, episode: str | None) -> Episode | None:
    """The need for a retraining that this release would end, None without one."""
    if episode is None:
        return None
    store = job.store()
    try:
        return store.episodes.get(episode)
    finally:
        store.close()


@task(
    task_run_name="compare with the champion",
    cache_policy=NO_CACHE,
    retries=RETRIES,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def compare_pair(job: Job, pair: Pair) -> ReleaseRef:
    """What the release would change, for people; what cannot be compared is left uncompared."""
    card = read_card(job.lake(), pair.challenger.digest)
    if pair.champion is None or card is None:
        return ReleaseRef(None, None, "There is nothing to compare it with.")
    registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
    most, loop = job.config.release.documents, job.config.name
    try:
        return compared(job.place, registry, loop, pair.champion, pair.challenger, card.documents, most)
    except (BadConfig, Corrupted, Unavailable) as fault:
        if isinstance(fault, Unavailable) and is_tried_again(RETRIES):
            raise
        logger.warning("Version %d cannot be compared with: %s", pair.champion.version, fault)
        return ReleaseRef(None, pair.champion.version, f"It cannot be compared with the champion: {fault}")


@task(
    task_run_name="release version {pair.challenger.version}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def release_version(
    job: Job, pair: Pair, gate: GateRef, diff: ReleaseRef, word: Word, why: str, by: str, episode: str | None
) -> Release | None:
    """The line of the ledger, the alias moved; None where the gate or a person held it.

    Raises:
        Refusal: another version was released meanwhile.
    """
    if not (gate.passed and word.approved):
        return None
    said = f"{why} {gate.said}" + (f" {word.said}" if word.by else "")
    wish = Wish(job.config.name, pair.challenger.name, word.by or by, said, gate.key, diff.key, episode)
    registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
    expected, store = pair.champion.version if pair.champion else None, job.store()
    try:
        return promote(registry, store.releases, wish, pair.challenger.version, expected, lambda: datetime.now(UTC))
    finally:
        store.close()
