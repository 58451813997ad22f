"""Terms: the vocabulary of one or more words in a row, and how often each document uses it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evertopic.records import Offsets, Terms, Tokens


class _Level(NamedTuple):
    """The frequent n-grams of one length."""

    at: Offsets
    """(t,) which n-gram begins at each token, -1 for none that is frequent."""
    first: Offsets
    """A token position at which each n-gram begins."""
    documents: Offsets
    """(pairs,) document of each (n-gram, document) pair, ordered by n-gram."""
    grams: Offsets
    """(pairs,) its n-gram."""
    counts: Offsets
    """(pairs,) how often the document uses it."""


def count_terms(tokens: Tokens, longest: int = 1, min_df: int = 1, max_df: float = 1.0) -> Terms:
    """The terms of 1 to `longest` tokens in a row within a document, sorted by their words, and their counts.

    Kept are terms that at least `min_df` documents use and at most the share `max_df` of all. An n-gram cannot be
    more frequent than its parts, so lengths are counted one after the other and rare parts are left out: memory
    stays with the frequent ones. No term left gives an empty vocabulary and an (n, 0) matrix.

    Equal to scikit-learn's CountVectorizer on the same token lists.
    """
    owners = np.repeat(np.arange(len(tokens)), np.diff(tokens.offsets))
    levels = [_count(tokens.ids.astype(np.int64), owners, len(tokens), min_df)]
    for length in range(2, longest + 1):
        levels.append(_count(_longer(levels[-1].at, tokens, owners, length), owners, len(tokens), min_df))
    kept = [_not_everywhere(level, max_df * len(tokens)) for level in levels]
    return _terms(tokens, levels, kept)


def _longer(at: Offsets, tokens: Tokens, owners: Offsets, length: int) -> Offsets:
    """One code per position for the n-gram of `length` tokens there; -1 unless both its parts are frequent."""
    codes = np.full(len(at), -1, np.int64)
    starts, last = slice(0, max(0, len(at) - length + 1)), slice(length - 1, None)
    parts = (at[starts] >= 0) & (at[1 : len(at) - length + 2] >= 0) & (owners[starts] == owners[last])
    codes[starts] = np.where(parts, at[starts] * len(tokens.words) + tokens.ids[last], -1)
    return codes


def _count(codes: Offsets, owners: Offsets, documents: int, min_df: int) -> _Level:
    positions = np.flatnonzero(codes >= 0)
    _, first, inverse = np.unique(codes[positions], return_index=True, return_inverse=True)
    pairs, counts = np.unique(inverse * documents + owners[positions], return_counts=True)
    grams, users = np.divmod(pairs, max(documents, 1))
    frequent = np.bincount(grams, minlength=len(first)) >= min_df
    number = np.where(frequent, np.cumsum(frequent) - 1, -1)
    at = np.full(len(codes), -1, np.int64)
    at[positions] = number[inverse]
    stay = frequent[grams]
    return _Level(at, positions[first[frequent]], users[stay], number[grams[stay]], counts[stay])


def _not_everywhere(level: _Level, most: float) -> NDArray[np.bool_]:
    return np.bincount(level.grams, minlength=len(level.first)) <= most


def _terms(tokens: Tokens, levels: list[_Level], kept: list[NDArray[np.bool_]]) -> Terms:
    grams = [
        tuple(gram)
        for length, (level, keep) in enumerate(zip(levels, kept, strict=True), start=1)
        for gram in tokens.ids[level.first[keep, None] + np.arange(length)].tolist()
    ]
    words = [" ".join(map(tokens.words.__getitem__, gram)) for gram in grams]
    order = sorted(range(len(words)), key=words.__getitem__)
    return Terms(
        words=tuple(words[index] for index in order),
        grams=tuple(grams[index] for index in order),
        counts=_matrix(levels, kept, order, len(tokens)),
    )


def _matrix(levels: list[_Level], kept: list[NDArray[np.bool_]], order: list[int], documents: int) -> csr_array:
    """int32 (n, v), columns in `order`, row indices sorted."""
    column = np.empty(len(order), np.int64)
    column[order] = np.arange(len(order))
    rows, columns, counts, before = [], [], [], 0
    for level, keep in zip(levels, kept, strict=True):
        number = np.where(keep, before + np.cumsum(keep) - 1, -1)[level.grams]
        stay = number >= 0
        rows.append(level.documents[stay])
        columns.append(column[number[stay]])
        counts.append(level.counts[stay])
        before += int(keep.sum())
    data, row, col = (np.concatenate(parts).astype(np.int32) for parts in (counts, rows, columns))
    matrix = csr_array((data, (row, col)), shape=(documents, len(order)), dtype=np.int32)
    matrix.sort_indices()
    return matrix
