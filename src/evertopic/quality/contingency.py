"""How two ways to group the same documents agree, from the table of their common sizes; weights make resamples."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evertopic.quality.resampling import Doubles


def adjusted_rand(first: NDArray[np.int32], second: NDArray[np.int32], weights: Doubles | None = None) -> Doubles:
    """The adjusted Rand index in each resample: (b,), 1 = the same groups, 0 = as by chance, at least -0.5.

    `first` and `second` are group numbers (n,), any integers, -1 a group like others. `weights` (b, n) says how often
    each document counts; without it b = 1 and each counts once. 1 where both groupings are trivial in the same way
    (all in one group, or each alone) and for no documents.

    Raises:
        ValueError: the groupings are not of the same documents.

    Source: Hubert and Arabie (1985), "Comparing partitions".
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} documents against {len(second)}: compare groupings of the same documents.")
    if weights is None:
        weights = np.ones((1, len(first)))
    rows, columns = np.unique(first, return_inverse=True)[1], np.unique(second, return_inverse=True)[1]
    cells = np.unique(rows * (columns.max(initial=0) + 1) + columns, return_inverse=True)[1]
    together, in_first, in_second = (_pairs(weights, groups).sum(axis=1) for groups in (cells, rows, columns))
    documents = weights.sum(axis=1)
    expected = in_first * in_second / np.maximum(documents * (documents - 1) / 2, 1.0)
    possible = (in_first + in_second) / 2 - expected
    trivial = np.abs(possible) < 1e-9
    return np.asarray(np.where(trivial, 1.0, (together - expected) / np.where(trivial, 1.0, possible)))


def weighted_nmi(labels: Sequence[str | None], topics: NDArray[np.int32], weights: Doubles) -> Doubles:
    """The normalised mutual information of labels and topics in each resample: (b,), in [0, 1].

    `weights` (b, n) says how often each document counts. Documents without a label do not; -1 is one more topic. 0
    where a resample has one label only.
    """
    known = np.array([label is not None for label in labels], bool)
    rows = np.unique([label for label in labels if label is not None], return_inverse=True)[1]
    columns = np.unique(topics[known], return_inverse=True)[1]
    cells = rows * (int(columns.max(initial=0)) + 1) + columns
    cells = np.unique(cells, return_inverse=True)[1]
    joint, first, second = (_entropies(weights[:, known], groups) for groups in (cells, rows, columns))
    both = first + second
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(both > 0, np.clip(2 * (both - joint) / both, 0.0, 1.0), 0.0))


def _entropies(weights: Doubles, groups: NDArray[np.int64]) -> Doubles:
    """(b,) the entropy of the sizes of the groups, natural logarithm."""
    n = len(groups)
    member = csr_array((np.ones(n), (groups, np.arange(n))), shape=(int(groups.max(initial=-1)) + 1, n))
    sizes = np.asarray((member @ weights.T).T)
    shares = sizes / np.maximum(sizes.sum(axis=1, keepdims=True), 1.0)
    return np.asarray(-(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=1))


def _pairs(weights: Doubles, groups: NDArray[np.int64]) -> Doubles:
    """(b, groups) how many pairs of documents each group holds in each resample."""
    n = len(groups)
    member = csr_array((np.ones(n), (groups, np.arange(n))), shape=(int(groups.max(initial=-1)) + 1, n))
    sizes = np.asarray((member @ weights.T).T)
    return np.asarray(sizes * (sizes - 1) / 2)
