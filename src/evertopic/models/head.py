"""Fitting a head: centroids from the clusters, a temperature, thresholds to the outlier budget."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_array

from evertopic.models.assignment import Head
from evertopic.records import UNASSIGNED, Floats, Integers

TEMPERATURES = (0.005, 0.5)
LOWEST = -2.0
"""A threshold no cosine falls below, rounding included."""
PRIOR = 10.0
"""How many documents' worth of the overall spread a small topic's spread is drawn towards."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What one clustering says of its topics, before any threshold."""

    centroids: Floats
    """(k, d) unit rows."""
    mean: Floats
    """(k,) typical cosine of a topic's documents to its centroid, the document itself left out of the centroid."""
    deviation: Floats
    """(k,) standard deviation of those cosines, small topics drawn towards all topics'."""
    temperature: float


def fit_topics(vectors: Floats, labels: Integers) -> Fit:
    """Centroids, spread and temperature of the clusters 0..k-1; documents labelled -1 take no part.

    Every figure is leave-one-out: a document is compared with the centroid its cluster would have without it, so
    small topics do not look tighter to their own documents than they will to new ones.

    Args:
        vectors: unit rows of the fitted documents, float32 (n, d).
        labels: (n,) with every cluster 0..k-1 present; all -1 gives a fit without topics.
    """
    members = np.flatnonzero(labels >= 0)
    if not len(members):
        nothing = np.empty(0, np.float32)
        return Fit(np.empty((0, vectors.shape[1]), np.float32), nothing, nothing, 1.0)
    own, k = labels[members], int(labels.max()) + 1
    sums = csr_array((np.ones(len(own)), (own, members)), shape=(k, len(labels))) @ vectors.astype(np.float64)
    centroids = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
    scores = vectors[members] @ centroids.T
    without = sums[own] - vectors[members]
    length = np.linalg.norm(without, axis=1)
    loo = np.einsum("nd,nd->n", without, vectors[members]) / np.where(length > 0, length, 1.0)
    scores[np.arange(len(own)), own] = loo
    mean, deviation = _spread(loo, own, k)
    return Fit(centroids, mean, deviation, _temperature(scores, own))


def _spread(loo: Floats, own: Integers, k: int) -> tuple[Floats, Floats]:
    count = np.bincount(own, minlength=k)
    mean = np.bincount(own, loo, minlength=k) / count
    square = np.bincount(own, (loo - mean[own]) ** 2, minlength=k)
    variance = (square + PRIOR * square.sum() / len(loo)) / (count + PRIOR)
    return mean.astype(np.float32), np.sqrt(np.maximum(variance, 1e-8)).astype(np.float32)


def _temperature(scores: Floats, own: Integers) -> float:
    """The T with the least negative log-likelihood of the documents' own topics, within TEMPERATURES."""
    if scores.shape[1] == 1:
        return 1.0  # one topic: every T gives probability 1
    shifted = (scores - scores.max(axis=1, keepdims=True)).astype(np.float64)
    right = shifted[np.arange(len(own)), own]

    def loss(log_t: float) -> float:
        t = np.exp(log_t)
        return float(np.mean(np.log(np.exp(shifted / t).sum(axis=1)) - right / t))

    found = minimize_scalar(loss, bounds=tuple(np.log(TEMPERATURES)), method="bounded")
    return float(np.exp(found.x))


def standing(vectors: Floats, fit: Fit) -> tuple[Integers, Floats]:
    """The best topic of each document (n,), and how typical it is of it: (cosine - mean) / deviation, (n,).

    Without any topic: -1, and -inf.
    """
    if not len(fit.mean):
        return np.full(len(vectors), UNASSIGNED, np.int32), np.full(len(vectors), -np.inf, np.float32)
    scores = vectors @ fit.centroids.T
    best = scores.argmax(axis=1).astype(np.int32)
    top = np.take_along_axis(scores, best[:, None], axis=1)[:, 0]
    return best, (top - fit.mean[best]) / fit.deviation[best]


def cut_for(standings: Floats, budget: float) -> float:
    """The standing below which a document is unassigned, so that at most `budget` of new documents are.

    The floor(budget * (n + 1))-th smallest of n held-out standings: by exchangeability the expected share of new
    documents below it is at most the budget, whatever their distribution. -inf when n is too small to spend it.

    >>> cut_for(np.arange(99.0), 0.05)
    4.0
    """
    rank = int(np.floor(budget * (len(standings) + 1)))
    return float(np.sort(standings)[rank - 1]) if rank else -np.inf


def head_at(fit: Fit, cut: float) -> Head:
    """The head whose per-topic thresholds all stand at `cut` deviations from their topic's mean; -inf assigns all."""
    threshold = fit.mean + cut * fit.deviation if np.isfinite(cut) else np.full_like(fit.mean, LOWEST)
    return Head(
        weight=fit.centroids,
        bias=np.zeros(len(fit.mean), np.float32),
        threshold=np.maximum(threshold, LOWEST).astype(np.float32),
        temperature=fit.temperature,
    )


def topic_head(fitted: Floats, labels: Integers, held: Floats, budget: float) -> Head:
    """The head of a clustering: centroids of the fitted documents, thresholds that leave `budget` of the held-out out.

    Args:
        fitted: unit rows (n, d).
        labels: (n,) their clusters.
        held: unit rows (h, d) of documents no fit has seen.
        budget: share of new documents that may stay unassigned.
    """
    fit = fit_topics(fitted, labels)
    _, typical = standing(held, fit)
    return head_at(fit, cut_for(typical, budget))


def left_out(standings: Floats, budget: float, seed: int, folds: int = 5) -> NDArray[np.bool_]:
    """Which held-out documents stay unassigned when the others set the cut, (n,): the honest count.

    Each fold is judged by the cut of the other folds.
    """
    fold = np.random.default_rng(seed).permutation(len(standings)) % folds
    below = np.zeros(len(standings), bool)
    for own in range(folds):
        below[fold == own] = standings[fold == own] < cut_for(standings[fold != own], budget)
    return below
