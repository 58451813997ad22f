"""The plain BERTopic folder of a model, for everyone who has tools for BERTopic."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from evertopic.records import UNASSIGNED, Floats, Integers, Tokens, TopicTable


def write_bertopic(
    folder: Path,
    tokens: Tokens,
    vectors: Floats,
    labels: Integers,
    vocabulary: Sequence[str],
    topics: TopicTable,
    names: Sequence[str],
) -> None:
    """Writes a folder that `BERTopic.load(folder)` opens, with our topics, words and names in it.

    BERTopic fits nothing here: it gets the labels as given classes and the tokens as they were counted, and shows our
    words. Its `transform` is *not* our assignment function; the folder is for its tables and `visualize_*`.

    Args:
        folder: created.
        tokens: of the fitted documents (n).
        vectors: their unit vectors (n, d).
        labels: their topics (n,), 0..k-1 by size, -1 left out.
        vocabulary: the terms of the search, tokens joined by a blank.
        topics: their words, shown as the representation of each topic.
        names: (k,) shown as custom labels.
    """
    model = unfitted(vocabulary)
    model.fit(_joined(tokens), embeddings=vectors, y=labels.astype(int))
    _number_as(labels, model)
    model.topic_representations_ |= {
        topic: list(zip(words, weights, strict=True))
        for topic, (words, weights) in enumerate(zip(topics.words, topics.weights, strict=True))
    }
    model.set_topic_labels({UNASSIGNED: "unassigned"} | dict(enumerate(names)))
    with _only_errors("BERTopic"):  # it warns that the folder names no encoder; our own manifest does
        model.save(str(folder), serialization="safetensors", save_ctfidf=True, save_embedding_model=False)


def unfitted(vocabulary: Sequence[str]) -> Any:
    """A BERTopic without an encoder, a reduction or a clustering of its own, that counts terms as we do."""
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction
    from sklearn.feature_extraction.text import CountVectorizer

    longest = max(term.count(" ") + 1 for term in vocabulary)
    counts = CountVectorizer(
        vocabulary=list(vocabulary),
        ngram_range=(1, longest),
        token_pattern=r"\S+",  # noqa: S106 - no password
        lowercase=False,
    )
    return BERTopic(
        embedding_model=BaseEmbedder(),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=counts,
    )


@contextmanager
def _only_errors(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _joined(tokens: Tokens) -> list[str]:
    words = np.array(tokens.words, dtype=object)
    bounds = zip(tokens.offsets[:-1], tokens.offsets[1:], strict=True)
    return [" ".join(words[tokens.ids[start:stop]]) for start, stop in bounds]


def _number_as(labels: Integers, model: Any) -> None:
    """Gives the topics our numbers again: BERTopic numbers topics of equal size by chance."""
    theirs = dict(zip(labels.tolist(), model.topics_, strict=True))
    rows = [theirs[topic] + model._outliers for topic in sorted(theirs)]
    model.c_tf_idf_ = model.c_tf_idf_[rows]
    model.topic_embeddings_ = model.topic_embeddings_[rows]
    model.topics_ = labels.tolist()
    model.topic_sizes_ = {topic: model.topics_.count(topic) for topic in sorted(theirs)}
