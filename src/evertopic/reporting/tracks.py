"""Where a value, its interval and the baseline lie on the scale of their measure."""

import math
from dataclasses import dataclass

from evertopic.records import Interval


@dataclass(frozen=True, slots=True)
class Track:
    """Places in per cent of the scale, 0 to 100."""

    at: float
    band: tuple[float, float] | None
    """(left end, width) of the interval, None without one."""
    baseline: float | None


def track_of(found: Interval, baseline: float, scale: tuple[float, float] | None) -> Track | None:
    """The places on the scale, cut off at its ends; None without a scale or a value.

    >>> track_of(Interval(0.5, 0.25, 1.5), math.nan, (0, 1))
    Track(at=50.0, band=(25.0, 75.0), baseline=None)
    """
    if scale is None or not math.isfinite(found.value):
        return None
    band = None
    if math.isfinite(found.low) and math.isfinite(found.high):
        left, right = _place(found.low, scale), _place(found.high, scale)
        band = (left, round(max(right - left, 0.0), 2))
    return Track(_place(found.value, scale), band, _place(baseline, scale) if math.isfinite(baseline) else None)


def _place(value: float, scale: tuple[float, float]) -> float:
    low, high = scale
    return round(100 * min(max((value - low) / (high - low), 0.0), 1.0), 2)
