"""How the champion does on what came lately, beside what it did when it was registered."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from evertopic.corpus.tokens import take
from evertopic.models.assignment import assign
from evertopic.prediction.bundle import Bundle
from evertopic.quality.classification import wilson
from evertopic.quality.new_texts import coherence_now_and_then
from evertopic.quality.performance import accuracy, macro_f1, mean, settled
from evertopic.quality.trend import DAYS, trend
from evertopic.records import (
    UNASSIGNED,
    Check,
    Feedback,
    Interval,
    Measure,
    ModelVersion,
    Performance,
    SnapshotRef,
    TrainingCard,
    VectorsRef,
    Window,
)
from evertopic.storage.cards import read_card
from tasks.job import Job
from tasks.late_labels import Labelled, late_labels
from tasks.preprocess import read_tokens
from tasks.retry import when_unavailable
from tasks.space import read_space
from tasks.window import read_champion

FEWEST = 20
"""Documents below which coherence, strength and macro-F1 are not measured; shares have Wilson's interval and are."""
CHECKS = 500

logger = logging.getLogger(__name__)
Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Taken:
    """One measure as it was taken now; its trend is not known yet."""

    name: str
    now: Interval
    then: Interval | None
    documents: int
    better: Better = "higher"


@task(
    task_run_name="measure the performance of {champion.name} {champion.version}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def measure_performance(
    job: Job, champion: ModelVersion, window: Window, cleaned: SnapshotRef, vectors: VectorsRef
) -> Performance:
    """The measures of the champion on the window, on people's feedback and on labels that came since.

    What cannot be measured honestly (too few documents, no labels, another encoder, no training in this lake) is left
    out, and the log says why. Trends are those of this champion's checks of the last 30 days.

    Raises:
        Unavailable: the store or the registry did not answer, three times.
    """
    bundle, card = read_champion(job, champion), read_card(job.lake(), champion.digest)
    store = job.store()
    try:
        words = store.feedback.words(job.config.name, champion.version)
        history = store.checks.list(job.config.name, version=champion.version, until=window.until, limit=CHECKS)
    finally:
        store.close()
    since = window.until - timedelta(days=DAYS)
    recent = [check for check in history if check.at >= since and check.model == champion.name]
    labelled = late_labels(job, bundle, card) if card else None
    taken = [
        *_on_window(job, bundle, card, cleaned, vectors),
        *_on_feedback(words, job.config.seed),
        *(_on_labels(labelled, job.config.seed) if labelled else ()),
    ]
    return Performance(
        measures=tuple(_with_trend(one, recent, window) for one in taken if _sound(one)),
        right=sum(word.verdict == "right" for _, _, word in words),
        wrong=sum(word.verdict == "wrong" for _, _, word in words),
        people=len({word.by for _, _, word in words}),
    )


def _on_window(
    job: Job, bundle: Bundle, card: TrainingCard | None, cleaned: SnapshotRef, vectors: VectorsRef
) -> Iterator[Taken]:
    """Without labels: the share unassigned, the strength of answers, the coherence of the topics' words."""
    if vectors.encoder != bundle.meta.fingerprint:
        logger.warning(
            "Strength is not measured: the window was read by %s, not the champion's encoder.", vectors.encoder
        )
    elif cleaned.documents:
        answers = assign(job.lake().read_array(f"{vectors.key}/vectors.npy"), bundle.head)
        reached = card.coverage.reached if card else None
        left = int((answers.topic == UNASSIGNED).sum())
        yield Taken("unassigned", wilson(left, len(answers.topic)), reached, len(answers.topic), "lower")
        if _enough("strength", len(answers.topic)):
            known = bundle.reference.unseen
            then = mean(assign(known, bundle.head).strength) if len(known) > 1 else None
            yield Taken("strength", mean(answers.strength), then, len(answers.topic))
    if card is None:
        logger.warning("Coherence and labels are not measured: this lake does not hold the training of the champion.")
    elif _enough("coherence", cleaned.documents):
        yield from _coherence(job, bundle, card, cleaned)


def _coherence(job: Job, bundle: Bundle, card: TrainingCard, cleaned: SnapshotRef) -> Iterator[Taken]:
    space = read_space(job.lake(), card.space)
    topics = [topic.words for topic in bundle.meta.topics]
    tokens = read_tokens(job.lake(), cleaned)
    found = coherence_now_and_then(topics, tokens, take(space.tokens, space.held), job.config.seed)
    if found is None:
        logger.info("Coherence is not measured: no topic has two words that occur in the window.")
    else:
        yield Taken("coherence", *found, cleaned.documents)


def _on_feedback(words: tuple[tuple[str, str | None, Feedback], ...], seed: int) -> Iterator[Taken]:
    """Of the answers that people spoke of, who speak sooner of a wrong one: a trend means more than the level."""
    said = settled([(one.prediction, key, one.verdict == "right", one.key) for _, key, one in words])
    if not said:
        logger.info("Nothing is measured on feedback: nobody has spoken of an answer of this version.")
        return
    yield Taken("feedback_accuracy", wilson(sum(right for _, right, _ in said), len(said)), None, len(said))
    known = [(key if right else better, key) for key, right, better in said]
    known = [(true, key) for true, key in known if true is not None]
    if _enough("feedback_macro_f1", len(known)):
        truth, answers = [true or "" for true, _ in known], [key for _, key in known]
        yield Taken("feedback_macro_f1", macro_f1(truth, answers, seed), None, len(known))


def _on_labels(labelled: Labelled, seed: int) -> Iterator[Taken]:
    now, then = labelled.now, labelled.then
    before = accuracy(*then) if then[0] else None
    if now[0]:
        yield Taken("accuracy", accuracy(*now), before, len(now[0]))
    if _enough("macro_f1", len(now[0])):
        yield Taken("macro_f1", macro_f1(*now, seed), macro_f1(*then, seed) if then[0] else None, len(now[0]))


def _enough(name: str, documents: int) -> bool:
    if documents < FEWEST:
        logger.info("%s is not measured: %d documents, at least %d are needed.", name, documents, FEWEST)
    return documents >= FEWEST


def _sound(one: Taken) -> bool:
    return _finite(one.now)


def _finite(found: Interval) -> bool:
    return bool(np.isfinite([found.value, found.low, found.high]).all())


def _with_trend(one: Taken, history: list[Check], window: Window) -> Measure:
    earlier = ((check.at, check.performance.get(one.name)) for check in reversed(history))
    past = [(at, measure.now.value) for at, measure in earlier if measure is not None]
    direction, slope = trend([*past, (window.until, one.now.value)], window.until, one.better)
    then = one.then if one.then is not None and _finite(one.then) else None
    return Measure(one.name, one.now, then, one.documents, one.better, direction, slope)
