"""What coverage costs in precision: the more documents get a topic, the less often it is confirmed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evertopic.records import CoveragePoint


def curve(
    margin: NDArray[np.floating], confirmed: NDArray[np.bool_], coverages: Sequence[float]
) -> tuple[CoveragePoint, ...]:
    """The share of confirmed answers among the `coverage` surest documents, for each coverage asked.

    `margin` (n,) is how far each document lies above its topic's threshold, the surest first to be assigned;
    `confirmed` (n,) whether its topic is right by an outside judgement. A coverage is met by the nearest number of
    documents, at least one. Documents of equal margin count with their mean, so their order does not matter. Empty
    without documents.

    Raises:
        ValueError: the lengths differ, a margin is nan, or a coverage is not in (0, 1].
    """
    if len(margin) != len(confirmed) or np.isnan(margin).any():
        raise ValueError(f"{len(margin)} margins ({np.isnan(margin).sum()} nan) for {len(confirmed)} judgements.")
    if wrong := [coverage for coverage in coverages if not 0.0 < coverage <= 1.0]:
        raise ValueError(f"Coverages {wrong} are not in (0, 1].")
    if not len(margin):
        return ()
    _, group, sizes = np.unique(-np.asarray(margin, dtype=np.float64), return_inverse=True, return_counts=True)
    share = np.bincount(group, weights=confirmed) / sizes
    precision = np.cumsum(np.repeat(share, sizes)) / np.arange(1, len(margin) + 1)
    taken = [max(1, round(coverage * len(margin))) for coverage in coverages]
    return tuple(
        CoveragePoint(coverage=coverage, precision=float(precision[count - 1]))
        for coverage, count in zip(coverages, taken, strict=True)
    )
