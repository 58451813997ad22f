"""The Predictor: from texts to answers. Batch, API, MLflow and evaluation all go through it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np

from evertopic.corpus.cleaning import clean, count_words
from evertopic.embedding import Encodes
from evertopic.errors import Corrupted
from evertopic.models.assignment import assign, probabilities
from evertopic.prediction.bundle import Bundle, TopicMeta, read_bundle, read_edits
from evertopic.prediction.compiling import compile_edits
from evertopic.prediction.editing import UNASSIGNED_NAME, Edited
from evertopic.prediction.rules import ALTERNATIVES, Rules
from evertopic.records import UNASSIGNED, Edit, Floats, Prediction

NOTHING = Prediction(None, UNASSIGNED_NAME, (), 0.0, (), "empty")
"""The answer to a text of which cleaning leaves nothing."""

Stage = Literal["wait", "clean", "encode", "assign"]
"""`wait` is the time in the queue of a server; the Predictor itself spends the others."""
Watch = Callable[[Stage], AbstractContextManager[None]]
"""Told when a stage begins and ends, for those who measure."""


def unwatched(_stage: Stage) -> AbstractContextManager[None]:
    """Nobody measures."""
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Predictor:
    """One model, ready to answer."""

    bundle: Bundle
    encoder: Encodes
    edited: Edited | None = None
    """What people decided about its topics; None: nothing."""

    @classmethod
    def load(
        cls, folder: Path, wrap: Callable[[Encodes], Encodes] | None = None, edits: Sequence[Edit] | None = None
    ) -> Self:
        """The model in `folder`, its manifest and its encoder checked.

        Args:
            folder: a bundle at rest.
            wrap: puts something around the model's encoder, such as a memory of vectors.
            edits: in force now; None: those that were when the model was written.

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
        model = cls(bundle, wrap(encoder) if wrap else encoder)
        return model.with_edits(read_edits(folder) if edits is None else edits)

    def with_edits(self, edits: Sequence[Edit]) -> Self:
        """The same model under these edits and no others."""
        return replace(self, edited=compile_edits(edits, self.bundle, self.encoder))

    @property
    def topics(self) -> tuple[TopicMeta, ...]:
        """The topics that answers name: the model's own, and what people made of them."""
        return self.edited.topics if self.edited else self.bundle.meta.topics

    @property
    def names(self) -> dict[str, str]:
        """What topics are called now, by key: all of the model, and whatever people named, also what it lacks."""
        own = {topic.key: topic.name for topic in (*self.bundle.meta.topics, *self.topics)}
        return own | ({key: said.value for key, said in self.edited.changes.names.items()} if self.edited else {})

    @property
    def rules(self) -> Rules:
        """The rules that speak after the edits."""
        return self.edited.rules if self.edited else self.bundle.meta.rules

    def predict(self, texts: Sequence[str], watch: Watch = unwatched) -> list[Prediction]:
        """One answer a text, in order; edits have spoken, and rules after them.

        A text of which cleaning leaves nothing, or without a single word, is unassigned with strength 0. What an
        encoder does not read of a long text does not count.
        """
        meta = self.bundle.meta
        with watch("clean"):
            cleaned = [clean(text, meta.cleaning) for text in texts]
            remarks = [_remark(text, meta.cleaning.min_words) for text in cleaned]
        worth = [row for row, remark in enumerate(remarks) if remark in (None, "short")]
        with watch("encode"):
            vectors = self.encoder.encode([cleaned[row] for row in worth]) if worth else None
        with watch("assign"):
            by_row = dict(zip(worth, self._said(vectors) if vectors is not None else [], strict=True))
            answers = [replace(by_row.get(row, NOTHING), remark=remark) for row, remark in enumerate(remarks)]
            answers = self.edited.move(cleaned, answers) if self.edited else answers
            return self.rules.apply(cleaned, answers, self.topics)

    def answer(self, vectors: Floats) -> list[Prediction]:
        """What the model itself says, one answer a vector: no encoder, no edits, no rules.

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

    def _said(self, vectors: Floats) -> list[Prediction]:
        answers = self.answer(vectors)
        return self.edited.apply(vectors, answers, self.bundle) if self.edited else answers


def _remark(cleaned: str, least: int) -> Literal["empty", "no words", "short"] | None:
    if not cleaned.strip():
        return "empty"
    words = count_words(cleaned)
    if not words:
        return "no words"
    return "short" if words < least else None
