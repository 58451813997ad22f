"""Models retrained on a window that moves over a labelled corpus, with what their topics are truly about."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from benchmarks.corpora import Corpus, vectors_of
from evertopic.embedding import OnnxEncoder
from evertopic.identity.profile import UNSCORED, Profile
from evertopic.models.assignment import Head, assign
from evertopic.models.clustering import cluster
from evertopic.models.ctfidf import describe
from evertopic.models.head import topic_head
from evertopic.models.layout import lay_out
from evertopic.models.neighbours import nearest_neighbours
from evertopic.models.settings import HdbscanSettings, UmapSettings
from evertopic.records import Floats, Integers, Offsets, Terms, TopicTable

SENTENCES, LATENT = "all-MiniLM-L6-v2", "TF-IDF with SVD"
ENCODER = OnnxEncoder(max_length=128)
WIDTH = 150
PURE = 0.6
"""Share of one label from which a topic is of that label; other topics are of none, and nobody judges them."""
LARGEST = 0.4
"""As the product's search, this refuses a clustering of which one topic holds nearly everything."""


@dataclass(frozen=True, slots=True)
class Field:
    """A corpus in an order drawn by chance, encoded twice, its words counted."""

    corpus: Corpus
    labels: tuple[str, ...]
    vectors: Mapping[str, Floats]
    words: tuple[str, ...]
    counts: csr_array
    order: Offsets
    """By which anchor documents are drawn."""


@dataclass(frozen=True, slots=True)
class Made:
    """One model of a window."""

    rows: Offsets
    labels: Integers
    """The clustering of the window's documents."""
    topic: Integers
    """What the model answers for them."""
    head: Head
    table: TopicTable
    encoder: str
    about: tuple[str | None, ...]
    """The label of each topic; None where it is a mixture."""

    @property
    def topics(self) -> int:
        """How many."""
        return len(self.about)

    def profile(self, anchors: Integers) -> Profile:
        """As identity sees it, before it has keys."""
        return Profile((), self.encoder, self.head.weight, self.table.words, self.table.weights, anchors)


def field_of(corpus: Corpus, seed: int) -> Field:
    """The corpus, shuffled."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    random = np.random.default_rng(seed)
    place = random.permutation(len(corpus.texts))
    texts = [corpus.texts[at] for at in place]
    counter = CountVectorizer(stop_words="english", min_df=5, max_df=0.5)
    counts = csr_array(counter.fit_transform(texts))
    weighed = TfidfVectorizer(stop_words="english", min_df=3, max_df=0.3, sublinear_tf=True).fit_transform(texts)
    latent = TruncatedSVD(WIDTH, random_state=0).fit_transform(weighed)
    latent /= np.maximum(np.linalg.norm(latent, axis=1, keepdims=True), 1e-9)
    return Field(
        corpus=corpus,
        labels=tuple(corpus.labels[at] for at in place),
        vectors={SENTENCES: vectors_of(corpus, ENCODER)[place], LATENT: latent.astype(np.float32)},
        words=tuple(counter.get_feature_names_out()),
        counts=counts,
        order=random.permutation(len(texts)),
    )


def windows(documents: int, overlap: float, count: int) -> list[Offsets]:
    """`count` windows over all documents, each sharing `overlap` of its documents with the next."""
    size = int(documents / (1 + (count - 1) * (1 - overlap)))
    step = int(size * (1 - overlap))
    return [np.arange(at * step, at * step + size) for at in range(count)]


def trained(field: Field, rows: Offsets, encoder: str, smallest: int, seed: int) -> Made:
    """A model of these documents by UMAP and HDBSCAN; `smallest` is the cluster size that is tried first."""
    own = field.vectors[encoder][rows]
    indices, distances = nearest_neighbours(own, 15)
    layout = lay_out(own, indices, distances, UmapSettings(n_neighbors=15, n_components=5, min_dist=0.0, seed=seed))
    for share in (1.0, 0.8, 0.6, 1.3, 0.4):
        labels = cluster(layout, HdbscanSettings(min_cluster_size=int(share * smallest), min_samples=5))
        sizes = np.bincount(labels[labels >= 0])
        if len(sizes) > 3 and sizes.max() <= LARGEST * len(rows):
            break
    return made_of(field, rows, encoder, labels)


def made_of(field: Field, rows: Offsets, encoder: str, labels: Integers) -> Made:
    """The model of a clustering that is given."""
    own = field.vectors[encoder][rows]
    head = topic_head(own, labels, own, 0.05)
    topic = assign(own, head).topic
    terms = Terms(field.words, tuple((at,) for at in range(len(field.words))), csr_array(field.counts[rows]))
    truth = [Counter(field.labels[row] for row in rows[topic == one]) for one in range(len(head.weight))]
    return Made(rows, labels, topic, head, describe(labels, terms, 10), encoder, tuple(map(_about, truth)))


def _about(truth: Counter[str]) -> str | None:
    if not truth:
        return None
    label, count = truth.most_common(1)[0]
    return label if count >= PURE * truth.total() else None


def answers(field: Field, made: Made, rows: Offsets) -> Integers:
    """What a model says of any documents of the field."""
    if not len(rows):
        return np.empty(0, np.int32)
    return assign(field.vectors[made.encoder][rows], made.head).topic


def unasked(profile: Profile, count: int) -> Integers:
    """The answers of a profile, with a mark for the anchor documents it was never asked about, `count` in all."""
    return np.concatenate([profile.anchors, np.full(count - len(profile.anchors), UNSCORED, np.int32)])


def rolled(field: Field, overlap: float, smallest: Sequence[int], encoders: Sequence[str]) -> list[Made]:
    """One model for each window, with its own seed."""
    spans = windows(len(field.labels), overlap, len(encoders))
    return [
        trained(field, rows, encoder, size, seed)
        for seed, (rows, size, encoder) in enumerate(zip(spans, smallest, encoders, strict=True))
    ]
