"""The weights by which evidence becomes a chance (identity/same.py): fitted on 20 Newsgroups, tried on BBC news.

python -m benchmarks.identity_calibration
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from benchmarks.corpora import bbc_news, newsgroups
from benchmarks.identity import GENERATIONS, OVERLAPS, SMALLEST
from benchmarks.lineages import Lineage
from benchmarks.measure import keep, show
from benchmarks.rolling import LATENT, SENTENCES, Field, Made, field_of, rolled
from benchmarks.stages import one_thread
from evertopic.identity.likeness import likeness
from evertopic.identity.same import EVEN, WEIGHTS
from evertopic.records import Floats

SEEDS = (7, 8, 9)
"""Of orders of the documents; the benchmark of identity draws others."""
EVIDENCE = ("cosine", "words", "anchors")
USED = {(True, True): (0, 1, 2), (True, False): (0, 1), (False, True): (1, 2), (False, False): (1,)}
"""Columns of the evidence, by whether there is a cosine and whether there are anchors."""
SHRINKAGE = 0.1
"""Half of it times the squared weights is added to the loss of all pairs: hardly any."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Topics of two models of a series each."""

    evidence: Floats
    """(n, 3), nan where there is none."""
    same: Floats
    """(n,) 1: the only topic of the same label in both models; 0: of another label. Others say nothing."""


def main() -> None:
    """Fit, print what the code holds beside it, write benchmarks/results/identity_calibration.json."""
    one_thread()
    fitted = pairs_of(field_of(newsgroups(), seed) for seed in SEEDS)
    tried = pairs_of([field_of(bbc_news(), SEEDS[0])])
    rows = [_row(there, columns, fitted, tried) for there, columns in USED.items()]
    columns = ["evidence", "constant", *EVIDENCE, "in the code", "BBC: found", "BBC: wrong"]
    show(
        f"{len(fitted.same):,} pairs, {int(fitted.same.sum())} the same", columns, [list(row.values()) for row in rows]
    )
    counts = {"fitted": len(fitted.same), "same": int(fitted.same.sum()), "tried": int(tried.same.sum())}
    print(f"Written to {keep('identity_calibration', {'rows': rows, 'pairs': counts})}")


def pairs_of(fields: Iterable[Field]) -> Pairs:
    """Every pair of topics of any two models of every series."""
    evidence, same = zip(*(pair for field in fields for pair in _pairs(field)), strict=True)
    return Pairs(np.array(evidence, np.float32), np.array(same, np.float32))


def _pairs(field: Field) -> Iterator[tuple[tuple[float, ...], int]]:
    usual, other = SMALLEST[field.corpus.name]
    for overlap in OVERLAPS:
        for smallest, encoders in (
            ([usual] * GENERATIONS, [SENTENCES] * GENERATIONS),
            ([usual, other, usual, other, usual], [SENTENCES] * GENERATIONS),
            ([usual] * GENERATIONS, [SENTENCES] * 3 + [LATENT] * 2),
        ):
            lineage = Lineage(field)
            for made in rolled(field, overlap, smallest, encoders):
                lineage.add(made)
            for at in range(GENERATIONS):
                for earlier in range(at):
                    yield from _between(lineage, at, earlier)


def _between(lineage: Lineage, at: int, earlier: int) -> Iterator[tuple[tuple[float, ...], int]]:
    new, old = lineage.models[at], lineage.models[earlier]
    found = likeness(lineage.profiles[at], lineage.profiles[earlier])
    for i, label in enumerate(new.about):
        for j, theirs in enumerate(old.about):
            known = _same(new, old, label, theirs)
            if known is not None:
                yield tuple(float(getattr(found, name)[i, j]) for name in EVIDENCE), known


def _same(new: Made, old: Made, label: str | None, theirs: str | None) -> int | None:
    if label is None or theirs is None:
        return None
    if label != theirs:
        return 0
    return 1 if new.about.count(label) == old.about.count(label) == 1 else None


def fit(evidence: Floats, same: Floats) -> Floats:
    """Constant and weights of a logistic regression; no weight is below 0: more likeness never speaks against."""

    def loss(weights: Floats) -> float:
        odds = weights[0] + evidence @ weights[1:]
        return float(np.logaddexp(0.0, odds).sum() - odds @ same + SHRINKAGE / 2 * (weights[1:] ** 2).sum())

    start = np.zeros(evidence.shape[1] + 1)
    bounds = [(None, None), *((0.0, None),) * evidence.shape[1]]
    found: Floats = minimize(loss, start, method="L-BFGS-B", bounds=bounds).x
    return found


def _row(there: tuple[bool, bool], columns: tuple[int, ...], fitted: Pairs, tried: Pairs) -> dict[str, Any]:
    complete = ~np.isnan(fitted.evidence[:, columns]).any(axis=1)
    constant, *found = fit(fitted.evidence[complete][:, columns], fitted.same[complete])
    weights = dict.fromkeys(EVIDENCE, 0.0) | {
        EVIDENCE[column]: round(float(weight), 2) for column, weight in zip(columns, found, strict=True)
    }
    judged = ~np.isnan(tried.evidence[:, columns]).any(axis=1)
    said, truth = constant + tried.evidence[judged][:, columns] @ np.array(found) > EVEN, tried.same[judged]
    return {
        "evidence": ", ".join(EVIDENCE[column] for column in columns),
        "constant": round(float(constant), 2),
        **weights,
        "in the code": str(WEIGHTS[there]),
        "found": f"{said[truth == 1].mean():.1%} of {int(truth.sum())}",
        "wrong": f"{int(said[truth == 0].sum())} of {int((truth == 0).sum()):,}",
    }


if __name__ == "__main__":
    main()
