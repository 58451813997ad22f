"""`centroid`: how far the mean of the vectors has gone."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from evertopic.drift.base import Detector, Finding, Look
from evertopic.drift.permuting import Flags, permutation_p
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, Sample

LEAST_REFERENCE = 50


class Centroid(Detector):
    """The cosine distance between the means of window and reference, against windows shuffled out of both.

    Fixed thresholds on it are blind: 0.30 misses a wholly new subject in two windows of three.
    """

    kind: Literal["centroid"] = "centroid"
    about: ClassVar[About] = "other proportions"
    least: PositiveInt = 50

    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:
        """1 - cosine of the means, 0 to 2; size: half of it."""
        if len(reference) < LEAST_REFERENCE:
            raise NotEnoughDocuments(
                f"centroid needs a reference of {LEAST_REFERENCE} documents, this model has {len(reference)}."
            )
        pooled = np.concatenate([reference.vectors, window.vectors]).astype(np.float64)
        total = pooled.sum(axis=0)
        flags = np.arange(len(pooled)) >= len(reference)

        def distance(labels: Flags) -> float:
            new = labels.astype(float) @ pooled
            old = total - new
            return float(1 - new @ old / (np.linalg.norm(new) * np.linalg.norm(old) or 1.0))

        found = distance(flags)
        p = permutation_p(distance, flags, np.zeros(len(pooled), np.int32), look.alpha, look.seed)
        return Finding(found, p, float(np.clip(found / 2, 0, 1)), f"The means are {found:.3f} apart by cosine.")
