"""How champion and challenger do on what came lately, and what people said of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evertopic.corpus.cleaning import clean
from evertopic.digests import digest_text
from evertopic.prediction.contender import Contender, contender
from evertopic.quality.classification import wilson
from evertopic.quality.gate import Paired, compared, fewer
from evertopic.quality.resampling import resample
from evertopic.records import UNASSIGNED, Floats, Interval, Offsets
from tasks.recent import LEAST
from tasks.sides import Side, Terms, same_encoder

DRAWS = 200
FEWEST = 10
"""Recent documents that neither was fitted on, below which nothing is said of a new subject."""
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lately:
    """What `Shown` says of recent documents; the fields mean the same there."""

    recent: int
    unassigned: Interval | None = None
    unassigned_before: Interval | None = None
    covered: Paired | None = None
    covered_p: float = 1.0
    churn: Interval | None = None
    churn_known: Interval | None = None
    close: Paired | None = None


def lately(
    before: Side | None, after: Side, others: Sequence[Contender], fitted: frozenset[str], terms: Terms
) -> Lately:
    """How both cover the recent documents, and how many of those change their topic.

    Args:
        before: the champion, None without one.
        after: the challenger.
        others: fits that differ from it in the seed alone, itself the first.
        fitted: digests of the cleaned texts that either was fitted on.
        terms: the documents.
    """
    cleaned = [clean(text, after.predictor.bundle.meta.cleaning) for text in terms.recent]
    kept = [at for at, text in enumerate(cleaned) if text.strip()]
    texts = [cleaned[at] for at in kept]
    if not texts:
        return Lately(0)
    vectors = after.vectors(texts)
    now = contender(after.predictor.bundle).answers(vectors).topic == UNASSIGNED
    share = wilson(int(now.sum()), len(now))
    if before is None:
        return Lately(len(texts), share)
    alike, former = same_encoder(before, after), contender(before.predictor.bundle)
    then = former.answers(vectors if alike else before.vectors(texts)).topic == UNASSIGNED
    rows = _unseen(texts, fitted)
    churn, known = _churn(before, after, [terms.recent[at] for at in kept])
    again = [float((other.answers(vectors[rows]).topic == UNASSIGNED).mean()) for other in others[1:]]
    return Lately(
        recent=len(texts),
        unassigned=share,
        unassigned_before=wilson(int(then.sum()), len(then)),
        covered=_covered(then[rows], now[rows], again, terms.seed),
        covered_p=fewer(then[rows].tolist(), now[rows].tolist()),
        churn=churn,
        churn_known=known,
        close=_close(former, others, vectors[_strangers(texts, fitted)], terms.seed) if alike else None,
    )


def _unseen(texts: Sequence[str], fitted: frozenset[str]) -> Offsets:
    """Rows of the texts that neither was fitted on; all where those are too few to say anything."""
    rows = _strangers(texts, fitted)
    return rows if len(rows) >= LEAST else np.arange(len(texts))


def _covered(then: Marks, now: Marks, again: Sequence[float], seed: int) -> Paired:
    weights = resample(len(now), DRAWS, seed)
    draws = (weights @ (now.astype(float) - then.astype(float))) / len(now)
    return compared("unassigned", float(then.mean()), float(now.mean()), draws, [float(now.mean()), *again])


def _strangers(texts: Sequence[str], fitted: frozenset[str]) -> Offsets:
    """Rows of the texts that neither was fitted on, however few: a model is near to what it was made of."""
    return np.flatnonzero([digest_text(text) not in fitted for text in texts])


def _close(former: Contender, others: Sequence[Contender], vectors: Floats, seed: int) -> Paired | None:
    """How near recent documents are to their topics; None where fewer than FEWEST are left to say.

    A new subject seldom stays without a topic: it is put where it fits least badly, far from the centroid.
    """
    if len(vectors) < FEWEST:
        return None
    then, *again = (one.closeness(vectors) for one in (former, *others))
    draws = resample(len(vectors), DRAWS, seed) @ (again[0] - then) / len(vectors)
    means = [float(one.mean()) for one in again]
    return compared("closeness", float(then.mean()), means[0], draws, means)


def _churn(before: Side, after: Side, texts: Sequence[str]) -> tuple[Interval, Interval]:
    """Share of the texts that had a topic and have none, or another one; and of those whose new one is not new itself.

    Edits and rules speak on both sides.
    """
    pairs = zip(before.predictor.predict(texts), after.predictor.predict(texts), strict=True)
    moved = [new.key for old, new in pairs if old.key is not None and old.key != new.key]
    known = {topic.key for topic in before.predictor.topics}
    stayed = sum(key is None or key in known for key in moved)
    return wilson(len(moved), len(texts)), wilson(stayed, len(texts))


def corrected(before: Side | None, after: Side, terms: Terms) -> tuple[int, int, int]:
    """Texts that people corrected; of them those that each model, the challenger first, answers as they said."""
    texts = [text for text, _ in terms.corrected]

    def right(side: Side) -> int:
        said = side.predictor.predict(texts)
        return sum(answer.key == key for answer, (_, key) in zip(said, terms.corrected, strict=True))

    return (len(texts), right(after), right(before) if before else 0) if texts else (0, 0, 0)
