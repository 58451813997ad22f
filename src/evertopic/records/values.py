"""Values live inside one task and feed pure functions. Arrays are never mutated."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]
Offsets = NDArray[np.int64]
Times = NDArray[np.datetime64]

UNASSIGNED = -1
"""The topic of a document that belongs to none."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The content words of n documents in reading order, as one flat array. Stop words are already gone."""

    words: tuple[str, ...]
    ids: Integers
    """(t,) index into `words`."""
    offsets: Offsets
    """(n + 1,): the tokens of document i are `ids[offsets[i]:offsets[i + 1]]`."""

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True)
class Terms:
    """The vocabulary of a search and how often each document uses it. A term is one or more tokens in a row."""

    words: tuple[str, ...]
    """(v,) as shown to people: tokens joined by a blank."""
    grams: tuple[tuple[int, ...], ...]
    """(v,) the token ids each term consists of."""
    counts: csr_array
    """int32 (n, v)."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The answer of the one assignment function for n documents."""

    topic: Integers
    """(n,) index of the topic, -1 unassigned."""
    strength: Floats
    """(n,) calibrated probability of the best topic, in [0, 1]; also given where the topic is -1."""


@dataclass(frozen=True, slots=True)
class TopicTable:
    """k topics, largest first, each with its w top terms."""

    words: tuple[tuple[str, ...], ...]
    weights: tuple[tuple[float, ...], ...]
    """c-TF-IDF weights (the baseline: its own), largest first, same shape as `words`."""
    grams: tuple[tuple[tuple[int, ...], ...], ...]
    """The token ids of each word, so that quality is measured on the words that are shown."""
    sizes: tuple[int, ...]
    """Fitted documents in each topic."""


@dataclass(frozen=True, slots=True)
class Sample:
    """n documents as detectors see them; the reference of a model and the window of a check alike."""

    ids: tuple[str, ...]
    """Of the documents; empty texts for a reference, whose documents nobody is to be led to."""
    vectors: Floats
    """Unit rows (n, d)."""
    topic: Integers
    """(n,) what the one assignment function answers, -1 unassigned."""
    nearest: Integers
    """(n,) the best topic, whatever the thresholds say."""
    strength: Floats
    """(n,) calibrated probability of the best topic, in [0, 1]."""
    numbers: Mapping[str, Floats]
    """Text features by name, each (n,); `unknown_words` among them: the share of its words that the fitted documents
    do not have."""
    languages: tuple[str, ...]
    """(n,) ISO 639-1."""
    times: Times
    """(n,) datetime64[s], NaT where a document has none."""
    held_out: NDArray[np.bool_]
    """(n,) False where the model was fitted on the document: what says something of topics must not look there."""
    words: Mapping[str, int] = field(default_factory=dict)
    """Documents by word: of a reference in all fitted documents, of a window in the window."""

    def __len__(self) -> int:
        return len(self.vectors)
