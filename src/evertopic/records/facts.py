"""Facts are small results that people and triggers read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from evertopic.records.refs import BundleRef, CandidateRef, SnapshotRef, SpaceRef, VectorsRef


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
    """Share of the assigned held-out documents whose topic is the commonest among their clustered neighbours."""
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
class Overruled:
    """A rule or a person's edit spoke, and this is what the model itself would have said."""

    rule: str | None
    """The name of the rule's category; None where no rule spoke."""
    key: str | None
    name: str
    strength: float
    edit: str | None = None
    """The id of the edit; where a rule spoke too, the rule had the last word. None where no edit spoke."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer. `key` is None when the document is unassigned, `rule:NAME` where a rule named a category."""

    key: str | None
    name: str
    words: tuple[str, ...]
    strength: float
    alternatives: tuple[tuple[str, float], ...]
    """The next best topics: (key, probability), best first."""
    remark: Literal["empty", "no words", "short"] | None = None
    """What is unusual about the text: nothing is left after cleaning, no word is in it (both are unassigned with
    strength 0), or it has fewer words than any document the model was made of."""
    overruled: Overruled | None = None
    """None where the model spoke."""


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
