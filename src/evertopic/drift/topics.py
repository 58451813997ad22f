"""`topics`: topics whose own documents are not what they were."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from evertopic.drift.base import Detector, Finding, Look
from evertopic.drift.permuting import Flags, holm, permutation_p
from evertopic.drift.topic_shares import counts_of, shift_of
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, Floats, Sample

SHOWN = 20


class Topics(Detector):
    """For each topic, the distance between the means of its documents, shuffled within the topic; corrected by Holm."""

    kind: Literal["topics"] = "topics"
    about: ClassVar[About] = "other texts"
    least: PositiveInt = 50
    each: PositiveInt = 10
    """Documents that reference and window need of a topic; topics with fewer are left alone."""

    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:
        """The largest distance of a topic's means by cosine; size: the share of documents in topics that moved."""
        k = len(look.topics)
        enough = [
            topic
            for topic in range(k)
            if min((reference.nearest == topic).sum(), (window.nearest == topic).sum()) >= self.each
        ]
        if not enough:
            raise NotEnoughDocuments(
                f"topics needs {self.each} documents of one topic at least, in reference and window: wait for more."
            )
        tested = [_test(reference, window, topic, look.alpha / len(enough), look.seed) for topic in enough]
        corrected = holm(np.array([p for _, p in tested]))
        moved = [topic for topic, p in zip(enough, corrected, strict=True) if p <= look.alpha]
        order = np.argsort(corrected, kind="stable")
        before, now = counts_of(reference, k), counts_of(window, k)
        names = ", ".join(look.topics[topic][1] for topic in moved) or "none"
        return Finding(
            statistic=max(distance for distance, _ in tested),
            p=float(corrected.min()),
            size=float(np.isin(window.nearest, moved).mean()),
            said=f"Of {len(enough)} topics with enough documents, {len(moved)} are not what they were: {names}.",
            documents=tuple(window.ids[row] for row in np.flatnonzero(np.isin(window.nearest, moved))[:SHOWN]),
            topics=tuple(shift_of(enough[at], look.topics, before, now, float(corrected[at])) for at in order[:5]),
        )


def _test(reference: Sample, window: Sample, topic: int, alpha: float, seed: int) -> tuple[float, float]:
    old, new = (one.vectors[one.nearest == topic] for one in (reference, window))
    pooled = np.concatenate([old, new])
    flags = np.arange(len(pooled)) >= len(old)

    def distance(labels: Flags) -> float:
        return _apart(pooled, labels)

    return distance(flags), permutation_p(distance, flags, np.zeros(len(pooled), np.int32), alpha, seed)


def _apart(vectors: Floats, window: Flags) -> float:
    old, new = vectors[~window].mean(axis=0), vectors[window].mean(axis=0)
    return float(1 - old @ new / (np.linalg.norm(old) * np.linalg.norm(new)))
