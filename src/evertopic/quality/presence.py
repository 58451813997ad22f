"""Which windows of which document hold a word: 64 windows to a mask."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evertopic.quality.occurrences import Longs, Occurrences

Masks = NDArray[np.uint64]

BITS = 64
ALL_SET = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True)
class Presence:
    """Which windows hold a word: one mask for each (word, block of 64 windows of one document) that has any."""

    keys: Longs
    """Sorted: `word * blocks + block`."""
    masks: Masks
    document: Longs
    """The document of each block, so its length is the number of blocks."""


def find_presence(occurrences: Occurrences, window: int, windows: Longs) -> Presence:
    """The windows, `windows` (n,) of them in each document, that hold each of the words."""
    per_document = -(-windows // BITS)
    first_block = np.cumsum(per_document) - per_document
    blocks = max(int(per_document.sum()), 1)
    enters, leaves = _stays(occurrences, window, windows)
    base = occurrences.word * blocks + first_block[occurrences.document]
    parts = list(_cut_into_blocks(base, enters, leaves))
    keys = np.concatenate([keys for keys, _ in parts])
    masks = np.concatenate([masks for _, masks in parts])
    order = np.argsort(keys, kind="stable")
    keys, masks = keys[order], masks[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    merged = np.bitwise_or.reduceat(masks, starts) if len(starts) else masks
    return Presence(keys[starts], merged, np.repeat(np.arange(len(windows)), per_document))


def _stays(occurrences: Occurrences, window: int, windows: Longs) -> tuple[Longs, Longs]:
    """The first and last window of each occurrence's stay: it ends when the leftmost equal token drops out."""
    enters = np.maximum(occurrences.position - window + 1, 0)
    leftmost = np.searchsorted(occurrences.key, occurrences.key - occurrences.position + enters)
    return enters, np.minimum(occurrences.position[leftmost], windows[occurrences.document] - 1)


def _cut_into_blocks(base: Longs, enters: Longs, leaves: Longs) -> Iterator[tuple[Longs, Masks]]:
    """Keys and masks of the stays, first of the block each stay begins in, then of the next, as far as any goes."""
    block, last = enters // BITS, leaves // BITS
    yield np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint64)
    while len(block):
        low = np.maximum(enters - block * BITS, 0)
        high = np.minimum(leaves - block * BITS, BITS - 1)
        yield base + block, (ALL_SET >> (BITS - 1 - high + low).astype(np.uint64)) << low.astype(np.uint64)
        more = block < last
        base, block, last, enters, leaves = (part[more] for part in (base, block + 1, last, enters, leaves))
