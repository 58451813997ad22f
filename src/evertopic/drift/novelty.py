"""`novelty`: a subject that the reference does not have."""

from itertools import islice
from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from evertopic.drift.base import Detector, Finding, Look
from evertopic.drift.consecutive import beside, standardised, stretches
from evertopic.drift.permuting import Flags, permutation_p, relabelled
from evertopic.drift.strangeness import pool_of, strangeness
from evertopic.drift.strata import strata_of
from evertopic.drift.topic_shares import shares
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, Floats, Integers, Sample

TAILS = (0.03, 0.05, 0.1, 0.2, 0.3)
"""The strangest shares of the window that are looked at: a new subject is a part of it, a mean would drown it."""
RESERVE = 1.5
"""p is taken so many times larger: strata part subjects well and not perfectly, and a busy week pulls at what is left
within them (6.8 % alarms for 5 % in a thousand windows of bursts)."""
LEAST_REFERENCE = 40
SHOWN = 20
ORDINARY = 0.95
PILOTS = 40


class Novelty(Detector):
    """The mean strangeness of the strangest documents, against windows drawn from the same strata of documents.

    Permuting within strata makes it blind to known subjects in other shares, which an ordinary busy week brings. Where
    the past is known, the window must also be stranger than consecutive windows of the past are.
    """

    kind: Literal["novelty"] = "novelty"
    about: ClassVar[About] = "new subject"
    least: PositiveInt = 30
    documents: PositiveInt = 1_000
    """Of a larger window a sample of so many is looked at."""

    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:
        """The tail's strangeness in standard deviations of drawn windows; size: documents beyond what 95 % would be."""
        if len(reference) < LEAST_REFERENCE:
            raise NotEnoughDocuments(
                f"novelty needs a reference of {LEAST_REFERENCE} documents, this model has {len(reference)}: "
                "train on more."
            )
        rows = _sample(len(window), self.documents, look.seed)
        vectors = np.concatenate([reference.vectors, window.vectors[rows]])
        pool, strata = pool_of(vectors), strata_of(reference.vectors, window.vectors[rows], look.seed)
        is_window = np.arange(len(vectors)) >= len(reference)

        def tail(labels: Flags) -> float:
            return _tail(strangeness(pool, labels))

        p = RESERVE * permutation_p(tail, is_window, strata, look.alpha / RESERVE, look.seed)
        score = standardised(tail, is_window, strata, look.seed)
        past = (*_past(reference, strata[: len(reference)], len(rows), look.seed), *look.scores.get(self.kind, ()))
        scores = strangeness(pool, is_window)
        pilots = islice(relabelled(is_window, strata, look.seed), PILOTS)
        ordinary = float(np.quantile(np.concatenate([strangeness(pool, each) for each in pilots]), ORDINARY))
        beyond = float((scores > ordinary).mean())
        order = np.argsort(-scores, kind="stable")
        strange = rows[order[scores[order] > ordinary]]
        size = max(0.0, (beyond - (1 - ORDINARY)) / ORDINARY)
        return Finding(
            statistic=score,
            p=min(1.0, max(p, beside(score, past))),
            size=size,
            said=f"{beyond:.0%} of {len(rows)} documents are stranger than {ORDINARY:.0%} of the reference's would be; "
            f"{1 - ORDINARY:.0%} are in ordinary times.",
            documents=tuple(window.ids[row] for row in strange[:SHOWN]),
            topics=shares(reference, window, look.topics, strange)[:5],
        )


def _past(reference: Sample, strata: Integers, documents: int, seed: int) -> list[float]:
    """The scores of consecutive documents of the reference beside the rest of it."""
    parts = stretches(reference.times, documents)
    if not parts:
        return []
    pool = pool_of(reference.vectors)
    return [standardised(lambda labels: _tail(strangeness(pool, labels)), part, strata, seed) for part in parts]


def _tail(scores: Floats) -> float:
    """The mean over the tails of the mean score in each."""
    falling = np.sort(scores)[::-1]
    means = falling.cumsum() / np.arange(1, len(falling) + 1)
    return float(np.mean([means[max(1, round(tail * len(falling))) - 1] for tail in TAILS]))


def _sample(documents: int, most: int, seed: int) -> np.ndarray:
    if documents <= most:
        return np.arange(documents)
    return np.sort(np.random.default_rng(seed).choice(documents, most, replace=False))
