"""`strength`: how sure the model is of its answers."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from evertopic.drift.base import Detector, Finding, Look
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, Sample

LEAST_REFERENCE = 20
SHOWN = 20


class Strength(Detector):
    """The Kolmogorov-Smirnov distance of the assignment strengths, window against held-out documents."""

    kind: Literal["strength"] = "strength"
    about: ClassVar[About] = "model"
    least: PositiveInt = 50

    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:  # noqa: ARG002
        """The largest difference of the two distributions, 0 to 1; size: the same."""
        from scipy.stats import ks_2samp

        before = reference.strength[reference.held_out]
        if len(before) < LEAST_REFERENCE:
            raise NotEnoughDocuments(
                f"strength needs {LEAST_REFERENCE} held-out documents, this model has {len(before)}: train on more."
            )
        found = ks_2samp(window.strength, before)
        order = np.argsort(window.strength, kind="stable")
        return Finding(
            statistic=float(found.statistic),
            p=float(max(found.pvalue, np.finfo(float).tiny)),
            size=float(found.statistic),
            said=f"Mean strength {window.strength.mean():.2f}, {before.mean():.2f} on held-out documents.",
            documents=tuple(window.ids[row] for row in order[:SHOWN]),
        )
