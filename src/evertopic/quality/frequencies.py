"""How often the words and pairs of topics occur, in all documents or in each resample of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evertopic.quality.occurrences import Longs
from evertopic.quality.resampling import Doubles
from evertopic.quality.windows import Counts, WindowCounts

ABSENT = -1


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the counts of k topics of at most w words stand; ABSENT fills up shorter topics."""

    words: Longs
    """(k, w)"""
    pairs: Longs
    """(k, q) columns of the pair counts, the q = w (w - 1) / 2 pairs (first, second) in the topic's own order."""
    first: Longs
    """(q,) place in the topic."""
    second: Longs


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How often words and pairs of k topics occur in each of b (re)samples."""

    total: Doubles
    """(b,) windows."""
    words: Doubles
    """(b, k, w)"""
    pairs: Doubles
    """(b, k, q)"""


def lay_out(counts: Counts, topics: Sequence[Sequence[int]]) -> Layout:
    """Where the counts of these topics stand. Raises KeyError for a pair that was not counted."""
    width = max((len(topic) for topic in topics), default=0)
    words = np.full((len(topics), width), ABSENT, dtype=np.int64)
    for row, topic in zip(words, topics, strict=True):
        row[: len(topic)] = topic
    first, second = np.triu_indices(width, 1)
    a, b = words[:, first], words[:, second]
    keys = np.minimum(a, b) * counts.wide.words.shape[1] + np.maximum(a, b)
    spots = np.searchsorted(counts.pair_keys, keys)
    known = np.append(counts.pair_keys, ABSENT)[np.minimum(spots, len(counts.pair_keys))] == keys
    used = (a != ABSENT) & (b != ABSENT)
    if (used & ~known).any():
        raise KeyError(f"{int((used & ~known).sum())} pairs were not counted: pass these topics to `count` as well.")
    return Layout(words, np.where(used, spots, ABSENT), first, second)


def totals(counts: WindowCounts, layout: Layout) -> Frequencies:
    """The frequencies in all documents, b = 1."""
    total = np.array([counts.windows.sum()], dtype=np.float64)
    words, pairs = np.append(counts.word_totals, 0.0), np.append(counts.pair_totals, 0.0)
    return Frequencies(total, words[layout.words][None], pairs[layout.pairs][None])


def resampled(counts: WindowCounts, layout: Layout, weights: Doubles) -> Frequencies:
    """The frequencies in each resample, only for the words and pairs these topics have."""
    words, word_places = np.unique(layout.words, return_inverse=True)
    pairs, pair_places = np.unique(layout.pairs, return_inverse=True)
    word_sums = counts.words[:, words].T @ weights.T
    pair_sums = counts.pairs[:, pairs].T @ weights.T
    word_sums[words == ABSENT], pair_sums[pairs == ABSENT] = 0.0, 0.0
    return Frequencies(
        weights @ counts.windows,
        word_sums.T[:, word_places.reshape(layout.words.shape)],
        pair_sums.T[:, pair_places.reshape(layout.pairs.shape)],
    )
