"""Encoding many texts in blocks: each distinct text once, texts of like length together."""

from collections.abc import Iterator, Sequence

import numpy as np

from evertopic.embedding.base import Encodes
from evertopic.records import Floats, Offsets

BLOCK = 256


def iter_encoded(encoder: Encodes, texts: Sequence[str], block: int = BLOCK) -> Iterator[tuple[Offsets, Floats]]:
    """Blocks of (indices int64 (m,) into `texts`, unit vectors float32 (m, d)); each index comes exactly once.

    A block holds at most `block` distinct texts, longest first, so that a batch carries little padding and a lack of
    memory shows at once; a text and its repetitions come in the same block. The caller writes each block away before
    it asks for the next: what an interrupted run has written need not be encoded again. Nothing for no texts.

    Raises:
        ValueError: `block` is less than 1.
        EvertopicError: as the encoder.
    """
    if block < 1:
        raise ValueError(f"block is {block}: give 1 or more texts.")
    places = _places(texts)
    distinct = sorted(places, key=lambda text: (-len(text), places[text][0]))
    for start in range(0, len(distinct), block):
        chosen = distinct[start : start + block]
        vectors = encoder.encode(chosen)
        repeats = [len(places[text]) for text in chosen]
        indices = np.fromiter((index for text in chosen for index in places[text]), dtype=np.int64, count=sum(repeats))
        yield indices, np.repeat(vectors, repeats, axis=0)


def encode_all(encoder: Encodes, texts: Sequence[str], block: int = BLOCK) -> Floats:
    """Unit vectors float32 (n, d), row i for text i: `iter_encoded` put back in order; (0, d) for no texts."""
    answer = np.empty((len(texts), encoder.width), dtype=np.float32)
    for indices, vectors in iter_encoded(encoder, texts, block):
        answer[indices] = vectors
    return answer


def _places(texts: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, text in enumerate(texts):
        places.setdefault(text, []).append(index)
    return places
