"""Champion and challenger, measured now on the same documents."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evertopic.corpus.tokens import take
from evertopic.prediction.contender import Contender, contender
from evertopic.quality.gate import Gauged, Paired, Shown, compared, gauge, yardstick
from evertopic.quality.gate.measures import QUALITY
from evertopic.quality.resampling import resample
from evertopic.quality.stability import stability
from evertopic.records import Offsets, TrainingCard
from evertopic.storage.lake import Lake
from tasks.lately import DRAWS, corrected, lately
from tasks.parity import parity_in
from tasks.refits import baseline, refits
from tasks.sides import Side, Terms
from tasks.space import Space, read_space
from tasks.ways import ways_of

AT_MOST = 4_000
"""Held-out documents that are measured on; distances between more would not fit in memory."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The held-out documents of the challenger, and what is known of them."""

    space: Space
    rows: Offsets
    texts: tuple[str, ...]
    labels: tuple[str | None, ...]
    foreign: bool
    fitted: frozenset[str]
    """Digests of the texts that either model was fitted on."""


def contest(lake: Lake, before: Side | None, after: Side, card: TrainingCard, terms: Terms) -> Shown:
    """What the challenger shows beside the champion.

    Args:
        lake: that holds what both were trained on.
        before: the champion, None without one.
        after: the challenger.
        card: of the challenger.
        terms: what they are measured on.
    """
    held = _held(lake, before, card, terms)
    others = refits(lake, card, held.space, terms.per_topic)
    own = contender(after.predictor.bundle)
    quality, parts, simple = _quality(before, own, others, card, held, terms)
    recent, ways = lately(before, after, others, held.fitted, terms), ways_of(after, terms)
    answers = [other.answers(held.space.vectors[held.rows]).topic for other in (own, *others[1:])]
    parity = parity_in(lake, after.folder, card.vectors, card.bundle, terms.parity)
    return Shown(
        quality=quality,
        measures=parts,
        held_out=len(held.rows),
        foreign=held.foreign,
        refits=len(others),
        stability=stability(answers, terms.seed) if len(answers) > 1 else None,
        baseline=simple,
        rolled_back=terms.rolled_back,
        corrections=corrected(before, after, terms),
        recent=recent.recent,
        unassigned=recent.unassigned,
        unassigned_before=recent.unassigned_before,
        covered=recent.covered,
        covered_p=recent.covered_p,
        churn=recent.churn,
        churn_known=recent.churn_known,
        close=recent.close,
        behaviour=ways.behaviour,
        p95_ms=ways.p95_ms,
        memory_mb=ways.memory_mb,
        size_mb=ways.size_mb,
        parity=parity.equal,
        parity_required=parity.required,
    )


def _held(lake: Lake, before: Side | None, card: TrainingCard, terms: Terms) -> _Held:
    space = read_space(lake, card.space)
    frame = lake.read_frame(f"{card.documents.key}/documents.parquet", ["text", "text_digest", "label"])
    digests = frame["text_digest"].to_numpy()
    theirs = _fitted(lake, before.card) if before is not None and before.card is not None else frozenset()
    rows = np.asarray(space.held)
    alone = np.array([digests[row] not in theirs for row in rows], bool)
    enough = bool(alone.sum() >= terms.least)
    rows = rows[alone] if enough else rows
    if len(rows) > AT_MOST:
        rows = np.sort(np.random.default_rng(terms.seed).choice(rows, AT_MOST, replace=False))
    labels = frame["label"].iloc[rows]
    return _Held(
        space=space,
        rows=rows,
        texts=tuple(str(text) for text in frame["text"].iloc[rows]),
        labels=tuple(None if label != label else str(label) for label in labels),  # noqa: PLR0124 - nan
        foreign=not enough and not alone.all(),
        fitted=theirs | frozenset(digests[space.fitted].tolist()),
    )


def _fitted(lake: Lake, card: TrainingCard) -> frozenset[str]:
    rows = lake.read_arrays(f"{card.space.key}/split.npz")["fitted"]
    frame = lake.read_frame(f"{card.documents.key}/documents.parquet", ["text_digest"])
    return frozenset(frame["text_digest"].iloc[rows].tolist())


def _quality(
    before: Side | None, own: Contender, others: Sequence[Contender], card: TrainingCard, held: _Held, terms: Terms
) -> tuple[Paired | None, tuple[Paired, ...], Paired]:
    """The quality beside the champion's, its parts, and the quality beside the baseline's."""
    vectors = held.space.vectors[held.rows]
    simple = baseline(card, held.space, terms.per_topic)
    old = contender(before.predictor.bundle) if before else None
    sides = [own, simple, *others, *([old] if old else [])]
    tokens = take(held.space.tokens, held.rows)
    by = yardstick(vectors, tokens, held.labels, [side.words for side in sides], terms.seed)
    weights, none = resample(len(vectors), DRAWS, terms.seed), np.empty((0, len(vectors)))
    new = gauge(own.answers(vectors), by, weights)
    again = [new, *(gauge(other.answers(vectors), by, none) for other in others[1:])]
    plain = _pair(QUALITY, gauge(simple.answers(vectors), by, weights), new, again)
    if before is None or old is None:
        return None, (), plain
    theirs = vectors if _same_encoder(before, card) else before.vectors(held.texts)
    former = gauge(old.answers(theirs), by, weights)
    parts = tuple(_pair(name, former, new, again) for name in new.values)
    return next(part for part in parts if part.name == QUALITY), parts, plain


def _same_encoder(before: Side, card: TrainingCard) -> bool:
    return before.predictor.bundle.meta.fingerprint == card.vectors.encoder


def _pair(name: str, old: Gauged, new: Gauged, again: Sequence[Gauged]) -> Paired:
    draws = new.draws[name] - old.draws[name]
    return compared(name, old.values[name], new.values[name], draws, [one.values[name] for one in again])
