"""Which candidates no other one beats."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evertopic.quality.resampling import Doubles


def pareto_front(values: Doubles, higher_is_better: Sequence[bool]) -> NDArray[np.bool_]:
    """(m,) whether no other candidate is at least as good in every criterion and better in one.

    `values` (m, c); nan is worse than any number. Equal candidates are both on the front; with one or more
    candidates the front is never empty.

    Raises:
        ValueError: there is not one direction for each criterion.
    """
    if values.ndim != 2 or values.shape[1] != len(higher_is_better):
        raise ValueError(f"Values of shape {values.shape} with {len(higher_is_better)} directions: expected (m, c), c.")
    upwards = np.where(np.asarray(higher_is_better, dtype=bool), values, -values)
    upwards = np.where(np.isnan(values), -np.inf, upwards)
    as_good = (upwards[:, None, :] >= upwards[None, :, :]).all(axis=2)
    return np.asarray(~(as_good & ~as_good.T).any(axis=0))
