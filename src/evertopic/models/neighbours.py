"""The one nearest-neighbour graph that all embeddings of a search share."""

import numpy as np

from evertopic.records import Floats, Integers

BLOCK = 2_048
SPARE = 8
"""Neighbours proposed beyond those asked for: rounding may swap the last few."""
ROWS = 256
"""Sorted at once: sorting takes three times the memory of the similarities it sorts."""


def nearest_neighbours(vectors: Floats, k: int) -> tuple[Integers, Floats]:
    """The k nearest documents of each document and their cosine distances, exact, nearest first: (n, k) each.

    A document is its own first neighbour at distance 0, as UMAP counts. The product takes time with n squared: at
    384 components about a minute for 50,000 documents on two cores.

    Args:
        vectors: unit rows, float32 (n, d).
        k: neighbours, the document itself included; cut to n.
    """
    return _itself_first(*nearest_among(vectors, vectors, min(k, len(vectors))))


def nearest_among(queries: Floats, vectors: Floats, k: int) -> tuple[Integers, Floats]:
    """The k nearest rows of `vectors` for each query: indices and cosine distances (q, k), nearest first.

    The matrix product only proposes; its rounding hangs on the number of threads, and one different neighbour is
    another embedding. What it proposes is measured again in double precision, so equal vectors get equal answers.
    """
    indices = np.empty((len(queries), k), np.int32)
    distances = np.empty((len(queries), k), np.float32)
    for start in range(0, len(queries), BLOCK):
        block = queries[start : start + BLOCK]
        similarity = block @ vectors.T
        for first in range(0, len(similarity), ROWS):
            part = slice(first, first + ROWS)
            rows = slice(start + first, start + first + len(similarity[part]))
            indices[rows], distances[rows] = _most_similar(block[part], vectors, similarity[part], k)
    return indices, distances


def _most_similar(queries: Floats, vectors: Floats, similarity: Floats, k: int) -> tuple[Integers, Floats]:
    proposed = min(k + SPARE, len(vectors))
    near = np.argpartition(-similarity, proposed - 1, axis=1)[:, :proposed]
    exact = np.einsum("qd,qnd->qn", queries, vectors[near], dtype=np.float64)
    # Equal distances are ordered by index, so that the answer does not depend on the block either.
    distance = np.clip(1.0 - exact, 0.0, 2.0).astype(np.float32)
    order = np.lexsort((near, distance), axis=1)[:, :k]
    return np.take_along_axis(near, order, axis=1).astype(np.int32), np.take_along_axis(distance, order, axis=1)


def _itself_first(indices: Integers, distances: Floats) -> tuple[Integers, Floats]:
    """Each document at the head of its own row; identical texts would otherwise push it out of its place."""
    own = np.arange(len(indices), dtype=np.int32)
    at = np.where((indices == own[:, None]).any(axis=1), (indices == own[:, None]).argmax(axis=1), indices.shape[1] - 1)
    for row in np.flatnonzero(at > 0):
        indices[row, 1 : at[row] + 1] = indices[row, : at[row]].copy()
        distances[row, 1 : at[row] + 1] = distances[row, : at[row]].copy()
    indices[:, 0] = own
    distances[:, 0] = 0.0
    return indices, distances
