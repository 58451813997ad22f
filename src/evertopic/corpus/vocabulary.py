"""Which words documents have, and which of them others lack."""

from collections.abc import Collection

import numpy as np

from evertopic.records import Floats, Tokens

MOST_WORDS = 50_000


def document_counts(tokens: Tokens, most: int = MOST_WORDS) -> dict[str, int]:
    """Documents by word, of the `most` commonest words, the commonest first; ties in the order of the alphabet."""
    documents = np.repeat(np.arange(len(tokens)), np.diff(tokens.offsets))
    pairs = np.unique(np.stack([tokens.ids, documents], axis=1), axis=0)
    counts = np.bincount(pairs[:, 0], minlength=len(tokens.words))
    found = [(word, int(count)) for word, count in zip(tokens.words, counts, strict=True) if count]
    return dict(sorted(found, key=lambda pair: (-pair[1], pair[0]))[:most])


def unknown_shares(tokens: Tokens, known: Collection[str]) -> Floats:
    """The share of each document's words that are not known, float32 (n,); 0 for a document without words."""
    unknown = np.array([word not in known for word in tokens.words], np.float64)
    so_far = np.concatenate(([0.0], np.cumsum(unknown[tokens.ids])))
    lengths = np.diff(tokens.offsets)
    return np.asarray(np.diff(so_far[tokens.offsets]) / np.maximum(lengths, 1), np.float32)
