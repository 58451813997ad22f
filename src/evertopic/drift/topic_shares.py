"""Shares of topics in reference and window, as the one assignment function answers."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evertopic.records import UNASSIGNED, Sample, TopicShift

UNASSIGNED_KEY = "unassigned"
"""Where documents without a topic are counted."""
Counts = NDArray[np.int64]


def counts_of(sample: Sample, topics: int) -> Counts:
    """Documents by topic, (k + 1,), those without one last.

    Of a reference only the held-out documents count: thresholds and centroids know the others.
    """
    own = sample.topic[sample.held_out]
    return np.bincount(np.where(own == UNASSIGNED, topics, own), minlength=topics + 1)


def keyed(counts: Counts, topics: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The counts by topic key, `unassigned` last."""
    return dict(zip([*(key for key, _ in topics), UNASSIGNED_KEY], counts.tolist(), strict=True))


def ordered(counts: Mapping[str, int], topics: Sequence[tuple[str, str]]) -> Counts:
    """The counts in the order of the topics, (k + 1,); keys that the model does not have are left out."""
    return np.array([counts.get(key, 0) for key in [*(key for key, _ in topics), UNASSIGNED_KEY]], np.int64)


def shares(
    reference: Sample, window: Sample, topics: Sequence[tuple[str, str]], rows: NDArray[np.int64]
) -> tuple[TopicShift, ...]:
    """The topics that these documents of the window have, the commonest first."""
    before, now = (counts_of(sample, len(topics)) for sample in (reference, window))
    own = window.topic[rows]
    found = np.bincount(np.where(own == UNASSIGNED, len(topics), own), minlength=len(topics) + 1)
    order = np.argsort(-found, kind="stable")
    return tuple(shift_of(topic, topics, before, now, None) for topic in order if found[topic])


def shift_of(topic: int, topics: Sequence[tuple[str, str]], before: Counts, now: Counts, p: float | None) -> TopicShift:
    """One topic beside the reference; the last one stands for no topic."""
    key, name = topics[topic] if topic < len(topics) else (None, "unassigned")
    return TopicShift(
        key=key,
        name=name,
        before=float(before[topic] / max(1, before.sum())),
        now=float(now[topic] / max(1, now.sum())),
        p=p,
    )
