"""How much the shares of topics move from one window to the next in ordinary times.

Counts of consecutive windows differ by more than chance, and in a few directions: a busy week of sport is a quiet one
of politics. Both are learnt from the past: the dispersion makes windows of different sizes comparable, the number of
directions tells how heavy the tail of the chi-square is.

Source: J. Mosimann, "On the compound multinomial distribution", 1962, for the dispersion; F. Satterthwaite, "An
approximate distribution of estimates of variance components", 1946, for the degrees of freedom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evertopic.drift.topic_shares import Counts

NEVER_SEEN = 0.5
"""Added to each count: a topic never seen is not impossible."""
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ordinary:
    """The shares of ordinary times, and how windows scatter around them."""

    shares: Shares
    """(k,)."""
    dispersion: float
    """rho: the variance of a count is 1 + (n - 1) rho times that of a multinomial one."""
    level: float
    """The mean statistic of the past windows."""
    directions: float
    """In which windows differ, effectively: 1 to k - 1."""
    windows: int

    @classmethod
    def learnt(cls, past: Sequence[Counts]) -> Self:
        """What the counts (k,) of at least two past windows tell.

        Each past window is compared with the shares of all others, as a new one will be.
        """
        total = np.sum(past, axis=0)
        others = [_shares(total - one) for one in past]
        dispersion = _dispersion(past, others)
        scaled = np.array([_scaled(one, share, dispersion) for one, share in zip(past, others, strict=True)])
        squares = (scaled**2).sum(axis=1)
        return cls(_shares(total), dispersion, float(squares.mean()), _directions(scaled), len(past))

    def statistic(self, counts: Counts) -> float:
        """The chi-square of counts (k,), over its mean in the past windows: 1 in ordinary times."""
        return float((_scaled(counts, self.shares, self.dispersion) ** 2).sum() / max(self.level, 1e-12))

    def p(self, counts: Counts) -> float:
        """The chance of an ordinary window at least as far from the shares, in (0, 1]."""
        from scipy.stats import f

        chance = f.sf(self.statistic(counts), self.directions, self.directions * self.windows)
        return float(max(chance, np.finfo(float).tiny))

    def usual(self, documents: int) -> float:
        """What `moved` is on the average for an ordinary window of so many documents: small ones scatter more."""
        variance = self.shares * (1 - self.shares) * (1 + (documents - 1) * self.dispersion) / max(1, documents)
        return float(min(1.0, np.sqrt(2 / np.pi * variance).sum() / 2))

    def moved(self, counts: Counts) -> float:
        """The share of documents that would have to change topic to have the ordinary shares, in [0, 1]."""
        return float(np.abs(counts / max(1, counts.sum()) - self.shares).sum() / 2)


def _shares(counts: Counts) -> Shares:
    return np.asarray((counts + NEVER_SEEN) / (counts + NEVER_SEEN).sum())


def _dispersion(past: Sequence[Counts], shares: Sequence[Shares]) -> float:
    """The mean over windows of what makes their chi-square larger than k - 1; never negative."""
    found = []
    for counts, share in zip(past, shares, strict=True):
        size = counts.sum()
        square = float(((counts - size * share) ** 2 / (size * share)).sum())
        found.append((square / max(1, len(share) - 1) - 1) / max(1, size - 1))
    return float(np.clip(np.mean(found), 0.0, 1.0))


def _scaled(counts: Counts, shares: Shares, dispersion: float) -> Shares:
    """The Pearson residuals (k,), as if all windows had one size."""
    size = max(1, int(counts.sum()))
    return np.asarray((counts - size * shares) / np.sqrt(size * shares * (1 + (size - 1) * dispersion)))


def _directions(scaled: NDArray[np.float64]) -> float:
    """tr(S)^2 / tr(S^2) of the covariance of the residuals (windows, k), the bias of few windows taken out."""
    windows, k = scaled.shape
    gram = scaled @ scaled.T / windows
    trace, square = float(np.trace(gram)), float((gram**2).sum())
    unbiased = (square - trace**2 / windows) / (1 + 1 / windows - 2 / windows**2)
    if unbiased <= 0:
        return float(max(1, k - 1))
    return float(np.clip(trace**2 / unbiased, 1.0, max(1, k - 1)))
