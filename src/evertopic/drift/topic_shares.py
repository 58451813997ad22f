"""Shares of topics in reference and window, as the one assignment function answers."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evertopic.records import UNASSIGNED, Sample, TopicShift

UNASSIGNED_KEY = "unassigned"
"""Where documents without a topic are counted."""
Counts = NDArray[np.int64]
FEWEST, MOST, BLOCK = 8, 20, 25
"""Held-out documents are parted into so many windows of the past, each of at least so many documents."""


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


def past_windows(reference: Sample, topics: Sequence[tuple[str, str]], documents: int) -> tuple[dict[str, int], ...]:
    """The counts by topic key of consecutive held-out documents: what windows were like before there were checks.

    As large as a window of `documents` as far as that leaves eight of them: how much shares move from one small window
    to the next tells little of large ones. None where a document has no time: nothing is known of the past then.
    """
    times, held = reference.times[reference.held_out], reference.topic[reference.held_out]
    number = min(int(np.clip(len(held) // max(1, documents), FEWEST, MOST)), len(held) // BLOCK)
    if number < 2 or np.isnat(times).any():
        return ()
    parts = np.array_split(held[np.argsort(times, kind="stable")], number)
    k = len(topics)
    return tuple(keyed(np.bincount(np.where(part == UNASSIGNED, k, part), minlength=k + 1), topics) for part in parts)


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
