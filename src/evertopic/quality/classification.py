"""How topics agree with labels the source gave, and shares with honest intervals. Reported, never used to choose."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from evertopic.quality.contingency import adjusted_rand
from evertopic.records import Integers, Interval

Z_95 = 1.959963984540054
"""The standard normal quantile of 97.5 %."""


def nmi(labels: Sequence[str | None], topics: Integers) -> float | None:
    """Normalised mutual information of topics and labels, in [0, 1]; None with fewer than two distinct labels.

    Over the documents that carry a label; unassigned (-1) counts as one more topic, so that leaving documents out is
    not free. Normalised by the arithmetic mean of the entropies, as scikit-learn does.
    """
    table = _table(labels, topics)
    if table is None:
        return None
    shares = table / table.sum()
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    mutual = _entropy(rows) + _entropy(columns) - _entropy(shares.ravel())
    return float(np.clip(2 * mutual / (_entropy(rows) + _entropy(columns)), 0.0, 1.0))


def ari(labels: Sequence[str | None], topics: Integers) -> float | None:
    """Adjusted Rand index of topics and labels; None with fewer than two distinct labels. Documents as in `nmi`."""
    known = np.array([label is not None for label in labels], dtype=bool)
    classes = np.unique([label for label in labels if label is not None], return_inverse=True)[1].astype(np.int32)
    if len(np.unique(classes)) < 2:
        return None
    return float(adjusted_rand(classes, topics[known])[0])


def purity(labels: Sequence[str | None], topics: Integers) -> float | None:
    """Share of labelled documents whose label is the commonest of their topic, in (0, 1]; None as in `nmi`.

    It grows with the number of topics: read it beside `nmi`.
    """
    table = _table(labels, topics)
    return None if table is None else float(table.max(axis=0).sum() / table.sum())


def wilson(successes: int, n: int) -> Interval:
    """The share of successes with its 95 % Wilson score interval, inside [0, 1]; (nan, 0, 1) for n = 0.

    Raises:
        ValueError: successes are not between 0 and n.

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}: expected between 0 and {n}.")
    if n == 0:
        return Interval(value=float("nan"), low=0.0, high=1.0)
    share = successes / n
    centre = (share + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
    half = Z_95 / (1 + Z_95**2 / n) * sqrt(share * (1 - share) / n + Z_95**2 / (4 * n**2))
    return Interval(value=share, low=max(0.0, min(share, centre - half)), high=min(1.0, max(share, centre + half)))


def _table(labels: Sequence[str | None], topics: Integers) -> NDArray[np.int64] | None:
    """(classes, topics) common documents, or None with fewer than two classes."""
    if len(labels) != len(topics):
        raise ValueError(f"{len(labels)} labels for {len(topics)} documents: give one label (or None) each.")
    known = np.array([label is not None for label in labels], dtype=bool)
    classes, rows = np.unique([label for label in labels if label is not None], return_inverse=True)
    if len(classes) < 2:
        return None
    groups, columns = np.unique(topics[known], return_inverse=True)
    table = np.zeros((len(classes), len(groups)), dtype=np.int64)
    np.add.at(table, (rows, columns), 1)
    return table


def _entropy(shares: NDArray[np.float64]) -> float:
    used = shares[shares > 0]
    return float(-(used * np.log(used)).sum())
