"""Which topics of a new model are topics its lineage already knows, and what became of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

from evertopic.identity.likeness import Likeness, likeness
from evertopic.identity.profile import Profile
from evertopic.identity.same import SAME, log_odds
from evertopic.records import Floats, Integers, Score

MOST = 0.5
"""A topic came out of another, or went into it, when at least this share of its anchor documents did."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What one topic of the new model is to its lineage."""

    kind: Literal["born", "kept", "revived", "split"]
    key: str | None
    """The permanent key it goes on with; None: it needs a new one."""
    other: str | None
    """Of a split, the topic it came out of; of a born topic, the one most like it."""
    score: Score | None
    """Against `key`, or against `other`; None in a first model."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What became of a topic that the model before had and the new one has not."""

    kind: Literal["merged", "retired"]
    key: str
    into: int | None
    """The topic of the new model it went into; for a retired one, the one most like it."""
    score: Score | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """A new model against its lineage."""

    topics: tuple[Carried, ...]
    gone: tuple[Gone, ...]


@dataclass(frozen=True, slots=True)
class _Best:
    """For each new topic and each key of the lineage, the model in which that key is most like it."""

    keys: tuple[str, ...]
    odds: Floats
    """(k, m) log-odds that they are the same."""
    at: Integers
    """(k, m) index of that model."""
    place: Integers
    """(k, m) the key's topic there."""
    found: tuple[Likeness, ...]

    def score(self, topic: int, key: int) -> Score:
        """The evidence for this pair."""
        evidence, column = self.found[self.at[topic, key]], self.place[topic, key]
        return _score(evidence, topic, int(column), float(self.odds[topic, key]))


def align(new: Profile, lineage: Sequence[Profile]) -> Alignment:
    """Every topic of `new` with the key it goes on with, and what became of the topics of the model before.

    One-to-one, so that the log-odds above even chances add up to the most (linear_sum_assignment); a pair below even
    chances is never made. A key whose topic was missing in the models between is revived. What is left over is split
    off, when most of its anchor documents were in one topic of the model before, else born; merged, when most of its
    anchor documents are in one topic of the new model, else retired.

    Args:
        new: the model to be aligned, without keys.
        lineage: earlier models, oldest first, with their keys; may be empty.
    """
    if not len(new) or not any(map(len, lineage)):
        born = tuple(Carried("born", None, None, None) for _ in range(len(new)))
        return Alignment(born, tuple(Gone("retired", key, None, None) for key in (lineage[-1].keys if lineage else ())))
    best = _best(new, lineage)
    pairs = _one_to_one(best)
    before, evidence = lineage[-1], best.found[-1]
    topics = tuple(_carried(topic, pairs.get(topic), best, before, evidence) for topic in range(len(new)))
    carried = {best.keys[key] for key in pairs.values()}
    gone = [_gone(old, best, before, evidence) for old in range(len(before)) if before.keys[old] not in carried]
    return Alignment(topics, tuple(gone))


def _best(new: Profile, lineage: Sequence[Profile]) -> _Best:
    keys = tuple(dict.fromkeys(key for profile in lineage for key in profile.keys))
    column = {key: at for at, key in enumerate(keys)}
    odds = np.full((len(new), len(keys)), -np.inf, np.float32)
    at = np.zeros(odds.shape, np.int32)
    place = np.zeros(odds.shape, np.int32)
    found = tuple(likeness(new, profile) for profile in lineage)
    for number, (profile, evidence) in enumerate(zip(lineage, found, strict=True)):
        own = np.array([column[key] for key in profile.keys], np.int64)
        here = log_odds(evidence)
        # Of equals, the latest: what a topic was last is what people know.
        better = here >= odds[:, own]
        odds[:, own] = np.where(better, here, odds[:, own])
        at[:, own] = np.where(better, number, at[:, own])
        place[:, own] = np.where(better, np.arange(len(profile)), place[:, own])
    return _Best(keys, odds, at, place, found)


def _one_to_one(best: _Best) -> dict[int, int]:
    gain = np.maximum(best.odds - SAME, 0.0)
    return {
        int(row): int(column)
        for row, column in zip(*linear_sum_assignment(gain, maximize=True), strict=True)
        if gain[row, column] > 0
    }


def _carried(topic: int, key: int | None, best: _Best, before: Profile, evidence: Likeness) -> Carried:
    if key is not None:
        known = best.keys[key]
        return Carried("kept" if known in before.keys else "revived", known, None, best.score(topic, key))
    parent = _most(evidence.inside[topic])
    if parent is not None:
        score = _score(evidence, topic, parent, float(log_odds(evidence)[topic, parent]))
        return Carried("split", None, before.keys[parent], score)
    nearest = int(best.odds[topic].argmax())
    return Carried("born", None, best.keys[nearest], best.score(topic, nearest))


def _gone(old: int, best: _Best, before: Profile, evidence: Likeness) -> Gone:
    key = best.keys.index(before.keys[old])
    into = _most(evidence.around[:, old])
    if into is not None:
        return Gone("merged", before.keys[old], into, best.score(into, key))
    nearest = int(best.odds[:, key].argmax())
    return Gone("retired", before.keys[old], nearest, best.score(nearest, key))


def _most(shares: Floats) -> int | None:
    """The place of the largest share, where that is most; None where nothing is or nothing is known."""
    known = np.nan_to_num(shares, nan=0.0)
    return int(known.argmax()) if len(known) and known.max() >= MOST else None


def _score(evidence: Likeness, topic: int, old: int, odds: float) -> Score:
    cosine, anchors = evidence.cosine[topic, old], evidence.anchors[topic, old]
    return Score(
        probability=float(1.0 / (1.0 + np.exp(-odds))),
        cosine=None if np.isnan(cosine) else float(cosine),
        words=float(evidence.words[topic, old]),
        anchors=None if np.isnan(anchors) else float(anchors),
        shared=int(evidence.shared[topic, old]),
    )
