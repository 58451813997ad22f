"""Why a text was answered as it was."""

from dataclasses import dataclass

from evertopic.records.facts import Prediction


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A document the model was made of that is near to the text."""

    text: str
    """Cleaned, its beginning."""
    cosine: float
    """To the text, in [-1, 1]; 1: the same direction."""
    key: str | None
    """The topic the model itself gives it; None: unassigned."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one topic stands towards the text."""

    key: str
    name: str
    cosine: float
    """To the topic's centroid, in [-1, 1]."""
    threshold: float
    """The least cosine with which a text still belongs to the topic; -2 or less: any does."""
    probability: float
    """Calibrated, in [0, 1]; over all topics they sum to 1."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One answer and what it rests on."""

    answer: Prediction
    """With what a rule overruled, if one spoke."""
    text: str
    """As the model read it: cleaned."""
    words: tuple[str, ...]
    """The words of the answer's topic that the text has; of a pair of words, both somewhere."""
    topics: tuple[Standing, ...]
    """The best topics by probability, at most ten; none for a text of which cleaning leaves nothing."""
    neighbours: tuple[Neighbour, ...]
    """Nearest first; repetitions of a document are left out."""
    note: str | None
    """Why there are no topics or no neighbours; None where there are."""
