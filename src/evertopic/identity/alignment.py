"""Which topics of a new model are topics its lineage already knows, and what became of the others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

from evertopic.identity.likeness import Likeness, likeness
from evertopic.identity.profile import Profile
from evertopic.identity.same import least, log_odds
from evertopic.records import UNASSIGNED, Floats, Integers, Score

LARGE = 1 / 3
"""A topic came out of another, or went into it, when at least this share of its documents did; more cannot be asked,
for models agree with one another on two documents of three where subjects border on each other."""
ALIVE = 1 / 3
"""Of the share of documents it had, a subject must still have so much not to be retired; of the share it has, it must
have had so much not to be new."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Documents of both times under both models: whether a subject is gone, or only called otherwise."""

    known: int
    """Anchor documents there were before this model: they stand for the past."""
    then: Integers
    """(l,) documents in each topic of the model before, in its own time."""
    now: Integers
    """(m,) the topic of each of the new model's own documents, or of a sample of them."""
    before: Integers
    """(m,) what the model before says of the same documents."""


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
    gain: Floats
    """(k, m) how far they are above the least that is asked of such a pair."""
    at: Integers
    """(k, m) index of that model."""
    place: Integers
    """(k, m) the key's topic there."""
    found: tuple[Likeness, ...]

    def score(self, topic: int, key: int) -> Score:
        """The evidence for this pair."""
        evidence, column = self.found[self.at[topic, key]], self.place[topic, key]
        return _score(evidence, topic, int(column), float(self.odds[topic, key]))


def align(new: Profile, lineage: Sequence[Profile], crossing: Crossing | None = None) -> Alignment:
    """Every topic of `new` with the key it goes on with, and what became of the topics of the model before.

    One-to-one, so that the log-odds above the least add up to the most (linear_sum_assignment); a pair below it is
    never made. A key whose topic was missing in the models between is revived. Of what is left over, a
    topic was split off the one that held a large part of its documents, if its subject was there before; a topic is
    merged into the one that has a large part of its documents now, if its subject is still there. Else it is born, or
    retired.

    Args:
        new: the model to be aligned, without keys.
        lineage: earlier models, oldest first, with their keys; may be empty.
        crossing: of the last of them with the new one; None, where its encoder is gone: every subject then counts as
            there before and still there, and the anchor documents stand for both times.
    """
    if not len(new) or not any(map(len, lineage)):
        born = tuple(Carried("born", None, None, None) for _ in range(len(new)))
        return Alignment(born, tuple(Gone("retired", key, None, None) for key in (lineage[-1].keys if lineage else ())))
    best = _best(new, lineage)
    pairs = _one_to_one(best)
    before, flow = lineage[-1], _flow(new, lineage[-1], best.found[-1], crossing)
    topics = tuple(_carried(topic, pairs.get(topic), best, before, flow) for topic in range(len(new)))
    carried = {best.keys[key] for key in pairs.values()}
    gone = [_gone(old, best, before, flow) for old in range(len(before)) if before.keys[old] not in carried]
    return Alignment(topics, tuple(gone))


@dataclass(frozen=True, slots=True)
class _Flow:
    """Where documents came from and went to, (k, l) each."""

    out_of: Floats
    """Share of the new topic's documents that the old one held; 0 where its subject was not there before."""
    into: Floats
    """Share of the old topic's documents that the new one holds; 0 where its subject is not there any more."""


