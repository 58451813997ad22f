"""Which topics are near one another."""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist

from evertopic.records import Floats


def topic_linkage(centroids: Floats) -> NDArray[np.float64]:
    """Average-linkage tree of the topics by cosine distance of their centroids: float64 (k - 1, 4), as scipy has it.

    One topic has no tree: shape (0, 4).
    """
    if len(centroids) < 2:
        return np.empty((0, 4))
    return np.asarray(linkage(np.maximum(pdist(centroids.astype(np.float64), "cosine"), 0.0), "average"))


def nearest_to_centroids(vectors: Floats, labels: NDArray[np.int32], centroids: Floats, count: int) -> list[list[int]]:
    """For each topic the rows of the `count` documents nearest to its centroid among those labelled with it."""
    nearest = []
    for topic, centroid in enumerate(centroids):
        rows = np.flatnonzero(labels == topic)
        nearest.append([int(row) for row in rows[np.argsort(-(vectors[rows] @ centroid), kind="stable")[:count]]])
    return nearest
