"""One pass of co-occurrence counts for the topics of all candidates at once, kept by document.

A sliding window is 64 times one bit: which windows of a document hold a word is a row of bit masks, and in how many
windows two words meet is the population count of two masks and-ed. No window is ever built.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csc_array

from evertopic.quality.occurrences import Longs, Occurrences, find_occurrences
from evertopic.quality.presence import Masks, Presence, find_presence
from evertopic.records import Tokens

C_V_WINDOW = 110
NPMI_WINDOW = 10
LOOKUPS_AT_ONCE = 2_000_000
"""Bounds the memory of the pass (about 100 bytes a look-up), whatever the number of documents."""


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """In how many windows of each of n documents g words and p pairs of words occur."""

    windows: Longs
    """(n,) windows of each document, at least 1 each."""
    words: csc_array
    """int64 (n, g) windows that hold the word."""
    pairs: csc_array
    """int64 (n, p) windows that hold both words."""
    word_totals: Longs
    """(g,) sums of `words` over documents."""
    pair_totals: Longs
    """(p,) sums of `pairs` over documents."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything that the coherence of every topic of a search is computed from."""

    pair_keys: Longs
    """(p,) sorted: the pair of words a < b is `a * g + b`."""
    wide: WindowCounts
    """Sliding windows of 110 tokens, for c_v."""
    narrow: WindowCounts
    """Sliding windows of 10 tokens, for NPMI."""
    whole: WindowCounts
    """Documents, for u_mass."""

    @property
    def documents(self) -> int:
        """How many documents were counted."""
        return len(self.whole.windows)


def count(
    tokens: Tokens,
    grams: Sequence[tuple[int, ...]],
    topics: Sequence[Sequence[int]],
    lookups_at_once: int = LOOKUPS_AT_ONCE,
) -> Counts:
    """Window and document counts of all `grams`, and of all pairs that stand together in one of the `topics`.

    `grams` are the words to measure, as token ids; `topics` index into them and may come from many candidates. A
    word of several tokens occurs where they stand in a row inside one document, and is in a window when its first
    token is. A document shorter than the window, even an empty one, is one window.

    Raises:
        ValueError: two grams are equal, one is empty, or a topic names a word twice.

    Source: the boolean sliding window of Röder, Both and Hinneburg (2015), counted as gensim 4.4 does: when a window
    moves past one of two equal tokens the word is gone, until the word enters again on the right.
    """
    occurrences = find_occurrences(tokens, grams)
    pair_keys = distinct_pairs(topics, len(grams))
    longest = int(occurrences.lengths.max(initial=1))
    wide, narrow, whole = (
        _count_windows(occurrences, window, len(grams), pair_keys, lookups_at_once)
        for window in (C_V_WINDOW, NPMI_WINDOW, longest)
    )
    return Counts(pair_keys=pair_keys, wide=wide, narrow=narrow, whole=whole)


def distinct_pairs(topics: Sequence[Sequence[int]], words: int) -> Longs:
    """The sorted keys `a * words + b` of all pairs a < b of words that stand together in a topic.

    Raises:
        ValueError: a topic names a word twice.
    """
    keys = [np.empty(0, dtype=np.int64)]
    for number, topic in enumerate(topics):
        ordered = np.sort(np.asarray(topic, dtype=np.int64))
        if (np.diff(ordered) == 0).any():
            raise ValueError(f"Topic {number} names a word twice: {list(topic)}; the words of a topic are distinct.")
        first, second = np.triu_indices(len(ordered), 1)
        keys.append(ordered[first] * words + ordered[second])
    return np.unique(np.concatenate(keys))


def _count_windows(occurrences: Occurrences, window: int, words: int, pair_keys: Longs, limit: int) -> WindowCounts:
    windows = np.maximum(occurrences.lengths - window + 1, 1)
    presence = find_presence(occurrences, window, windows)
    shape = (len(windows), words)
    blocks = max(len(presence.document), 1)
    held = _by_document(presence.keys // blocks, presence.document[presence.keys % blocks], presence.masks, shape)
    pairs = _count_pairs(presence, words, pair_keys, limit)
    return WindowCounts(windows, held, pairs, held.sum(axis=0), pairs.sum(axis=0))


def _count_pairs(presence: Presence, words: int, pair_keys: Longs, limit: int) -> csc_array:
    blocks = max(len(presence.document), 1)
    bounds = np.searchsorted(presence.keys, np.arange(words + 1) * blocks)
    sizes = np.diff(bounds)
    first, second = np.divmod(pair_keys, max(words, 1))
    swap = sizes[first] > sizes[second]
    rare, other = np.where(swap, second, first), np.where(swap, first, second)
    found = [
        _meet(presence, bounds[rare[part]], sizes[rare[part]], other[part], part) for part in _parts(sizes[rare], limit)
    ]
    empty = np.empty(0, dtype=np.int64)
    pair = np.concatenate([empty, *(pairs for pairs, _, _ in found)])
    document = np.concatenate([empty, *(documents for _, documents, _ in found)])
    masks = np.concatenate([np.empty(0, dtype=np.uint64), *(masks for _, _, masks in found)])
    documents = int(presence.document[-1]) + 1 if len(presence.document) else 0
    return _by_document(pair, document, masks, (documents, len(pair_keys)))


def _meet(presence: Presence, starts: Longs, sizes: Longs, other: Longs, part: slice) -> tuple[Longs, Longs, Masks]:
    """Pair, document and mask of every block in which both words of a pair have windows in common."""
    blocks = len(presence.document)
    pair = np.repeat(np.arange(part.start, part.stop), sizes)
    mine = np.arange(len(pair)) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
    block = presence.keys[mine] % blocks
    wanted = np.repeat(other, sizes) * blocks + block
    theirs = np.minimum(np.searchsorted(presence.keys, wanted), len(presence.keys) - 1)
    masks = np.where(presence.keys[theirs] == wanted, presence.masks[mine] & presence.masks[theirs], np.uint64(0))
    both = masks != 0
    return pair[both], presence.document[block[both]], masks[both]


def _parts(sizes: Longs, limit: int) -> Iterator[slice]:
    """Slices of consecutive pairs with about `limit` look-ups each."""
    chunk = np.cumsum(sizes) // limit
    edges = np.flatnonzero(np.diff(chunk, prepend=-1, append=-1)) if len(sizes) else np.empty(0, dtype=np.int64)
    return (slice(int(start), int(stop)) for start, stop in pairwise(edges))


def _by_document(column: Longs, document: Longs, masks: Masks, shape: tuple[int, int]) -> csc_array:
    """The population counts of the masks added up by (document, column); `column`, then `document`, ascend."""
    key = column * max(shape[0], 1) + document
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    ones = np.bitwise_count(masks).astype(np.int64)
    data = np.add.reduceat(ones, starts) if len(starts) else ones
    indptr = np.searchsorted(column[starts], np.arange(shape[1] + 1))
    return csc_array((data, document[starts], indptr), shape=shape)
