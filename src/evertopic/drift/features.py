"""`features`: texts of another form, such as longer ones or another language."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from evertopic.drift.base import Detector, Finding, Look
from evertopic.drift.permuting import holm
from evertopic.drift.vocabulary import UNKNOWN
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, Sample

LEAST_REFERENCE = 20
APART = 1e-12


class Features(Detector):
    """Each text feature by itself, corrected for their number by Holm: Kolmogorov-Smirnov, of languages chi-square."""

    kind: Literal["features"] = "features"
    about: ClassVar[About] = "other texts"
    least: PositiveInt = 50

    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:  # noqa: ARG002
        """The largest distance of a feature's distributions, 0 to 1; size: the same."""
        if len(reference) < LEAST_REFERENCE:
            raise NotEnoughDocuments(
                f"features needs a reference of {LEAST_REFERENCE} documents, this model has {len(reference)}."
            )
        names, distances, p = _tests(reference, window)
        if not names:
            raise NotEnoughDocuments("Window and reference have no feature in common: train the model again.")
        corrected = holm(np.array(p))
        order = np.argsort(corrected, kind="stable")
        worst = order[0]
        return Finding(
            statistic=distances[worst],
            p=float(max(corrected[worst], np.finfo(float).tiny)),
            size=distances[worst],
            said="; ".join(_told(names[row], distances[row], reference, window) for row in order[:3]) + ".",
        )


def _tests(reference: Sample, window: Sample) -> tuple[list[str], list[float], list[float]]:
    """(name, distance, p) of each feature that both have, languages last."""
    from scipy.stats import ks_2samp

    names, distances, p = [], [], []
    # Unknown words are for `vocabulary`: fitted documents have none.
    for name in sorted((set(reference.numbers) & set(window.numbers)) - {UNKNOWN}):
        found = ks_2samp(window.numbers[name], reference.numbers[name])
        names.append(name)
        distances.append(float(found.statistic))
        p.append(float(found.pvalue))
    if reference.languages and window.languages:
        distance, chance = _languages(reference, window)
        names.append("language")
        distances.append(distance)
        p.append(chance)
    return names, distances, p


def _languages(reference: Sample, window: Sample) -> tuple[float, float]:
    """Half the sum of the differences of the shares, and p of the chi-square of both rows of counts."""
    from scipy.stats import chi2_contingency

    all_of = sorted({*reference.languages, *window.languages})
    table = np.array([[one.languages.count(code) for code in all_of] for one in (reference, window)])
    if len(all_of) == 1:
        return 0.0, 1.0
    shares = table / table.sum(axis=1, keepdims=True)
    return float(np.abs(shares[0] - shares[1]).sum() / 2), float(chi2_contingency(table).pvalue)


def _told(name: str, distance: float, reference: Sample, window: Sample) -> str:
    if name == "language":
        commonest = [max(sorted(set(one.languages)), key=one.languages.count) for one in (reference, window)]
        return f"language: mostly {commonest[1]}, was {commonest[0]}"
    now, before = float(np.mean(window.numbers[name])), float(np.mean(reference.numbers[name]))
    return f"{name}: mean {now:.3g}, was {before:.3g} ({distance:.0%} apart)"
