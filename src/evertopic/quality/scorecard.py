"""What one candidate is worth, put together from the parts of this room."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evertopic.quality.classification import ari, nmi, wilson
from evertopic.quality.coherence import measure, measure_globally
from evertopic.quality.diversity import balance, diversity
from evertopic.quality.resampling import Doubles
from evertopic.quality.windows import Counts
from evertopic.records import UNASSIGNED, Integers, Interval, Scorecard, TopicQuality


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one candidate: k topics, judged on n held-out documents."""

    topics: tuple[tuple[int, ...], ...]
    """(k,) top words as indices into the counted grams, best first."""
    sizes: tuple[int, ...]
    """(k,) fitted documents in each topic."""
    unclustered: float
    """Share of the fitted documents that the clustering left out."""
    assigned: Integers
    """(n,) topics of the held-out documents, -1 unassigned."""
    confirmed: NDArray[np.bool_]
    """(n,) whether the neighbours of the document mostly carry the same topic; read where it is assigned."""
    separation: Interval
    """Mean silhouette of the held-out documents, measured on their vectors."""
    labels: tuple[str | None, ...] = ()
    """(n,) the source's labels, or empty."""
    stability: Interval | None = None
    recurrence: Doubles | None = None
    """(k,) or None where only one seed was fitted."""


def score(counts: Counts, evidence: Evidence, seed: int, resamples: int = 200) -> Scorecard:
    """The scorecard of one candidate, from counts made once for all candidates.

    A candidate without topics gets nan coherence, diversity and balance 0. Coherence intervals are a bootstrap over
    documents, agreement's is Wilson's.

    Raises:
        ValueError: the parts of the evidence are not of one length.
        KeyError: the topics were not given to `count`.
    """
    _check_lengths(evidence)
    coherence = measure_globally(counts, evidence.topics, seed, resamples)
    answered = evidence.assigned != UNASSIGNED
    return Scorecard(
        topics=len(evidence.topics),
        c_v=coherence.c_v,
        npmi=coherence.npmi,
        u_mass=coherence.u_mass,
        diversity=diversity(evidence.topics),
        balance=balance(evidence.sizes),
        largest=max(evidence.sizes, default=0) / max(sum(evidence.sizes), 1),
        unclustered=evidence.unclustered,
        unassigned=float(np.mean(~answered)) if len(answered) else float("nan"),
        agreement=wilson(int(evidence.confirmed[answered].sum()), int(answered.sum())),
        separation=evidence.separation,
        stability=evidence.stability,
        nmi=nmi(evidence.labels, evidence.assigned) if evidence.labels else None,
        ari=ari(evidence.labels, evidence.assigned) if evidence.labels else None,
        documents=len(evidence.assigned),
        per_topic=_per_topic(counts, evidence.topics, evidence.recurrence),
    )


def _per_topic(counts: Counts, topics: Sequence[Sequence[int]], recurrence: Doubles | None) -> tuple[TopicQuality, ...]:
    coherence = measure(counts, topics)
    returned = np.full(len(topics), np.nan) if recurrence is None else recurrence
    columns = (coherence.c_v, coherence.npmi, coherence.u_mass, returned)
    return tuple(TopicQuality(*map(float, row)) for row in zip(*columns, strict=True))


def _check_lengths(evidence: Evidence) -> None:
    k, n = len(evidence.topics), len(evidence.assigned)
    lengths = {"sizes": (len(evidence.sizes), k), "confirmed": (len(evidence.confirmed), n)}
    if evidence.labels:
        lengths["labels"] = (len(evidence.labels), n)
    if evidence.recurrence is not None:
        lengths["recurrence"] = (len(evidence.recurrence), k)
    wrong = [f"{name} has {got}, expected {expected}" for name, (got, expected) in lengths.items() if got != expected]
    if wrong:
        raise ValueError("; ".join(wrong) + ".")
