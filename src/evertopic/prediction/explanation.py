"""Why a text was answered as it was: topics, words, and the training documents nearest to it."""

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from evertopic.corpus.cleaning import clean
from evertopic.corpus.tokens import Tokenizer, tokenize
from evertopic.errors import Corrupted, Unavailable
from evertopic.models.assignment import assign, logits, probabilities
from evertopic.prediction.loading import Model
from evertopic.prediction.predictor import Predictor
from evertopic.records import UNASSIGNED, Explanation, Floats, Neighbour, Standing, TrainingCard
from evertopic.storage.lake import Lake

NEIGHBOURS = 5
TOPICS = 10
EXCERPT = 300
"""Characters shown of a document."""
DOCUMENTS_AT_MOST = 50_000
"""The excerpts of so many take about 20 MB."""
EVERY_WORD = Tokenizer(min_length=1, keep_numbers=True)
LANGUAGES = ("und", "en", "fr")
"""Whose apostrophes part words: none, those of English, those of the Romance languages."""


@dataclass(frozen=True, slots=True)
class _Documents:
    """What a model was made of, as far as explanations show it."""

    digests: tuple[str, str]
    vectors: Floats
    """(n, d) unit rows; memory-mapped where the lake is a folder of this machine."""
    excerpts: tuple[str, ...]
    repeated: NDArray[np.bool_]
    """(n,) documents whose text an earlier one has."""

    def nearest(self, vector: Floats, count: int) -> tuple[NDArray[np.intp], Floats]:
        """The nearest documents and their cosines, nearest first, none of them repeated."""
        cosines = np.where(self.repeated, -np.inf, self.vectors @ vector)
        count = min(count, int((~self.repeated).sum()))
        rows = np.argsort(-cosines, kind="stable")[:count]
        return rows, np.clip(cosines[rows], -1, 1)


class Explainer:
    """Explains answers. It holds the documents of the model asked last, so keep one; any thread may ask.

    Args:
        lake: where the documents and their vectors are, as the model's card says.
        at_most: of more documents every second, third ... is looked at.
    """

    def __init__(self, lake: Lake, at_most: int = DOCUMENTS_AT_MOST) -> None:
        self.lake, self.at_most = lake, at_most
        self._documents: _Documents | None = None
        self._lock = Lock()

    def explain(self, model: Model, text: str, neighbours: int = NEIGHBOURS) -> Explanation:
        """The answer of `model` to `text` and what it rests on; takes as long as encoding the text twice.

        Where the documents cannot be had (no card, not in this lake) it comes without neighbours, and says why. The
        first one of a model reads its documents: about a second for 50,000.
        """
        predictor = model.predictor
        answer, read = predictor.predict([text])[0], clean(text, predictor.bundle.meta.cleaning)
        if answer.remark in ("empty", "no words"):
            return Explanation(answer, read, (), (), (), "There is no word in the text to compare with anything.")
        vector = predictor.encoder.encode([read])
        topics = _standings(predictor, vector)
        near, note = self._neighbours(model, vector[0], neighbours)
        shown = answer.key if answer.key in {topic.key for topic in predictor.topics} else topics[0].key
        return Explanation(answer, read, _shared_words(predictor, shown, read), topics, near, note)

    def _neighbours(self, model: Model, vector: Floats, count: int) -> tuple[tuple[Neighbour, ...], str | None]:
        if model.card is None:
            return (), "The card of this model's training is not in this lake: its documents are not known here."
        try:
            documents = self._of(model.card)
        except (Unavailable, Corrupted) as fault:
            return (), f"The documents this model was made of cannot be read. {fault}"
        rows, cosines = documents.nearest(vector, count)
        head, topics = model.predictor.bundle.head, model.predictor.bundle.meta.topics
        found = assign(documents.vectors[rows], head).topic
        keys = [None if topic == UNASSIGNED else topics[topic].key for topic in found]
        near = zip(rows, cosines, keys, strict=True)
        return tuple(Neighbour(documents.excerpts[row], float(cosine), key) for row, cosine, key in near), None

    def _of(self, card: TrainingCard) -> _Documents:
        with self._lock:
            digests = (card.documents.digest, card.vectors.digest)
            if self._documents is None or self._documents.digests != digests:
                self._documents = None  # two of them need not be in memory at once
                self._documents = _read(self.lake, card, digests, self.at_most)
            return self._documents


def explain(model: Model, lake: Lake, text: str, neighbours: int = NEIGHBOURS) -> Explanation:
    """One explanation, for those who need no second one; others keep an `Explainer`."""
    return Explainer(lake).explain(model, text, neighbours)


def _read(lake: Lake, card: TrainingCard, digests: tuple[str, str], at_most: int) -> _Documents:
    vectors, key = lake.read_array(f"{card.vectors.key}/vectors.npy"), f"{card.documents.key}/documents.parquet"
    step = max(1, -(-len(vectors) // at_most))
    excerpts: list[str] = []
    repeated: list[bool] = []
    seen = 0
    for part in lake.iter_frames(key, ["text", "duplicate_of"]):
        own = part.iloc[-seen % step :: step]
        excerpts += [text[:EXCERPT] for text in own["text"]]
        repeated += own["duplicate_of"].notna().tolist()
        seen += len(part)
    if seen != len(vectors):
        raise Corrupted(f"{key} has {seen} documents for {len(vectors)} vectors: run the training again.")
    return _Documents(digests, vectors[::step], tuple(excerpts), np.array(repeated, np.bool_))


def _standings(predictor: Predictor, vector: Floats) -> tuple[Standing, ...]:
    head, topics = predictor.bundle.head, predictor.bundle.meta.topics
    cosines, chances = logits(vector, head)[0], probabilities(vector, head)[0]
    best = np.argsort(-chances, kind="stable")[:TOPICS]
    names = predictor.names
    return tuple(
        Standing(
            topics[at].key, names[topics[at].key], float(cosines[at]), float(head.threshold[at]), float(chances[at])
        )
        for at in best
    )


def _shared_words(predictor: Predictor, key: str, text: str) -> tuple[str, ...]:
    """The words of the topic that the text has; of several words in a row all must be there."""
    own = {word for language in LANGUAGES for word in tokenize([text], EVERY_WORD, language).words}
    words = next(topic.words for topic in (*predictor.topics, *predictor.bundle.meta.topics) if topic.key == key)
    return tuple(word for word in words if own.issuperset(word.split()))
