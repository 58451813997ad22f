"""Where the words to measure stand in the documents; a word may be several tokens in a row."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evertopic.records import Tokens

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """All places where a word begins, by word, then by place: m of them in n documents."""

    word: Longs
    """(m,) index of the word."""
    document: Longs
    """(m,)"""
    position: Longs
    """(m,) the token the word begins with, counted from the start of its document."""
    key: Longs
    """(m,) ascending; a difference of 1 between two keys of a word and a document is one token."""
    lengths: Longs
    """(n,) tokens in each document."""


def find_occurrences(tokens: Tokens, grams: Sequence[tuple[int, ...]]) -> Occurrences:
    """The places of all `grams` (token ids in a row) in the documents; none reaches over a document's end.

    Raises:
        ValueError: two grams are equal, or one is empty.
    """
    if len(set(grams)) != len(grams) or () in grams:
        raise ValueError(f"{len(grams)} words, {len(set(grams))} distinct, empty: {() in grams}; pass distinct words.")
    lengths = np.diff(tokens.offsets)
    document_of = np.repeat(np.arange(len(lengths)), lengths)
    found = [_find(tokens, grams, size, document_of) for size in sorted({len(gram) for gram in grams})]
    place = np.concatenate([np.empty(0, dtype=np.int64), *(places for places, _ in found)])
    word = np.concatenate([np.empty(0, dtype=np.int64), *(words for _, words in found)])
    key = word * max(len(tokens.ids), 1) + place
    order = np.argsort(key, kind="stable")
    place, word = place[order], word[order]
    document = document_of[place]
    return Occurrences(word, document, place - tokens.offsets[document], key[order], lengths)


def _find(tokens: Tokens, grams: Sequence[tuple[int, ...]], size: int, document_of: Longs) -> tuple[Longs, Longs]:
    """Places in the flat array, and words, of the grams that are `size` tokens long."""
    number = np.array([index for index, gram in enumerate(grams) if len(gram) == size], dtype=np.int64)
    wanted = np.array([grams[index] for index in number], dtype=np.int64)
    used = np.unique(wanted)
    compact = np.full(max(len(tokens.words), int(used[-1]) + 1), -1, dtype=np.int64)
    compact[used] = np.arange(len(used))
    ids = compact[tokens.ids]
    place = np.flatnonzero(ids[: max(len(ids) - size + 1, 0)] >= 0)
    place = place[document_of[place] == document_of[place + size - 1]]
    code = np.zeros(len(place), dtype=np.int64)
    for step in range(size):
        place, code = place[ids[place + step] >= 0], code[ids[place + step] >= 0]
        code = code * len(used) + ids[place + step]
    codes = compact[wanted] @ (len(used) ** np.arange(size - 1, -1, -1))
    order = np.argsort(codes)
    spot = np.minimum(np.searchsorted(codes, code, sorter=order), len(codes) - 1)
    hit = codes[order[spot]] == code
    return place[hit], number[order[spot[hit]]]
