"""What others call drift, at the settings they come with."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.drift_windows import Drawn
from evertopic.records import Floats

JACCARD, COSINE, PSI = 0.8, 0.30, 0.2


def jaccard(case: Drawn) -> bool:
    """The sets of topics that occur have less than 0.8 in common."""
    old, new = set(case.reference.topic.tolist()), set(case.window.topic.tolist())
    return len(old & new) / len(old | new) < JACCARD


def cosine(case: Drawn) -> bool:
    """The means of the vectors are further apart than 0.30."""
    old, new = case.reference.vectors.mean(axis=0), case.window.vectors.mean(axis=0)
    return bool(1 - old @ new / (np.linalg.norm(old) * np.linalg.norm(new)) > COSINE)


def psi(case: Drawn) -> bool:
    """The population stability index of the topic shares is above 0.2."""
    k = len(case.topics)
    old, new = (np.bincount(one.topic + 1, minlength=k + 1) / len(one) for one in (case.reference, case.window))
    old, new = np.maximum(old, 1e-4), np.maximum(new, 1e-4)
    return bool(((new - old) * np.log(new / old)).sum() > PSI)


def evidently(method: str) -> Callable[[Drawn], bool]:
    """One of Evidently's embedding drift methods as it comes: model, mmd, ratio or distance."""

    def verdict(case: Drawn) -> bool:
        from evidently.metrics import embeddings

        made = getattr(embeddings, f"{method}DriftMethod")()
        # Copies: one of the methods adds a column to what it is given.
        _, drifted, _ = made(_frame(case.window.vectors), _frame(case.reference.vectors))
        return bool(drifted)

    return verdict


def _frame(vectors: Floats) -> pd.DataFrame:
    return pd.DataFrame(vectors, columns=[f"v{at}" for at in range(vectors.shape[1])])


PEERS: dict[str, Callable[[Drawn], bool]] = {
    "topic sets, Jaccard < 0.8": jaccard,
    "cosine of means > 0.30": cosine,
    "PSI of topics > 0.2": psi,
    "Evidently model": evidently("Model"),
    "Evidently mmd": evidently("MMD"),
    "Evidently ratio": evidently("Ratio"),
    "Evidently distance": evidently("Distance"),
}
