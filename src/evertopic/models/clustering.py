"""HDBSCAN clusterings of an embedding, numbered by size."""

import numpy as np

from evertopic.models.settings import HdbscanSettings
from evertopic.records import UNASSIGNED, Floats, Integers


def cluster(layout: Floats, settings: HdbscanSettings) -> Integers:
    """The cluster of each document, int32 (n,): 0 the largest, -1 left out.

    Fewer documents than `min_cluster_size`, or no dense region, give -1 everywhere.
    """
    from hdbscan import HDBSCAN

    if len(layout) <= settings.min_cluster_size:
        return np.full(len(layout), UNASSIGNED, np.int32)
    clusterer = HDBSCAN(
        min_cluster_size=settings.min_cluster_size,
        min_samples=min(settings.min_samples or settings.min_cluster_size, len(layout) - 1),
        cluster_selection_method=settings.cluster_selection_method,
        core_dist_n_jobs=1,
    )
    return by_size(clusterer.fit_predict(layout.astype(np.float64)))


def by_size(labels: Integers) -> Integers:
    """The same partition numbered 0, 1, ... from the largest cluster down; -1 stays. Ties keep their order.

    >>> by_size(np.array([5, 5, 2, -1, 2, 2])).tolist()
    [1, 1, 0, -1, 0, 0]
    """
    old, counts = np.unique(labels[labels >= 0], return_counts=True)
    new = np.full(int(labels.max(initial=0)) + 2, UNASSIGNED, np.int32)
    new[old[np.argsort(-counts, kind="stable")]] = np.arange(len(old), dtype=np.int32)
    return new[labels]
