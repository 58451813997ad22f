"""An encoder that keeps what it encodes: a text is encoded once in its life."""

from collections.abc import Callable, Sequence

import numpy as np

from evertopic.digests import digest_text
from evertopic.embedding import Encodes, HashingEncoder, encode_all
from evertopic.records import Floats
from evertopic.storage.vectors import VectorStore

TIDY = 100
"""Blocks of vectors after which the store is tidied, so that looking up stays fast."""


class KeepingEncoder:
    """The encoder of a model with the vector store before and behind it; it keeps the promise of `Encodes`.

    What one call encodes is stored as one piece. A run that is killed and started again therefore encodes the same
    texts in the same company, and its vectors are the same to the last bit.

    Args:
        encoder: of the model.
        vectors: asked first, and given what was missing.
    """

    def __init__(self, encoder: Encodes, vectors: VectorStore) -> None:
        self.encoder, self.vectors = encoder, vectors
        self._fingerprint = encoder.fingerprint()
        self._stored = 0

    @property
    def kind(self) -> str:
        """The encoder's."""
        return self.encoder.kind

    @property
    def width(self) -> int:
        """The encoder's."""
        return self.encoder.width

    def fingerprint(self) -> str:
        """The encoder's: a stored vector is the one it gave."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors float32 (n, d), row i for text i; (0, d) for no texts.

        Raises:
            Unavailable: the vector store cannot be read or written.
            EvertopicError: as the encoder.
        """
        keys = [digest_text(text) for text in texts]
        seen, known = self.vectors.lookup(self._fingerprint, keys)
        if seen.all() and len(texts):
            return known
        answer = np.empty((len(texts), self.width), dtype=np.float32)
        if seen.any():  # of an encoder it does not know, the store does not know the width
            answer[seen] = known
        unseen = np.flatnonzero(~seen).tolist()
        missing = {keys[row]: texts[row] for row in unseen}
        made = dict(zip(missing, encode_all(self.encoder, list(missing.values()), len(missing) or 1), strict=True))
        self._keep(made)
        for row in unseen:
            answer[row] = made[keys[row]]
        return answer

    def _keep(self, made: dict[str, Floats]) -> None:
        if not made:
            return
        self.vectors.add(self._fingerprint, list(made), np.stack(list(made.values())))
        self._stored += 1
        if self._stored % TIDY == 0:
            self.vectors.compact(self._fingerprint)


def keeping(vectors: VectorStore) -> Callable[[Encodes], Encodes]:
    """What `load_model` wraps an encoder in.

    The hashing encoder stays bare: it is done before the store has looked a text up (0.3 ms).
    """

    def wrap(encoder: Encodes) -> Encodes:
        return encoder if isinstance(encoder, HashingEncoder) else KeepingEncoder(encoder, vectors)

    return wrap