def _flow(new: Profile, before: Profile, evidence: Likeness, crossing: Crossing | None) -> _Flow:
    out_of, into = np.nan_to_num(evidence.inside), np.nan_to_num(evidence.around)
    if crossing is None or not len(crossing.now):
        return _Flow(out_of, into)
    past = replace(new, anchors=new.anchors[: crossing.known])
    into = np.nan_to_num(likeness(past, before).around)
    shape = (len(new), len(before))
    pair = (crossing.now != UNASSIGNED) & (crossing.before != UNASSIGNED)
    cell = np.bincount(crossing.now[pair] * shape[1] + crossing.before[pair], minlength=shape[0] * shape[1])
    now = _shares(crossing.now, shape[0])
    out_of = (cell.reshape(shape) / np.maximum(now * len(crossing.now), 1)[:, None]).astype(np.float32)
    then = crossing.then / max(crossing.then.sum(), 1)
    was_there = into * then[None, :] >= ALIVE * now[:, None]
    still_there = _shares(crossing.before, shape[1]) >= ALIVE * then
    return _Flow(np.where(was_there, out_of, 0.0), np.where(still_there[None, :], into, 0.0))


def _shares(topic: Integers, count: int) -> Floats:
    found = np.bincount(topic[topic != UNASSIGNED], minlength=count) / max(len(topic), 1)
    return found.astype(np.float32)


def _best(new: Profile, lineage: Sequence[Profile]) -> _Best:
    keys = tuple(dict.fromkeys(key for profile in lineage for key in profile.keys))
    column = {key: at for at, key in enumerate(keys)}
    odds = np.full((len(new), len(keys)), -np.inf, np.float32)
    gain = odds.copy()
    at = np.zeros(odds.shape, np.int32)
    place = np.zeros(odds.shape, np.int32)
    found = tuple(likeness(new, profile) for profile in lineage)
    for number, (profile, evidence) in enumerate(zip(lineage, found, strict=True)):
        own = np.array([column[key] for key in profile.keys], np.int64)
        here = log_odds(evidence)
        above = here - least(evidence)
        # Of equals, the latest: what a topic was last is what people know.
        better = above >= gain[:, own]
        gain[:, own] = np.where(better, above, gain[:, own])
        odds[:, own] = np.where(better, here, odds[:, own])
        at[:, own] = np.where(better, number, at[:, own])
        place[:, own] = np.where(better, np.arange(len(profile)), place[:, own])
    return _Best(keys, odds, gain, at, place, found)


def _one_to_one(best: _Best) -> dict[int, int]:
    gain = np.maximum(best.gain, 0.0)
    return {
        int(row): int(column)
        for row, column in zip(*linear_sum_assignment(gain, maximize=True), strict=True)
        if gain[row, column] > 0
    }


def _carried(topic: int, key: int | None, best: _Best, before: Profile, flow: _Flow) -> Carried:
    if key is not None:
        known = best.keys[key]
        return Carried("kept" if known in before.keys else "revived", known, None, best.score(topic, key))
    parent = _largest(flow.out_of[topic])
    if parent is not None:
        return Carried("split", None, before.keys[parent], best.score(topic, best.keys.index(before.keys[parent])))
    nearest = int(best.odds[topic].argmax())
    return Carried("born", None, best.keys[nearest], best.score(topic, nearest))


def _gone(old: int, best: _Best, before: Profile, flow: _Flow) -> Gone:
    key = best.keys.index(before.keys[old])
    into = _largest(flow.into[:, old])
    if into is not None:
        return Gone("merged", before.keys[old], into, best.score(into, key))
    nearest = int(best.odds[:, key].argmax())
    return Gone("retired", before.keys[old], nearest, best.score(nearest, key))


def _largest(shares: Floats) -> int | None:
    """The place of the largest share, where it is large; None where nothing is."""
    return int(shares.argmax()) if len(shares) and shares.max() >= LARGE else None


def _score(evidence: Likeness, topic: int, old: int, odds: float) -> Score:
    cosine, anchors = evidence.cosine[topic, old], evidence.anchors[topic, old]
    return Score(
        probability=float(1.0 / (1.0 + np.exp(-odds))),
        cosine=None if np.isnan(cosine) else float(cosine),
        words=float(evidence.words[topic, old]),
        anchors=None if np.isnan(anchors) else float(anchors),
        shared=int(evidence.shared[topic, old]),
    )
