"""The Predictor: from texts to answers. Batch, API, MLflow and evaluation all go through it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from evertopic.corpus.cleaning import clean
from evertopic.embedding import Encoder
from evertopic.errors import Corrupted
from evertopic.models.assignment import assign, probabilities
from evertopic.prediction.bundle import Bundle, read_bundle
from evertopic.records import UNASSIGNED, Floats, Prediction

ALTERNATIVES = 3
UNASSIGNED_NAME = "unassigned"
NOTHING = Prediction(None, UNASSIGNED_NAME, (), 0.0, ())
"""The answer to a text of which cleaning leaves nothing."""


@dataclass(frozen=True, slots=True)
class Predictor:
    """One model, ready to answer."""

    bundle: Bundle
    encoder: Encoder

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The model in `folder`, its manifest and its encoder checked.

        Raises:
            Corrupted: a file was altered, or this machine's encoder is not the one the model was made with.
        """
        bundle = read_bundle(folder)
        encoder = bundle.meta.encoder
        if encoder.fingerprint() != bundle.meta.fingerprint:
            raise Corrupted(
                f"The model was made with encoder {bundle.meta.fingerprint}, here {encoder.kind} is "
                f"{encoder.fingerprint()}: install the same encoder, or train again."
            )
        return cls(bundle, encoder)

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One answer a text, in order. A text of which cleaning leaves nothing is unassigned with strength 0."""
        cleaned = [clean(text, self.bundle.meta.cleaning) for text in texts]
        full = [row for row, text in enumerate(cleaned) if text.strip()]
        answers = self.answer(self.encoder.encode([cleaned[row] for row in full])) if full else []
        by_row = dict(zip(full, answers, strict=True))
        return [by_row.get(row, NOTHING) for row in range(len(texts))]

    def answer(self, vectors: Floats) -> list[Prediction]:
        """One answer a vector: the part that needs no encoder.

        Args:
            vectors: unit rows of the model's own encoder, float32 (n, d).
        """
        head, topics = self.bundle.head, self.bundle.meta.topics
        assignment, chances = assign(vectors, head), probabilities(vectors, head)
        best = np.argsort(-chances, axis=1, kind="stable")[:, : ALTERNATIVES + 1]
        answers = []
        for row, (topic, strength) in enumerate(zip(assignment.topic, assignment.strength, strict=True)):
            others = tuple((topics[o].key, float(chances[row, o])) for o in best[row] if o != topic)[:ALTERNATIVES]
            found = None if topic == UNASSIGNED else topics[topic]
            answers.append(
                Prediction(
                    key=found.key if found else None,
                    name=found.name if found else UNASSIGNED_NAME,
                    words=found.words if found else (),
                    strength=float(strength),
                    alternatives=others,
                )
            )
        return answers
