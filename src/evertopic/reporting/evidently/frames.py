"""What Evidently is given of a sample: a table without texts or vectors, and a few rows of vectors."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evertopic.records import UNASSIGNED, Offsets, Sample

TABLE_ROWS = 2_000
"""Rows of each side that Evidently's column tests see."""
EMBEDDED_ROWS = 1_000
"""Rows of each side that its embedding drift sees: the time grows with the square."""
LEAST = 20
"""Documents of each side below which Evidently is not asked: its classifier needs both sides in both halves."""
OTHER = "other"
FEWEST = 5
"""A topic or language with fewer rows than this on both sides together is shown among the others."""


def table_of(reference: Sample, window: Sample, topics: Sequence[str], seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of reference and window as tables with the same columns: the numbers, strength, language, topic.

    A number that the other side lacks, or that is the same everywhere on both sides, is left out: there is nothing to
    compare. Rare topics and languages are put together as `other`. Large samples are drawn from.
    """
    sides = [_table(sample, topics, drawn(len(sample), TABLE_ROWS, seed)) for sample in (reference, window)]
    shared = [name for name in sides[0] if name in sides[1] and pd.concat([side[name] for side in sides]).nunique() > 1]
    return _pooled(*(side[shared] for side in sides))


def vectors_of(sample: Sample, seed: int) -> pd.DataFrame:
    """At most `EMBEDDED_ROWS` vectors, a new table each time, for Evidently writes into what it is given."""
    rows = drawn(len(sample), EMBEDDED_ROWS, seed)
    return pd.DataFrame(np.array(sample.vectors[rows], np.float64), columns=[f"v{at}" for at in range(_width(sample))])


def drawn(documents: int, most: int, seed: int) -> Offsets:
    """All rows, or `most` of them drawn by chance, in their order.

    >>> drawn(3, 5, seed=1).tolist(), len(drawn(9, 5, seed=1))
    ([0, 1, 2], 5)
    """
    if documents <= most:
        return np.arange(documents)
    return np.sort(np.random.default_rng(seed).choice(documents, most, replace=False))


def _width(sample: Sample) -> int:
    return sample.vectors.shape[1] if sample.vectors.ndim == 2 else 0


def _table(sample: Sample, topics: Sequence[str], rows: Offsets) -> pd.DataFrame:
    topic = ["unassigned" if one == UNASSIGNED else topics[one] for one in sample.topic[rows]]
    numbers = {name: np.asarray(values[rows], np.float64) for name, values in sorted(sample.numbers.items())}
    language = [sample.languages[row] for row in rows]
    plain = {"language": language, "topic": topic, "strength": np.asarray(sample.strength[rows], np.float64)}
    return pd.DataFrame(plain | numbers)


def _pooled(reference: pd.DataFrame, window: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    for name in ("language", "topic"):
        if name in reference:
            counts = pd.concat([reference[name], window[name]]).value_counts()
            rare = set(counts[counts < FEWEST].index)
            if len(rare) > 1:
                reference, window = (
                    side.assign(**{name: side[name].where(~side[name].isin(rare), OTHER)})
                    for side in (reference, window)
                )
    return reference, window
