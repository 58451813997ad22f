"""`mmd`: any difference of the vectors, other proportions of known subjects among them."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import PositiveInt

from evertopic.drift.base import Detector, Finding, Look
from evertopic.drift.permuting import Flags, permutation_p, spread
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, Sample

LEAST_REFERENCE = 50
MOST = 1_000


class Mmd(Detector):
    """The maximum mean discrepancy with a Gaussian kernel, against windows shuffled out of both.

    It alarms on ordinary busy weeks (a quarter to two thirds of the windows of 100 documents and more): let several
    checks in a row agree before it counts.

    Source: A. Gretton et al., "A kernel two-sample test", 2012; the width is the median distance.
    """

    kind: Literal["mmd"] = "mmd"
    about: ClassVar[About] = "other proportions"
    least: PositiveInt = 50

    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:
        """The unbiased MMD squared; size: its share of what a wholly different window would give."""
        if len(reference) < LEAST_REFERENCE:
            raise NotEnoughDocuments(
                f"mmd needs a reference of {LEAST_REFERENCE} documents, this model has {len(reference)}."
            )
        old, new = reference.vectors[spread(len(reference), MOST)], window.vectors[spread(len(window), MOST)]
        kernel = _kernel(np.concatenate([old, new]))
        total = float(kernel.sum(dtype=np.float64))
        flags = np.arange(len(kernel)) >= len(old)

        def statistic(labels: Flags) -> float:
            return _mmd(kernel, labels, total)

        p = permutation_p(statistic, flags, np.zeros(len(kernel), np.int32), look.alpha, look.seed)
        found = statistic(flags)
        return Finding(
            statistic=found,
            p=p,
            size=float(np.clip(np.sqrt(max(0.0, found)), 0, 1)),
            said=f"The kernel distance between window and reference is {np.sqrt(max(0.0, found)):.3f}.",
        )


def _kernel(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    distances = np.maximum(0.0, 2.0 - 2.0 * vectors @ vectors.T)
    width = float(np.median(distances[~np.eye(len(vectors), dtype=bool)]))
    # Where most documents are the same one, the mean is left; where all are, nothing differs from anything.
    kernel = np.exp(-distances / (width or float(distances.mean()) or 1.0))
    np.fill_diagonal(kernel, 0.0)
    return np.asarray(kernel, np.float32)


def _mmd(kernel: NDArray[np.float32], window: Flags, total: float) -> float:
    n, m = int(window.sum()), int((~window).sum())
    rows = kernel[window]
    within = float(rows[:, window].sum(dtype=np.float64))
    across = float(rows.sum(dtype=np.float64)) - within
    others = total - within - 2 * across
    return within / (n * (n - 1)) + others / (m * (m - 1)) - 2 * across / (n * m)
