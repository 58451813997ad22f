"""Strata: the kinds of documents there are, so that a change of their shares is not taken for something new."""

import numpy as np

from evertopic.records import Floats, Integers

MOST = 40
"""Fewer part subjects worse: with 12 one window in five of strongly mixed newsgroups alarmed, with 40 one in seven."""
DOCUMENTS_A_STRATUM = 15


def strata_of(reference: Floats, window: Floats, seed: int) -> Integers:
    """The stratum of each pooled document, (m + n,), those of the reference first.

    The centroids are found in the reference alone: a new subject must not get a stratum of its own, in which there
    would be nothing to compare it with. A reference document is compared with the centroid its stratum would have
    without it, so that it is no nearer to its stratum than a new document would be.

    Args:
        reference: unit rows (m, d).
        window: unit rows (n, d).
        seed: of the k-means.
    """
    from sklearn.cluster import KMeans

    k = min(MOST, len(reference) // DOCUMENTS_A_STRATUM)
    if k < 2:
        return np.zeros(len(reference) + len(window), np.int32)
    labels = KMeans(k, n_init=1, random_state=seed).fit(reference).labels_
    sums = np.zeros((k, reference.shape[1]))
    np.add.at(sums, labels, reference)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    centroids = sums / np.where(lengths > 0, lengths, 1.0)
    scores = reference @ centroids.T
    without = sums[labels] - reference
    length = np.linalg.norm(without, axis=1)
    scores[np.arange(len(labels)), labels] = (without * reference).sum(axis=1) / np.where(length > 0, length, 1.0)
    return np.concatenate([scores.argmax(axis=1), (window @ centroids.T).argmax(axis=1)]).astype(np.int32)
