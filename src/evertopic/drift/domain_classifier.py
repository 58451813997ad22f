"""`domain_classifier`: can a classifier tell the window's documents from the reference's."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import PositiveInt

from evertopic.drift.base import Detector, Finding, Look
from evertopic.drift.permuting import Flags, permutation_p, spread
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, Floats, Sample

LEAST_REFERENCE = 50
MOST = 1_000
RIDGE = 1.0
SHOWN = 20


class DomainClassifier(Detector):
    """The area under the curve of a ridge classifier's leave-one-out scores, against shuffled labels.

    Source: D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", 2017.
    """

    kind: Literal["domain_classifier"] = "domain_classifier"
    about: ClassVar[About] = "other proportions"
    least: PositiveInt = 50

    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:
        """The area under the curve, 0.5 by chance; size: 2 AUC - 1."""
        if len(reference) < LEAST_REFERENCE:
            raise NotEnoughDocuments(
                f"domain_classifier needs a reference of {LEAST_REFERENCE} documents, this model has {len(reference)}."
            )
        rows = spread(len(window), MOST)
        old, new = reference.vectors[spread(len(reference), MOST)], window.vectors[rows]
        hat = _hat(np.concatenate([old, new]))
        flags = np.arange(len(hat)) >= len(old)

        def area(labels: Flags) -> float:
            return auc(_scores(hat, labels), labels)

        found = area(flags)
        p = permutation_p(area, flags, np.zeros(len(hat), np.int32), look.alpha, look.seed)
        order = np.argsort(-_scores(hat, flags)[flags], kind="stable")
        return Finding(
            statistic=found,
            p=p,
            size=float(np.clip(2 * found - 1, 0, 1)),
            said=f"A classifier tells window and reference apart with an area under the curve of {found:.2f} "
            "(0.5 is chance).",
            documents=tuple(window.ids[rows[row]] for row in order[:SHOWN]),
        )


def _hat(vectors: Floats) -> NDArray[np.float64]:
    """The projection of a ridge regression with intercept: scores are hat @ labels."""
    centred = (vectors - vectors.mean(axis=0)).astype(np.float64)
    gram = centred @ centred.T
    return np.asarray(gram @ np.linalg.inv(gram + RIDGE * np.eye(len(gram))) + 1 / len(gram))


def _scores(hat: NDArray[np.float64], labels: Flags) -> NDArray[np.float64]:
    """Leave-one-out predictions: of each document by the fit without it."""
    own = np.diag(hat)
    return np.asarray((hat @ labels - own * labels) / (1 - own))


def auc(scores: NDArray[np.float64], labels: Flags) -> float:
    """The chance that a document of the window has a larger score than one of the reference; ties count half."""
    from scipy.stats import rankdata

    n, m = int(labels.sum()), int((~labels).sum())
    return float((rankdata(scores)[labels].sum() - n * (n + 1) / 2) / (n * m))
