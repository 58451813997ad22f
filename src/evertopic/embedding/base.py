"""The promise every encoder keeps, and the two rules by which they keep it."""

import re
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from evertopic.records import Floats

_SURROGATE = re.compile("[\ud800-\udfff]")
_TINY = 1e-12


@runtime_checkable
class Encodes(Protocol):
    """Texts in, unit vectors out. The same text gets the same vector on any day, in any company."""

    @property
    def kind(self) -> str:
        """The name of the kind, as a config writes it."""
        ...

    @property
    def width(self) -> int:
        """d, the number of components of a vector."""
        ...

    def fingerprint(self) -> str:
        """The digest of all that decides a vector; vectors of different fingerprints must never be compared."""
        ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors float32 (n, d), row i for text i; (0, d) for no texts.

        Any str is accepted: empty, without a letter, with NUL or lone surrogates (read as U+FFFD), of any length.
        A text in which the encoder finds nothing at all gets the vector whose components are all equal.
        """
        ...


def readable(text: str) -> str:
    r"""The text with each lone surrogate, which no tokenizer can read, replaced by U+FFFD.

    >>> readable("caf\ud800") == "caf\ufffd"
    True
    """
    return _SURROGATE.sub("\ufffd", text)


def unit_rows(raw: NDArray[np.floating]) -> Floats:
    """The rows of `raw` (n, d) scaled to length 1, as float32.

    A row that is all zero or not finite has no direction: it becomes 1/sqrt(d) in each component, so that such
    texts are alike, and are finite and unit as all others.

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).round(3).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.7070000171661377, 0.7070000171661377]]
    """
    rows = np.asarray(raw, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    empty = ~(np.isfinite(lengths) & (lengths > _TINY))
    directed = np.where(empty, 1.0, rows)
    scale = np.where(empty, np.sqrt(rows.shape[1]), lengths)
    return np.asarray(directed / scale, dtype=np.float32)
