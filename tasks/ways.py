"""How a challenger behaves, and what it costs to run."""

import tracemalloc
from dataclasses import dataclass
from time import perf_counter

from evertopic.prediction.behaviour import behave, slow_twentieth
from evertopic.prediction.predictor import Predictor
from tasks.sides import Side, Terms

TIMED = 40
"""Texts that are answered one by one, to see how long that takes."""
MB = 1e6


@dataclass(frozen=True, slots=True)
class Ways:
    """What `Shown` says of it; the fields mean the same there."""

    behaviour: tuple[tuple[str, bool, str], ...]
    p95_ms: float
    memory_mb: float
    size_mb: float


def ways_of(after: Side, terms: Terms) -> Ways:
    """How the challenger behaves, and what it costs: loaded once more, with no memory in front of its encoder."""
    tracemalloc.start()
    try:
        bare = Predictor.load(after.folder, edits=terms.edits)
        bare.predict(list(terms.recent[:8]) or ["one sentence"])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    tried = behave(bare, terms.recent, terms.typos, terms.seed)
    return Ways(
        behaviour=tuple((one.name, one.well, one.found) for one in tried),
        p95_ms=1000 * slow_twentieth(bare, terms.recent[:TIMED], perf_counter),
        memory_mb=peak / MB,
        size_mb=sum(file.stat().st_size for file in after.folder.rglob("*") if file.is_file()) / MB,
    )
