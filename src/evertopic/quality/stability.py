"""What comes back when the same settings are fitted with another seed."""

from collections.abc import Hashable, Sequence
from itertools import combinations

import numpy as np

from evertopic.quality.contingency import adjusted_rand
from evertopic.quality.resampling import Doubles, interval, resample
from evertopic.records import Integers, Interval


def stability(labels: Sequence[Integers], seed: int, resamples: int = 200) -> Interval:
    """The mean adjusted Rand index over all pairs of fits: 1 = the same topics each time, 0 = as by chance.

    `labels` are the topics (n,) of the same documents in two or more fits. Unassigned (-1) counts as one more group:
    a document that one fit leaves out and another does not is a disagreement, and a fit cannot look stable by
    answering only what is easy. The interval is a bootstrap over documents; how fits vary beyond the seeds given is
    not in it.

    Raises:
        ValueError: fewer than two fits, or not of the same documents.
    """
    if len(labels) < 2:
        raise ValueError(f"{len(labels)} fits: stability compares at least 2.")
    pairs = list(combinations(labels, 2))
    weights = resample(len(labels[0]), resamples, seed)
    value = np.mean([adjusted_rand(first, second) for first, second in pairs])
    return interval(float(value), np.mean([adjusted_rand(first, second, weights) for first, second in pairs], axis=0))


def recurrence(topics: Sequence[Sequence[Hashable]], fits: Sequence[Sequence[Sequence[Hashable]]]) -> Doubles:
    """For each topic, how much of it comes back: (k,) mean over other fits of the best Jaccard overlap, in [0, 1].

    `topics` are the top words of the reference, `fits` those of the other seeds. nan without other fits; a fit
    without topics counts 0.
    """
    if not fits:
        return np.full(len(topics), np.nan)
    best = [[max((_jaccard(topic, other) for other in fit), default=0.0) for topic in topics] for fit in fits]
    return np.asarray(np.mean(best, axis=0), dtype=np.float64)


def _jaccard(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    union = len(set(first) | set(second))
    return len(set(first) & set(second)) / union if union else 0.0
