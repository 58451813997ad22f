"""Where a measure is going: its change a day over the checks of the last days."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from scipy.stats import theilslopes

from evertopic.records import Direction, Interval

DAYS = 30
FEWEST = 5
"""Checks below which nothing is said."""
AT_MOST = 300
"""Checks that are looked at: the time grows with the square."""


def trend(
    past: Sequence[tuple[datetime, float]], now: datetime, better: Literal["higher", "lower"]
) -> tuple[Direction, Interval | None]:
    """Which way a measure goes, and its change a day with the 95 % interval: the median of the slopes of all pairs.

    A direction is given where the whole interval lies on one side of 0, else `stable`. One value in a day of outage
    does not move it. Fewer than five checks at different times within `DAYS` before `now`: `unknown`, None.

    Args:
        past: (when, value), in any order; of two at one time the later one in the list counts.
        now: checks after it, and those older than `DAYS` before it, are left out.
        better: which way is good.

    Source: Theil (1950); Sen (1968), "Estimates of the regression coefficient based on Kendall's tau".
    """
    within = {at: value for at, value in past if now - timedelta(days=DAYS) <= at <= now and np.isfinite(value)}
    if len(within) < FEWEST:
        return "unknown", None
    ordered = sorted(within.items())[-AT_MOST:]
    days = np.array([(at - now) / timedelta(days=1) for at, _ in ordered])
    found = theilslopes(np.array([value for _, value in ordered]), days, 0.95)
    slope = Interval(float(found.slope), float(found.low_slope), float(found.high_slope))
    if slope.low <= 0 <= slope.high:
        return "stable", slope
    return ("improving" if (slope.low > 0) == (better == "higher") else "degrading"), slope
