"""How much two topics of different models are alike: three kinds of evidence and what they come to."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from evertopic.identity.profile import UNSCORED, Profile
from evertopic.records import UNASSIGNED, Floats, Integers, Offsets

LEAST_ANCHORS = 6
"""Anchor documents two topics must hold together, both counted, before their overlap says anything."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Every topic of one model against every topic of another, (k, l) each; nan where there is no evidence."""

    cosine: Floats
    """Of the centroids, 1 the same place, 0 as far apart as two topics of one model are on average."""
    words: Floats
    """Cosine of the c-TF-IDF weights of the top words, in [0, 1]."""
    anchors: Floats
    """2 |A and B| / (|A| + |B|) over the anchor documents that both models were asked about, in [0, 1]."""
    shared: Integers
    """|A and B|: anchor documents that both topics hold."""
    inside: Floats
    """|A and B| / |A|: how much of the first model's topic lies in the other's."""
    around: Floats
    """|A and B| / |B|: how much of the other's topic lies in the first model's."""


def likeness(new: Profile, old: Profile) -> Likeness:
    """The evidence that topic i of `new` and topic j of `old` are one and the same."""
    shared, held, theirs = _overlap(new.anchors, old.anchors, len(new), len(old))
    both = held[:, None] + theirs[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        anchors = np.where(both >= LEAST_ANCHORS, 2.0 * shared / both, np.nan)
        inside, around = shared / held[:, None], shared / theirs[None, :]
    return Likeness(
        cosine=_cosine(new, old),
        words=_words(new, old),
        anchors=anchors.astype(np.float32),
        shared=shared.astype(np.int32),
        inside=inside.astype(np.float32),
        around=around.astype(np.float32),
    )


def _cosine(new: Profile, old: Profile) -> Floats:
    if new.encoder != old.encoder or not len(new) or not len(old):
        return np.full((len(new), len(old)), np.nan, np.float32)
    usual = np.nanmean([_mutual(new.centroids), _mutual(old.centroids)])
    return np.asarray((new.centroids @ old.centroids.T - usual) / (1.0 - usual), np.float32)


def _mutual(centroids: Floats) -> float:
    """The mean cosine between two different topics of a model; 0 where there are no two."""
    k = len(centroids)
    return float(((centroids @ centroids.T).sum() - k) / (k * (k - 1))) if k > 1 else 0.0


def _words(new: Profile, old: Profile) -> Floats:
    place = {word: at for at, word in enumerate(dict.fromkeys(w for p in (new, old) for ws in p.words for w in ws))}
    ours, theirs = (_unit_weights(profile, place) for profile in (new, old))
    return np.asarray((ours @ theirs.T).toarray(), np.float32)


def _unit_weights(profile: Profile, place: dict[str, int]) -> csr_array:
    rows = np.repeat(np.arange(len(profile)), [len(words) for words in profile.words])
    columns = np.array([place[word] for words in profile.words for word in words], np.int64)
    weights = np.array([weight for weights in profile.weights for weight in weights], np.float64)
    length = np.sqrt(np.bincount(rows, weights**2, minlength=len(profile)))
    return csr_array((weights / np.maximum(length, 1e-12)[rows], (rows, columns)), shape=(len(profile), len(place)))


def _overlap(ours: Integers, theirs: Integers, k: int, m: int) -> tuple[Offsets, Offsets, Offsets]:
    """Documents in both topics (k, m), and in each topic (k,) and (m,), among those both models were asked about."""
    common = min(len(ours), len(theirs))
    asked = (ours[:common] != UNSCORED) & (theirs[:common] != UNSCORED)
    a, b = ours[:common][asked], theirs[:common][asked]
    in_both = (a != UNASSIGNED) & (b != UNASSIGNED)
    shared = np.bincount(a[in_both] * m + b[in_both], minlength=k * m).reshape(k, m).astype(np.int64)
    return shared, _counts(a, k), _counts(b, m)


def _counts(topics: Integers, k: int) -> Offsets:
    return np.bincount(topics[topics != UNASSIGNED], minlength=k).astype(np.int64)
