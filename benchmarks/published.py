"""The peer: a search over BERTopic models as published projects write it, every trial from scratch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.stages import Stages
from evertopic.records import Floats, Integers

if TYPE_CHECKING:
    from bertopic import BERTopic

SEED = 42
WORDS = 10


@dataclass(frozen=True, slots=True)
class PeerTrial:
    """One trial of the peer."""

    min_cluster_size: int
    c_v: float
    labels: Integers


@dataclass(frozen=True, slots=True)
class PeerRun:
    """All trials of the peer and what they took."""

    trials: list[PeerTrial]
    cpu_s: dict[str, float]
    wall_s: dict[str, float]


def search_as_published(texts: list[str], vectors: Floats, sizes: Sequence[int]) -> PeerRun:
    """One BERTopic fit and one c_v for each size; imports and the compilation of UMAP stand apart."""
    stages = Stages()
    with stages.stage("imports"):
        import bertopic  # noqa: F401
        import gensim.models.coherencemodel
        import umap  # noqa: F401
    with stages.stage("warm-up"):
        _warm_up(vectors)
    with stages.stage("dictionary"):
        tokens = [text.split() for text in texts]
        dictionary = gensim.corpora.Dictionary(tokens)
    trials = [_trial(stages, texts, vectors, tokens, dictionary, size) for size in sizes]
    return PeerRun(trials, stages.cpu_s, stages.wall_s)


def model_as_published(size: int) -> "BERTopic":
    """A BERTopic as published projects configure it; not fitted."""
    from bertopic import BERTopic
    from hdbscan import HDBSCAN
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    reducer = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=SEED)
    clusterer = HDBSCAN(min_cluster_size=size, metric="euclidean", cluster_selection_method="eom", prediction_data=True)
    counter = CountVectorizer(ngram_range=(1, 3))
    return BERTopic(umap_model=reducer, hdbscan_model=clusterer, vectorizer_model=counter)


def _trial(
    stages: Stages, texts: list[str], vectors: Floats, tokens: list[list[str]], dictionary: object, size: int
) -> PeerTrial:
    model = model_as_published(size)
    stages.watch(model.umap_model, "UMAP", "fit", "transform")
    stages.watch(model.hdbscan_model, "HDBSCAN", "fit")
    stages.watch(model.vectorizer_model, "counts", "fit", "transform", "fit_transform")
    stages.watch(model, "representative documents", "_save_representative_docs")
    stages.watch(model, "c-TF-IDF and words", "_extract_topics")
    with stages.stage("rest of BERTopic"):
        model.fit(texts, vectors)
    words = [[word for word, _ in model.get_topic(topic)][:WORDS] for topic in model.get_topics() if topic >= 0]
    with stages.stage("coherence"):
        c_v = _c_v(words, tokens, dictionary)
    return PeerTrial(size, c_v, np.asarray(model.topics_, np.int32))


def _c_v(words: list[list[str]], tokens: list[list[str]], dictionary: object) -> float:
    from gensim.models.coherencemodel import CoherenceModel

    model = CoherenceModel(topics=words, texts=tokens, dictionary=dictionary, coherence="c_v", processes=1)
    return float(model.get_coherence())


def _warm_up(vectors: Floats) -> None:
    """UMAP compiles itself on its first fit in a process; that is paid once, by the peer as by us."""
    from umap import UMAP

    UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=SEED).fit(vectors[:200])
