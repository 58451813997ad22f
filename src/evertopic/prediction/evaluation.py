"""Scorecards of candidates, measured on what the assignment function answers for documents they never saw."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evertopic.models.head import Fit, fit_topics, left_out, standing
from evertopic.quality.classification import wilson
from evertopic.quality.coverage import curve
from evertopic.quality.scorecard import Evidence, score
from evertopic.quality.separation import cosine_distances, separation
from evertopic.quality.stability import recurrence, stability
from evertopic.quality.windows import count
from evertopic.records import UNASSIGNED, Coverage, Floats, Integers, Scorecard, Tokens, TopicTable

NEIGHBOURS = 10
"""Fitted documents that confirm or contradict the topic of a held-out one."""
COVERAGES = (1.0, 0.99, 0.98, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5)


@dataclass(frozen=True, slots=True)
class Ground:
    """What all candidates of a search are judged on."""

    fitted: Floats
    """Unit vectors of the fitted documents (f, d)."""
    held: Floats
    """Unit vectors of the held-out documents (h, d)."""
    neighbours: Integers
    """(h, NEIGHBOURS) rows of the fitted documents nearest to each held-out one."""
    tokens: Tokens
    """Of the held-out documents."""
    labels: tuple[str | None, ...]
    """Of the held-out documents; () where the source has none."""
    budget: float
    seed: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One fitted candidate: topics of the fitted documents (f,), and their words."""

    labels: Integers
    table: TopicTable


@dataclass(frozen=True, slots=True)
class _Answers:
    """What one candidate answers for the held-out documents."""

    fit: Fit
    best: Integers
    standing: Floats
    topic: Integers
    """`best`, or -1 where the cut of the other documents leaves it out."""
    confirmed: NDArray[np.bool_]


def evaluate(candidates: Sequence[Candidate], ground: Ground) -> tuple[Scorecard, ...]:
    """One scorecard a candidate, in order. Co-occurrences and distances are computed once for all.

    A candidate without a topic leaves everything unassigned.
    """
    grams = sorted({gram for candidate in candidates for words in candidate.table.grams for gram in words})
    place = {gram: at for at, gram in enumerate(grams)}
    topics = [tuple(tuple(place[g] for g in words) for words in c.table.grams) for c in candidates]
    counts = count(ground.tokens, grams, [topic for each in topics for topic in each])
    rows, distances = cosine_distances(ground.held, ground.seed)
    return tuple(
        score(counts, _evidence(candidate, words, ground, rows, distances), ground.seed)
        for candidate, words in zip(candidates, topics, strict=True)
    )


def with_stability(
    scorecard: Scorecard, candidate: Candidate, others: Sequence[Candidate], ground: Ground
) -> Scorecard:
    """The scorecard with stability and each topic's recurrence, from fits with other seeds; as it is without any."""
    if not others:
        return scorecard
    answers = [_answer(each, ground).topic for each in (candidate, *others)]
    back = recurrence(candidate.table.words, [other.table.words for other in others])
    per_topic = tuple(replace(q, recurrence=float(r)) for q, r in zip(scorecard.per_topic, back, strict=True))
    return replace(scorecard, stability=stability(answers, ground.seed), per_topic=per_topic)


def coverage(candidate: Candidate, ground: Ground) -> Coverage:
    """What the outlier budget asks, what held-out documents get, and what more coverage costs in precision.

    Precision is the share of documents whose label is the commonest of their topic; without labels, the share that
    their nearest neighbours confirm.
    """
    answers = _answer(candidate, ground)
    below = int((answers.topic == UNASSIGNED).sum())
    known = np.array([label is not None for label in ground.labels], bool)
    labelled = bool(known.any())
    rows = np.flatnonzero(known) if labelled else np.arange(len(ground.held))
    right = _by_label(answers.best, ground.labels) if labelled else answers.confirmed
    return Coverage(
        target=ground.budget,
        reached=wilson(below, len(ground.held)),
        confirmed_by="labels" if labelled else "neighbours",
        curve=curve(answers.standing[rows], right[rows], COVERAGES),
    )


def _evidence(
    candidate: Candidate, words: tuple[tuple[int, ...], ...], ground: Ground, rows: NDArray[np.int64], distances: Floats
) -> Evidence:
    answers = _answer(candidate, ground)
    return Evidence(
        topics=words,
        sizes=candidate.table.sizes,
        unclustered=float(np.mean(candidate.labels == UNASSIGNED)),
        assigned=answers.topic,
        confirmed=answers.confirmed,
        separation=separation(distances, answers.best[rows]),
        labels=ground.labels,
    )


def _answer(candidate: Candidate, ground: Ground) -> _Answers:
    fit = fit_topics(ground.fitted, candidate.labels)
    best, typical = standing(ground.held, fit)
    below = left_out(typical, ground.budget, ground.seed)
    votes = _votes(candidate.labels[ground.neighbours], len(fit.mean))
    return _Answers(fit, best, typical, np.where(below, UNASSIGNED, best).astype(np.int32), votes == best)


def _votes(labels: Integers, k: int) -> Integers:
    """The commonest topic among each row of neighbours (h,), -1 where none is clustered; the larger topic on a tie."""
    tally = np.zeros((len(labels), max(k, 1)), np.int32)
    rows, columns = np.nonzero(labels >= 0)
    np.add.at(tally, (rows, labels[rows, columns]), 1)
    return np.where(tally.sum(axis=1) > 0, tally.argmax(axis=1), UNASSIGNED).astype(np.int32)


def _by_label(best: Integers, labels: Sequence[str | None]) -> NDArray[np.bool_]:
    """Whether each document's label is the commonest of its topic."""
    names, codes = np.unique([label or "" for label in labels], return_inverse=True)
    tally = np.zeros((int(best.max(initial=0)) + 1, len(names)), np.int64)
    known = np.array([label is not None for label in labels], bool)
    np.add.at(tally, (best[known], codes[known]), 1)
    return np.asarray(tally.argmax(axis=1)[best] == codes)
