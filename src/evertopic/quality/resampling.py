"""Bootstrap over documents: weights to resample with, and the interval the resampled values span."""

import numpy as np
from numpy.typing import NDArray

from evertopic.records import Interval

Doubles = NDArray[np.float64]


def resample(documents: int, resamples: int, seed: int) -> Doubles:
    """How often each document is drawn in each resample: (resamples, documents), every row sums to `documents`.

    One row is one draw from the multinomial distribution with equal chances; the same seed gives the same rows.
    """
    drawn = np.random.default_rng(seed).integers(0, max(documents, 1), size=(resamples, documents))
    drawn += np.arange(resamples)[:, None] * documents
    return np.bincount(drawn.ravel(), minlength=resamples * documents).reshape(resamples, documents).astype(np.float64)


def interval(value: float, draws: Doubles) -> Interval:
    """The value with the range that holds 95 % of its resampled values.

    The draws are moved so that their median is the value: a resample repeats some documents and misses others, so
    rare words meet less often in it and coherence comes out a little low in every draw; the spread is what counts.
    Draws that are nan are left out; with none left, or a nan value, the bounds are nan.
    """
    known = draws[~np.isnan(draws)]
    if np.isnan(value) or not len(known):
        return Interval(value=float(value), low=float("nan"), high=float("nan"))
    low, middle, high = np.quantile(known, (0.025, 0.5, 0.975))
    return Interval(value=float(value), low=float(value + low - middle), high=float(value + high - middle))
