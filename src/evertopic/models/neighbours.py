"""The one nearest-neighbour graph that all embeddings of a search share."""

import numpy as np

from evertopic.records import Floats, Integers

EXACT_LIMIT = 60_000
"""Above this the exact product takes minutes and an approximate index takes over."""
BLOCK = 2_048


def nearest_neighbours(vectors: Floats, k: int, seed: int, exact_limit: int = EXACT_LIMIT) -> tuple[Integers, Floats]:
    """The k nearest documents of each document and their cosine distances, nearest first.

    A document is its own first neighbour at distance 0, as UMAP counts. Exact up to `exact_limit` documents, by
    NN-descent above. Shapes (n, k); `k` is cut to n.

    Args:
        vectors: unit rows, float32 (n, d).
        k: neighbours, the document itself included.
        seed: used above `exact_limit` only.
        exact_limit: documents.
    """
    k = min(k, len(vectors))
    if len(vectors) > exact_limit:
        return _approximate(vectors, k, seed)
    indices, distances = nearest_among(vectors, vectors, k)
    return _itself_first(indices, distances)


def nearest_among(queries: Floats, vectors: Floats, k: int) -> tuple[Integers, Floats]:
    """The k nearest rows of `vectors` for each query: indices and cosine distances (q, k), nearest first."""
    indices = np.empty((len(queries), k), np.int32)
    distances = np.empty((len(queries), k), np.float32)
    for start in range(0, len(queries), BLOCK):
        similarity = queries[start : start + BLOCK] @ vectors.T
        nearest = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
        near = np.take_along_axis(similarity, nearest, axis=1)
        # Equal similarities are ordered by index, so that the answer does not depend on the block.
        order = np.lexsort((nearest, -near), axis=1)
        indices[start : start + BLOCK] = np.take_along_axis(nearest, order, axis=1)
        distances[start : start + BLOCK] = 1.0 - np.take_along_axis(near, order, axis=1)
    return indices, np.clip(distances, 0.0, 2.0)


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


def _approximate(vectors: Floats, k: int, seed: int) -> tuple[Integers, Floats]:
    from pynndescent import NNDescent

    index = NNDescent(vectors, n_neighbors=k, metric="cosine", random_state=seed, n_jobs=-1)
    indices, distances = index.neighbor_graph
    return _itself_first(indices.astype(np.int32), distances.astype(np.float32))
