"""One model in the gate: its numbers, the words of its topics, and what it answers."""

from dataclasses import dataclass

import numpy as np

from evertopic.models.assignment import Head, assign, logits
from evertopic.prediction.bundle import Bundle
from evertopic.quality.gate import Answers
from evertopic.records import UNASSIGNED, Floats


@dataclass(frozen=True, slots=True)
class Contender:
    """What is measured of a model; edits and rules are the loop's, not the model's."""

    head: Head
    words: tuple[tuple[str, ...], ...]

    def answers(self, vectors: Floats) -> Answers:
        """What the one assignment function says of documents, unit rows (n, d)."""
        if not len(self.head.weight):
            nothing = np.zeros(len(vectors), np.int32)
            return Answers((), nothing, nothing + UNASSIGNED)
        best = logits(vectors, self.head).argmax(axis=1).astype(np.int32)
        return Answers(self.words, best, assign(vectors, self.head).topic)

    def closeness(self, vectors: Floats) -> Floats:
        """The cosine of each document, unit rows (n, d), to the centroid of its best topic, (n,); 0 without topics."""
        if not len(self.head.weight):
            return np.zeros(len(vectors), np.float32)
        return np.asarray(logits(vectors, self.head).max(axis=1), np.float32)


def contender(bundle: Bundle) -> Contender:
    """The model of a bundle."""
    return Contender(bundle.head, tuple(topic.words for topic in bundle.meta.topics))
