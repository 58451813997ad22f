"""The topics of one model as identity sees them."""

from dataclasses import dataclass

from evertopic.records import Floats, Integers

UNSCORED = -2
"""The topic of an anchor document that this model was never asked about."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The k topics of one model: where they are, what they are called by, and which anchor documents they hold."""

    keys: tuple[str, ...]
    """Permanent keys by topic; empty for a model that has none yet."""
    encoder: str
    """Fingerprint. Centroids of two encoders cannot be compared."""
    centroids: Floats
    """(k, d) unit rows."""
    words: tuple[tuple[str, ...], ...]
    weights: tuple[tuple[float, ...], ...]
    """c-TF-IDF, same shape as `words`."""
    anchors: Integers
    """(a,) the topic this model gives each anchor document, -1 unassigned, -2 never asked. The lists of a lineage are
    one list that grows: place i is the same document everywhere, and what a short list lacks was never asked."""

    def __len__(self) -> int:
        return len(self.words)
