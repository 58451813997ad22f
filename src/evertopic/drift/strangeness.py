"""How strange each document of a window is: far from the reference, and near to others of the window."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evertopic.drift.permuting import Flags
from evertopic.records import Floats

NEIGHBOURS = 80
"""Nearest pooled documents that are looked at; whoever is further away counts as far as the last of them."""
OLD = 5
"""The nearest documents of the reference that a document is compared with."""
AROUND, WEIGHT = 20, 0.6
"""Of the nearest so many, the share that is new counts this much beside the distance; found on two labelled corpora."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The nearest neighbours of n pooled documents, whichever side they are on."""

    neighbours: NDArray[np.int64]
    """(n, l), nearest first."""
    cosines: Floats
    """(n, l)."""


def pool_of(vectors: Floats) -> Pool:
    """The neighbours of pooled documents, float32 unit rows (n, d)."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    most = min(NEIGHBOURS, len(vectors) - 1)
    near = np.argpartition(-cosines, most - 1, axis=1)[:, :most]
    order = np.argsort(-np.take_along_axis(cosines, near, axis=1), axis=1, kind="stable")
    near = np.take_along_axis(near, order, axis=1)
    return Pool(near, np.take_along_axis(cosines, near, axis=1))


def strangeness(pool: Pool, window: Flags) -> Floats:
    """Of each window document, in their order: its distance to the reference and how new its surroundings are.

    1 - the mean cosine to its 5 nearest documents of the reference, and 0.6 times the share of the window among its 20
    nearest. An outlier alone is far from everything: only the first is large. A new subject is far from the reference
    *and* among its own: both are.
    """
    rows = np.flatnonzero(window)
    new, cosines = window[pool.neighbours[rows]], pool.cosines[rows]
    first = ~new & ((~new).cumsum(axis=1) <= OLD)
    # Where fewer are among the neighbours, the missing ones are at most as near as the last neighbour is.
    old = ((cosines * first).sum(axis=1) + (OLD - first.sum(axis=1)) * cosines[:, -1]) / OLD
    return np.asarray(1.0 - old + WEIGHT * new[:, :AROUND].mean(axis=1), np.float32)
