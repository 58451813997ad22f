"""Permutation tests within strata: exact where window and reference differ in nothing but the sizes of the strata.

Source: B. Phipson and G. Smyth, "Permutation p-values should never be zero", 2010, for (b + 1) / (m + 1).
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from evertopic.records import Integers

Flags = NDArray[np.bool_]
Statistic = Callable[[Flags], float]

FIRST = 400
"""Permutations before anything is said."""
MOST = 20_000
BEYOND = 10.0
"""So many permutations at least as extreme make p precise enough."""
ROUNDING = 1e-9


def relabelled(window: Flags, strata: Integers, seed: int) -> Iterator[Flags]:
    """Endless relabellings of pooled documents: each stratum keeps its number of window documents.

    Args:
        window: (n,) True for the documents of the window.
        strata: (n,) stratum of each document, 0..k-1.
        seed: of the drawing.
    """
    rng = np.random.default_rng(seed)
    total = np.bincount(strata)
    taken = np.bincount(strata[window], minlength=len(total))
    starts = np.concatenate(([0], np.cumsum(total)[:-1]))
    first = np.concatenate([np.arange(start, start + count) for start, count in zip(starts, taken, strict=True)])
    while True:
        # Sorting by stratum and, within it, by chance: the first `taken` of each stratum are the new window.
        order = np.argsort(strata + rng.random(len(strata)))
        labels = np.zeros(len(strata), np.bool_)
        labels[order[first]] = True
        yield labels


def permutation_p(statistic: Statistic, window: Flags, strata: Integers, alpha: float, seed: int) -> float:
    """The chance of a statistic at least as large as the window's, in (0, 1].

    Permutations go on until p is clearly above `alpha`, or until there are enough of them to tell p from `alpha`.
    """
    observed = statistic(window)
    return share_beyond(observed, permuted(statistic, observed, relabelled(window, strata, seed), alpha))


def permuted(statistic: Statistic, observed: float, labels: Iterable[Flags], alpha: float) -> NDArray[np.float64]:
    """The statistic of so many relabellings as it takes to tell the p of `observed` from `alpha`."""
    beyond, found = 0, []
    for each in labels:
        found.append(statistic(each))
        beyond += found[-1] >= observed - ROUNDING
        tried = len(found)
        if tried >= FIRST and (beyond >= BEYOND or tried * alpha >= BEYOND or tried >= MOST):
            break
    return np.array(found, np.float64)


def share_beyond(observed: float, permutations: NDArray[np.float64]) -> float:
    """(b + 1) / (m + 1), of m permutations b that are at least as large."""
    return float(((permutations >= observed - ROUNDING).sum() + 1) / (len(permutations) + 1))


def spread(documents: int, most: int) -> NDArray[np.int64]:
    """All rows, or `most` of them at even distances: documents lie in order of time, the first are not like the last.

    >>> spread(3, 5).tolist(), spread(9, 3).tolist()
    ([0, 1, 2], [0, 4, 8])
    """
    return np.linspace(0, documents - 1, min(most, documents)).round().astype(np.int64)


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k,) p-values corrected so that the least one is as trustworthy as one alone; Source: S. Holm, 1979.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p)
    corrected = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    out = np.empty(len(p))
    out[order] = np.minimum(corrected, 1.0)
    return out
