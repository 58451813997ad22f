"""Whether to retrain: every trigger speaks, the policy answers, and the decision is kept whatever it is."""

import logging
from dataclasses import replace
from datetime import datetime
from secrets import token_hex
from typing import TYPE_CHECKING

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from evertopic.config import LoopConfig
from evertopic.errors import Refusal
from evertopic.records import Action, Check, Decision, Episode, Evaluation, Situation
from evertopic.storage.cards import read_card
from evertopic.storage.processes import this_host
from evertopic.storage.registry import CHAMPION, open_registry
from evertopic.storage.store import Store
from evertopic.triggers.policy import Course, course
from evertopic.triggers.rule import evaluate_all, in_words
from tasks.job import Job
from tasks.retry import when_unavailable

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

CHECKS = 50
"""Earlier checks that triggers may look at."""
EPISODES = 100
logger = logging.getLogger(__name__)


@task(
    task_run_name="decide whether to retrain",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def decide(job: Job, check: Check | None, asked: str | None = None) -> Decision:
    """What is done about the loop now, and why. It is kept, also when nothing fired.

    Args:
        job: the loop; its start is the time of the decision.
        check: the one that was just made; None: a person asks between two checks.
        asked: why a person asks for a retraining; None: nobody does.

    Raises:
        Refusal: the loop has no champion yet.
        Unavailable: store or registry did not answer, three times.
    """
    registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
    store = job.store()
    try:
        situation = situation_of(job, store, registry, check, asked)
        return decide_on(job.config, store, situation, None if check is None else check.id)
    finally:
        store.close()


def situation_of(job: Job, store: Store, registry: "Registry", check: Check | None, asked: str | None) -> Situation:
    """All that triggers may look at, of the champion alone.

    Raises:
        Refusal: there is no champion.
    """
    config = job.config
    number = registry.alias_version(config.model_name, CHAMPION)
    if number is None:
        raise Refusal(
            f"{config.model_name} has no champion, so there is nothing to watch and to retrain: `evertopic train` "
            "makes the first one, `evertopic promote` gives the alias back."
        )
    champion = registry.resolve(f"{config.model_name}/{number}")
    trained_at = registry.registered_at(champion)
    card = read_card(job.lake(), champion.digest)
    if card is None:
        logger.warning("The lake holds no card of %s %d: documents it was trained on count as 0", champion.name, number)
    earlier = store.checks.list(config.name, version=number, limit=CHECKS)
    own = (check,) if check is not None and check.version == number else ()
    checks = (*own, *(one for one in earlier if one not in own))
    return Situation(
        loop=config.name,
        now=job.started,
        version=number,
        trained_at=trained_at,
        trained_documents=0 if card is None else card.documents.documents,
        new_documents=store.documents.count_since(config.name, trained_at)
        + store.predictions.stats(config.name, trained_at).total,
        drift=tuple(one.drift for one in checks),
        performance=checks[0].performance if checks else None,
        wrong_by=store.feedback.by_person(config.name, number, trained_at),
        unassigned_budget=config.assignment.unassigned,
        asked=asked,
    )


def decide_on(config: LoopConfig, store: Store, situation: Situation, check: str | None) -> Decision:
    """The decision about a situation, kept in the store, with the episode it opened or joined."""
    loop, now = situation.loop, situation.now
    evaluations, fired = evaluate_all(config.triggers, situation)
    store.episodes.pull_back(loop, now)
    episodes = _still_meant(store, situation, store.episodes.list(loop, limit=EPISODES))
    planned = course(config.retrain, evaluations, episodes, now, fired=fired)
    opened = next((one for one in episodes if one.state == "open"), None)
    done, episode = _carried_out(config, store, situation, evaluations, planned, opened)
    decision = Decision(
        id=f"decision-{now:%Y%m%dT%H%M%S}-{token_hex(4)}",
        loop=loop,
        at=now,
        check=check,
        version=situation.version,
        evaluations=evaluations,
        fired=fired,
        action=done.action,
        reason=_in_words(in_words(config.triggers, evaluations, fired=fired), done),
        episode=episode,
    )
    store.decisions.add(decision)
    return decision


def _in_words(triggers: str, done: Course) -> str:
    """What counts first: why it was asked for, or what stood in the way."""
    order = (triggers, done.reason) if done.action in {"nothing", "request"} else (done.reason, triggers)
    return " ".join(part for part in order if part)


def _still_meant(store: Store, situation: Situation, episodes: tuple[Episode, ...]) -> tuple[Episode, ...]:
    """The episodes; an open one about a champion that another one has replaced meanwhile is over."""
    opened = next((one for one in episodes if one.state == "open"), None)
    if opened is None or opened.version == situation.version:
        return episodes
    if store.slots.live(situation.loop, this_host(), situation.now) is not None:
        return episodes  # it is at its last steps
    said = f"version {situation.version} took the place of version {opened.version} meanwhile"
    store.episodes.close(opened.id, "done", situation.now, said)
    return store.episodes.list(situation.loop, limit=EPISODES)


def _carried_out(
    config: LoopConfig,
    store: Store,
    situation: Situation,
    evaluations: tuple[Evaluation, ...],
    planned: Course,
    opened: Episode | None,
) -> tuple[Course, str | None]:
    """What was done of what was planned, and the episode it is about."""
    if opened is not None and _is_spent(config, opened, planned.action):
        store.episodes.close(opened.id, "gave up", situation.now, opened.outcome or "every attempt failed")
        if planned.action == "gave up":
            return planned, opened.id
        opened = None
    if opened is not None:
        return planned, opened.id
    if planned.action != "request":
        return planned, None
    episode, new = store.episodes.open_or_join(_episode(situation, evaluations, situation.now))
    if new:
        return planned, episode.id
    return replace(planned, action="open", reason="Another decision has just opened a retraining."), episode.id


def _is_spent(config: LoopConfig, opened: Episode, action: Action) -> bool:
    failed = opened.failed_at is not None and opened.attempts >= config.retrain.max_attempts
    return failed and action in {"gave up", "request"}


def _episode(situation: Situation, evaluations: tuple[Evaluation, ...], now: datetime) -> Episode:
    spoke = sorted((one for one in evaluations if one.fired), key=lambda one: one.priority)
    return Episode(
        id=f"{situation.loop}-v{situation.version}-{now:%Y%m%dT%H%M%S}-{token_hex(3)}",
        loop=situation.loop,
        version=situation.version,
        opened_at=now,
        reasons=tuple(one.reason for one in spoke),
        triggers=tuple(dict.fromkeys(one.trigger for one in spoke)),
        state="open",
        attempts=0,
        requested_at=None,
        run=None,
        failed_at=None,
        closed_at=None,
        outcome=None,
    )
