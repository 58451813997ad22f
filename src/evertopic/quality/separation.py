"""How far topics stand apart: the silhouette of held-out documents in the encoder's own space."""

import numpy as np

from evertopic.quality.resampling import Doubles
from evertopic.records import Floats, Integers, Interval

AT_MOST = 4_000
"""Documents measured on; the distances between more would not fit in memory, and the mean is sharp enough."""


def cosine_distances(vectors: Floats, seed: int) -> tuple[np.ndarray, Floats]:
    """Rows of a sample of at most AT_MOST documents (m,), and the cosine distances between them, float32 (m, m).

    Computed once and shared by all candidates of a search.
    """
    rows = np.arange(len(vectors))
    if len(rows) > AT_MOST:
        rows = np.sort(np.random.default_rng(seed).choice(rows, AT_MOST, replace=False))
    sample = vectors[rows]
    return rows, np.clip(1.0 - sample @ sample.T, 0.0, 2.0)


def separation(distances: Floats, topic: Integers) -> Interval:
    """Mean silhouette over documents, in [-1, 1], with its normal 95 % interval; 0 when there is one topic only.

    s(i) = (b - a) / max(a, b), with a the mean distance to the other documents of its topic and b the least mean
    distance to the documents of another topic; 0 for the only document of a topic. Every document takes part in its
    best topic, also one below the threshold: what is hard to assign shows here.

    Args:
        distances: (m, m).
        topic: (m,) all >= 0.

    Source: Rousseeuw 1987, J. Comput. Appl. Math. 20, 53-65.
    """
    if len(np.unique(topic)) < 2:
        return Interval(0.0, 0.0, 0.0)
    widths = silhouettes(distances, topic)
    mean, error = float(widths.mean()), float(1.96 * widths.std() / np.sqrt(len(widths)))
    return Interval(mean, max(-1.0, mean - error), min(1.0, mean + error))


def silhouettes(distances: Floats, topic: Integers) -> Doubles:
    """The silhouette of each document, (m,) in [-1, 1]; all 0 where there is one topic only. See `separation`."""
    present, own = np.unique(topic, return_inverse=True)
    if len(present) < 2:
        return np.zeros(len(topic))
    member = np.zeros((len(topic), len(present)), np.float32)
    member[np.arange(len(topic)), own] = 1.0
    sums, counts = distances @ member, member.sum(axis=0)
    rows = np.arange(len(topic))
    inside = sums[rows, own] / np.maximum(counts[own] - 1, 1)
    means = sums / counts
    means[rows, own] = np.inf
    outside = means.min(axis=1)
    widths = np.where(counts[own] > 1, (outside - inside) / np.maximum(np.maximum(inside, outside), 1e-12), 0.0)
    return np.asarray(widths)
