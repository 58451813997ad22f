"""Two models on the same documents: the difference, and how far chance alone would move it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, sqrt

import numpy as np
from scipy.stats import binomtest, t

from evertopic.quality.resampling import Doubles
from evertopic.records import Interval

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Paired:
    """One measure of two models."""

    name: str
    before: float
    after: float
    difference: Interval
    """after - before, with the 95 % interval in which it would move with other documents and other seeds."""
    by_seeds: float | None
    """Standard deviation of the measure between fits that differ in the seed; None: there is only one fit."""


def spread(values: Sequence[float]) -> float | None:
    """The standard deviation between fits, None with fewer than two.

    >>> spread([1.0, 3.0]), spread([1.0])
    (1.4142135623730951, None)
    """
    known = [value for value in values if not np.isnan(value)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else None


def compared(name: str, before: float, after: float, draws: Doubles, refits: Sequence[float]) -> Paired:
    """The difference of a measure, its noise over documents and over seeds joined.

    Both models are one draw each from all the fits that chance could have given, so the noise of the seeds counts
    twice. Few fits say little of their own spread: the interval is as wide as Student's distribution with their degrees
    of freedom asks.

    Args:
        name: of the measure.
        before: of the champion.
        after: of the challenger.
        draws: (b,) differences under a bootstrap over documents, the same draw for both.
        refits: the measure of fits that differ from the challenger in the seed alone, the challenger among them.
    """
    known = draws[~np.isnan(draws)]
    documents = float(known.std(ddof=1)) if len(known) > 1 else 0.0
    seeds = spread(refits)
    wide = _joined(documents, seeds or 0.0, len(refits))
    difference = after - before
    return Paired(name, before, after, Interval(difference, difference - wide, difference + wide), seeds)


def _joined(documents: float, seeds: float, fits: int) -> float:
    """Half the width of the interval; the degrees of freedom are Welch's and Satterthwaite's."""
    whole = hypot(documents, sqrt(2) * seeds)
    if whole == 0.0:
        return 0.0
    share = 2 * seeds**2 / whole**2
    freedom = (fits - 1) / share**2 if share > 0 and fits > 1 else np.inf
    return float(t.ppf((1 + CONFIDENCE) / 2, freedom)) * whole


def fewer(before: Sequence[bool], after: Sequence[bool]) -> float:
    """The chance that so many more documents lost a mark than got one if both models marked alike, in (0, 1].

    Of the documents that the two models mark differently each is as likely to be marked by one as by the other: the
    exact one-sided sign test. Small: the second model marks fewer. 1 where they never differ.

    >>> fewer([True] * 5, [False] * 5)
    0.03125
    """
    one, other = np.asarray(before, bool), np.asarray(after, bool)
    lost, got = int((one & ~other).sum()), int((~one & other).sum())
    return float(binomtest(lost, lost + got, 0.5, alternative="greater").pvalue) if lost + got else 1.0
