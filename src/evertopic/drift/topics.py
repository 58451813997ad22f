"""`topics`: topics whose own documents are not what they were."""

from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import PositiveInt

from evertopic.drift.base import Detector, Finding, Look
from evertopic.drift.permuting import Flags, permuted, relabelled, share_beyond
from evertopic.drift.topic_shares import counts_of, shift_of
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, Integers, Sample

SHOWN = 20
PILOTS = 100
"""Relabellings that tell how far apart the means of each topic are by chance."""


class Topics(Detector):
    """For each topic, how far apart the means of its documents are, beside what shuffling within the topics gives.

    The p of a topic is that of the largest distance of all, in standard deviations: right for any number of topics,
    and within reach of a small budget, which p-values that are each multiplied by that number are not.

    Source: P. Westfall and S. Young, "Resampling-based multiple testing", 1993, single-step max-T.
    """

    kind: Literal["topics"] = "topics"
    about: ClassVar[About] = "other texts"
    least: PositiveInt = 50
    each: PositiveInt = 10
    """Documents that reference and window need of a topic; topics with fewer are left alone."""

    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:
        """The largest distance of a topic's means by cosine; size: the share of documents in topics that moved."""
        k = len(look.topics)
        sizes = [np.bincount(sample.nearest, minlength=k)[:k] for sample in (reference, window)]
        enough = np.flatnonzero(np.minimum(*sizes) >= self.each)
        if not len(enough):
            raise NotEnoughDocuments(
                f"topics needs {self.each} documents of one topic at least, in reference and window; of none there "
                f"are as many in both: the window has {len(window)} documents: wait for more."
            )
        distances, p = _tested(reference, window, enough, look)
        moved = enough[p <= look.alpha]
        rows = np.flatnonzero(np.isin(window.nearest, moved))
        before, now = counts_of(reference, k), counts_of(window, k)
        names = ", ".join(look.topics[topic][1] for topic in moved) or "none"
        order = np.argsort(p, kind="stable")
        return Finding(
            statistic=float(distances.max()),
            p=float(p.min()),
            size=len(rows) / len(window),
            said=f"Of {len(enough)} topics with enough documents, {len(moved)} are not what they were: {names}.",
            documents=tuple(window.ids[row] for row in rows[:SHOWN]),
            topics=tuple(shift_of(enough[at], look.topics, before, now, float(p[at])) for at in order[:5]),
        )


def _tested(
    reference: Sample, window: Sample, topics: NDArray[np.int64], look: Look
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(distance of the means, p corrected for the number of topics) of each topic, (k,) both."""
    groups, flags, strata = _grouped(reference, window, topics)

    def distances(labels: Flags) -> NDArray[np.float64]:
        return np.array([group.apart(labels) for group in groups])

    pilots = np.array([distances(each) for each in islice(relabelled(flags, strata, look.seed), PILOTS)])
    usual, spread = pilots.mean(axis=0), pilots.std(axis=0)

    def standing(labels: Flags) -> NDArray[np.float64]:
        return np.asarray((distances(labels) - usual) / np.where(spread > 0, spread, 1.0))

    found = standing(flags)
    others = relabelled(flags, strata, look.seed + 1)
    largest = permuted(lambda labels: float(standing(labels).max()), float(found.max()), others, look.alpha)
    return distances(flags), np.array([share_beyond(one, largest) for one in found])


@dataclass(frozen=True, slots=True)
class _Group:
    """The documents of one topic, pooled."""

    rows: slice
    products: NDArray[np.float64]
    """(n, n) of their vectors: sums of them give every cosine of means."""
    to_all: NDArray[np.float64]
    """(n,) with the sum of all."""

    def apart(self, window: Flags) -> float:
        """1 - the cosine between the means of the documents of the window and of the others."""
        labels = window[self.rows].astype(np.float64)
        across, own = float(labels @ self.to_all), float(labels @ self.products @ labels)
        other = float(self.to_all.sum()) - 2 * across + own
        length = np.sqrt(max(own * other, 0.0))
        return float(1 - (across - own) / length) if length > 0 else 0.0


def _grouped(reference: Sample, window: Sample, topics: NDArray[np.int64]) -> tuple[list[_Group], Flags, Integers]:
    """The topics' documents one topic after the other; which of them are the window's; whose they are, 0..k-1."""
    groups, flags, start = [], [], 0
    for topic in topics:
        old, new = (one.vectors[one.nearest == topic] for one in (reference, window))
        own = np.concatenate([old, new]).astype(np.float64)
        products = own @ own.T
        groups.append(_Group(slice(start, start + len(own)), products, products.sum(axis=1)))
        flags.append(np.arange(len(own)) >= len(old))
        start += len(own)
    strata = np.repeat(np.arange(len(topics)), [len(each) for each in flags]).astype(np.int32)
    return groups, np.concatenate(flags), strata
