"""`features`: texts of another form, such as longer ones or another language."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from evertopic.drift.base import Detector, Finding, Look
from evertopic.drift.permuting import BEYOND, holm
from evertopic.drift.topic_shares import Counts
from evertopic.drift.vocabulary import UNKNOWN
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, Floats, Sample

LEAST_REFERENCE = 20
APART = 1e-9
AT_ONCE, MOST_DRAWN = 2_000, 1_000_000
"""Windows that are drawn to see how languages fall by chance."""


class Features(Detector):
    """Each text feature by itself, corrected for their number by Holm: Kolmogorov-Smirnov, of languages chi-square."""

    kind: Literal["features"] = "features"
    about: ClassVar[About] = "other texts"
    least: PositiveInt = 50

    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:
        """The largest distance of a feature's distributions, 0 to 1; size: the same."""
        if len(reference) < LEAST_REFERENCE:
            raise NotEnoughDocuments(
                f"features needs a reference of {LEAST_REFERENCE} documents, this model has {len(reference)}."
            )
        names, distances, p = _tests(reference, window, look)
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


def _tests(reference: Sample, window: Sample, look: Look) -> tuple[list[str], list[float], list[float]]:
    """(name, distance, p) of each feature that both have, languages last."""
    from scipy.stats import ks_2samp

    names, distances, p = [], [], []
    # Unknown words are for `vocabulary`: fitted documents have none.
    for name in sorted((set(reference.numbers) & set(window.numbers)) - {UNKNOWN}):
        before, now = (_known(one.numbers[name]) for one in (reference, window))
        if not (len(before) and len(now)):
            continue
        found = ks_2samp(now, before)
        names.append(name)
        distances.append(float(found.statistic))
        p.append(float(found.pvalue))
    if reference.languages and window.languages:
        distance, chance = _languages(reference, window, look, len(names) + 1)
        names.append("language")
        distances.append(distance)
        p.append(chance)
    return names, distances, p


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _languages(reference: Sample, window: Sample, look: Look, tests: int) -> tuple[float, float]:
    """Half the sum of the differences of the shares, and p of the chi-square of both rows of counts."""
    all_of = sorted({*reference.languages, *window.languages})
    table = np.array([[one.languages.count(code) for code in all_of] for one in (reference, window)])
    if len(all_of) == 1:
        return 0.0, 1.0
    shares = table / table.sum(axis=1, keepdims=True)
    apart = float(np.abs(shares[0] - shares[1]).sum() / 2)
    return apart, chi_square_p(table[1], table.sum(axis=0), look.alpha / tests, look.seed)


def chi_square_p(counts: Counts, total: Counts, alpha: float, seed: int) -> float:
    """The chance that as many documents drawn from all differ by at least as large a chi-square, in (0, 1].

    Drawn, not looked up: short texts bring languages that one document has, of which the table of the chi-square
    distribution makes certainties.

    Args:
        counts: (l,) documents of the window by language.
        total: (l,) those of the reference among them.
        alpha: from which p on it matters; as many windows are drawn as this needs.
        seed: of the drawing.
    """
    n = int(counts.sum())
    expected = total * n / total.sum()
    observed = float(((counts - expected) ** 2 / expected).sum())
    rng, beyond, drawn = np.random.default_rng(seed), 0, 0
    while beyond < BEYOND and drawn * alpha < BEYOND and drawn < MOST_DRAWN:
        draws = rng.multivariate_hypergeometric(total, n, size=AT_ONCE, method="marginals")
        beyond += int((((draws - expected) ** 2 / expected).sum(axis=1) >= observed - APART).sum())
        drawn += AT_ONCE
    return (beyond + 1) / (drawn + 1)


def _told(name: str, distance: float, reference: Sample, window: Sample) -> str:
    if name == "language":
        commonest = [max(sorted(set(one.languages)), key=one.languages.count) for one in (reference, window)]
        return f"language: mostly {commonest[1]}, was {commonest[0]}"
    now, before = float(np.nanmean(window.numbers[name])), float(np.nanmean(reference.numbers[name]))
    return f"{name}: mean {now:.3g}, was {before:.3g} ({distance:.0%} apart)"
