"""Facts about the identity of topics: what carries a key from model to model, and what people have made of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LineageKind = Literal["born", "kept", "revived", "split", "merged", "retired"]
"""What happens to a topic when a model is made: it is new; goes on; comes back after models without it; has come out of
another topic of the model before, which may go on beside it; has gone into another; is no more."""
EditKind = Literal["rename", "merge", "split", "pin", "hide", "move"]


@dataclass(frozen=True, slots=True)
class Score:
    """The evidence that two topics of different models are the same."""

    probability: float
    """In [0, 1], calibrated on planted topics."""
    cosine: float | None
    """Of the centroids: 1 the same place, 0 as far apart as two topics of one model are on average; None where the
    models have different encoders."""
    words: float
    """Cosine of the c-TF-IDF weights of the top words, in [0, 1]."""
    anchors: float | None
    """2 |A and B| / (|A| + |B|) over the anchor documents that both models were asked about, in [0, 1]; None where
    there are too few to say."""
    shared: int
    """|A and B|: anchor documents that both topics hold."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One clustering in the lineage of a loop."""

    loop: str
    number: int
    """1 for the first, without gaps."""
    clustering: str
    """Digest: other names, rules or an outlier budget on the same clustering are the same generation."""
    at: datetime
    topics: int
    encoder: str
    """Fingerprint."""
    version: int | None
    """The first that was registered of it; None: none was, its training was refused or is under way."""


@dataclass(frozen=True, slots=True)
class LineageEvent:
    """What one generation did to one topic, with the evidence."""

    generation: int
    at: datetime
    kind: LineageKind
    key: str
    name: str
    """As the model called it in this generation; of a topic that is gone, in the last one it was in."""
    documents: int
    """Assigned to it in this generation; 0 of a topic that is gone."""
    other: str | None
    """Split: the topic it came out of. Merged: the one it went into. Born, retired: the one most like it."""
    score: Score | None
    """Against its own last appearance (kept, revived) or against `other`; None in a first generation."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person decided about topics. It never changes; undoing it is a decision of its own."""

    id: str
    loop: str
    at: datetime
    by: str
    kind: EditKind
    key: str
    """Of the topic it is about: renamed, merged into `into`, divided, hidden, pinned, or where the text belongs."""
    into: str | None = None
    """Merge: the topic that stays. Split: the key of the new topic."""
    name: str | None = None
    """Rename, split, pin: what the topic is called from now on."""
    texts: tuple[str, ...] = ()
    """Split: documents of the new topic. Pin: what the topic is about. Move: the documents that belong there."""
    comment: str | None = None
    generation: int | None = None
    """Of the model that answered when it was decided: what later ones did to the topic, nobody had seen. None: not
    known, and its time tells."""
    undone_at: datetime | None = None
    undone_by: str | None = None
