"""Evidently's embedding drift, called directly: its report would draw a t-SNE picture of 6 to 13 seconds each time."""

from dataclasses import dataclass

import numpy as np
from joblib import parallel_config
from threadpoolctl import threadpool_limits

from evertopic.records import Sample
from evertopic.reporting.evidently.frames import vectors_of

QUANTILE = 0.95
"""Above this quantile of what chance alone gives. Evidently's own default for mmd, 0.05, alarms on everything."""


@dataclass(frozen=True, slots=True)
class Score:
    """What one method says."""

    name: str
    value: float
    drifted: bool


def embedding_scores(reference: Sample, window: Sample, seed: int, threads: int = 1) -> tuple[Score, ...]:
    """The scores of Evidently's model, distance and mmd methods on samples of the vectors.

    Its methods take all cores and set numpy's global seed: the first is bounded, the second put back.
    """
    from evidently.metrics.embeddings import DistanceDriftMethod, MMDDriftMethod, ModelDriftMethod

    methods = {
        "model": ModelDriftMethod(bootstrap=True, quantile_probability=QUANTILE),
        "distance": DistanceDriftMethod(dist="cosine", bootstrap=True, quantile_probability=QUANTILE),
        "mmd": MMDDriftMethod(bootstrap=True, quantile_probability=QUANTILE),
    }
    before = np.random.get_state()
    try:
        with threadpool_limits(threads), parallel_config(backend="sequential"):
            # A new table for each: the model method writes a column into what it is given.
            said = {
                name: method(vectors_of(window, seed), vectors_of(reference, seed)) for name, method in methods.items()
            }
    finally:
        np.random.set_state(before)
    return tuple(Score(name, float(score), bool(drifted)) for name, (score, drifted, _) in said.items())
