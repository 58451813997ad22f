"""The nouns. Refs travel between tasks, Values live inside one task, Facts are read by people and triggers.

`n` documents, `d` vector width, `k` topics or classes, `v` terms, `t` tokens. Arrays are never mutated.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]
Offsets = NDArray[np.int64]
Times = NDArray[np.datetime64]

UNASSIGNED = -1
"""The topic of a document that belongs to none."""


# ---------------------------------------------------------------- Refs: a key in the lake, a digest, counts


@dataclass(frozen=True, slots=True)
class SnapshotRef:
    """A window of documents at rest in the lake: one Parquet file, one row a document, in a fixed order."""

    key: str
    digest: str
    documents: int


@dataclass(frozen=True, slots=True)
class VectorsRef:
    """Unit vectors at rest: a float32 (n, d) array whose row i is document i of the snapshot."""

    key: str
    digest: str
    documents: int
    width: int
    encoder: str
    """The encoder's fingerprint: weights, back-end and precision."""


@dataclass(frozen=True, slots=True)
class SpaceRef:
    """Everything the trials of one search share, computed once: split, neighbours, document-term counts."""

    key: str
    digest: str
    fitted: int
    """Documents the trials are fitted on."""
    held_out: int
    """Documents the trials are judged on; never seen by a fit."""


@dataclass(frozen=True, slots=True)
class LayoutRef:
    """One UMAP embedding of the fitted documents: a float32 (n, components) array."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class CandidateRef:
    """One fitted candidate: labels of the fitted documents and the top terms of each topic."""

    key: str
    digest: str
    kind: str
    topics: int


@dataclass(frozen=True, slots=True)
class BundleRef:
    """A model at rest: a folder in the lake with a manifest of the SHA-256 of each file."""

    key: str
    digest: str
    topics: int


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A registered version. `created` is False when the registry already held this very bundle."""

    name: str
    version: int
    aliases: tuple[str, ...]
    run_id: str
    model_uri: str
    digest: str
    created: bool


# ---------------------------------------------------------------- Values: feed pure functions inside one task


@dataclass(frozen=True, slots=True)
class Documents:
    """n documents in a fixed order."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    times: Times
    """datetime64[s] (n,) in UTC; NaT where the source gave none."""
    labels: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.ids)


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


# ---------------------------------------------------------------- Facts: small results


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Why rows were refused, how many, and where a few of them came from."""

    reason: str
    rows: int
    examples: tuple[str, ...]
    """`file:row: what was found`, at most five."""


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """What became of the rows of one ingest. `read` = `new` + `known` + all quarantined."""

    read: int
    new: int
    known: int
    """Rows the store already held, word for word."""
    quarantined: tuple[Quarantined, ...]
    source_digest: str
    watermark: datetime | None
    """The latest timestamp seen, None without timestamps."""


@dataclass(frozen=True, slots=True)
class CorpusFacts:
    """What the documents of one snapshot look like after preprocessing."""

    documents: int
    duplicates: int
    """Documents whose cleaned text an earlier document already has; kept, linked, not fitted twice."""
    dropped: tuple[Quarantined, ...]
    """Documents that no longer had enough text after cleaning."""
    lengths: tuple[tuple[int, int], ...]
    """Histogram of words per document: (lower edge, documents); the last bin is open."""
    top_words: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    """(ISO 639-1 code, documents), most frequent first."""
    since: datetime | None
    until: datetime | None
    labels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class TopicQuality:
    """How one topic does on the held-out documents. nan where its words never occur there."""

    c_v: float
    npmi: float
    u_mass: float
    recurrence: float
    """Mean over other seeds of the best Jaccard overlap with a topic there, in [0, 1]; nan if not measured."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What one candidate is worth on the held-out documents."""

    topics: int
    c_v: Interval
    npmi: Interval
    u_mass: Interval
    diversity: float
    """Share of distinct words among all top words, in (0, 1]."""
    balance: float
    """Entropy of topic sizes over its maximum log(k), in [0, 1]; 1 = all topics equally large; 0 for one topic."""
    largest: float
    """Share of the clustered documents that the largest topic holds, in (0, 1]."""
    unclustered: float
    """Share of the fitted documents that the clustering left out."""
    unassigned: float
    """Share of held-out documents that the assignment function leaves unassigned (cross-fitted thresholds)."""
    agreement: Interval
    """Share of the assigned held-out documents whose nearest fitted neighbours mostly carry the same topic."""
    separation: Interval
    """Mean silhouette by cosine of the held-out documents under the assignment, in [-1, 1]; 0 for one topic."""
    stability: Interval | None
    """Adjusted Rand index between fits with other seeds; None where only one seed was fitted."""
    nmi: float | None
    """Normalised mutual information with the labels of the source, None without labels. Never used to choose."""
    ari: float | None
    documents: int
    """Held-out documents measured on."""
    per_topic: tuple[TopicQuality, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One row of the search: what was tried and what came out."""

    candidate: CandidateRef
    settings: tuple[tuple[str, str | int | float], ...]
    scorecard: Scorecard
    on_front: bool
    """No other trial is at least as good in every criterion and better in one."""
    finalist: bool
    """Its stability over several seeds was measured."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidate won, and why, in words."""

    candidate: CandidateRef
    reason: str
    beaten: tuple[str, ...]
    """One sentence for each alternative on the front."""
    beats_baseline: bool


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """At this share of documents assigned, how often is the assignment confirmed."""

    coverage: float
    precision: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """The outlier budget: what was asked, what held-out documents got, and what coverage costs."""

    target: float
    """Share of documents that may stay unassigned."""
    reached: Interval
    """Share unassigned among held-out documents that did not set the threshold (cross-fitted)."""
    confirmed_by: str
    """`labels` or `neighbours`: what the precision of the curve is measured against."""
    curve: tuple[CoveragePoint, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic or class of a model, as people see it."""

    key: str
    """Permanent, opaque, never reused."""
    name: str
    words: tuple[str, ...]
    weights: tuple[float, ...]
    documents: int
    """Documents of the snapshot assigned to it."""
    representatives: tuple[str, ...]
    """Texts of the fitted documents nearest to its centroid."""
    quality: TopicQuality


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer. `key` is None when the document is unassigned."""

    key: str | None
    name: str
    words: tuple[str, ...]
    strength: float
    alternatives: tuple[tuple[str, float], ...]
    """The next best topics: (key, probability), best first."""


@dataclass(frozen=True, slots=True)
class Parity:
    """Does the model reloaded from the registry answer as the one in memory?"""

    documents: int
    equal: float
    """Share of equal answers, in [0, 1]."""
    required: float


@dataclass(frozen=True, slots=True)
class TrainingCard:
    """What one training left, found again by the digest of its model, for screens that speak of it later."""

    loop: str
    documents: SnapshotRef
    vectors: VectorsRef
    space: SpaceRef
    bundle: BundleRef
    report: str
    """Key of the HTML report in the lake."""
    trials: int
    """Candidates that were judged, the baseline among them."""
    choice: Choice
    coverage: Coverage
    scorecard: Scorecard
    topics: tuple[Topic, ...]
    parity: Parity
    findings: tuple[tuple[str, str, str], ...]
    """(about, sentence, `good`, `plain` or `care`): the summary in plain words, most important first."""
    seconds: tuple[tuple[str, float], ...]
    """(step, seconds) when each step was made, in the order of the walk."""
    seed: int
