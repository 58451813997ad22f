"""What a report tells. Everything is handed over; a report computes no model, reads no clock and no disk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evertopic.errors import BadInput
from evertopic.records import BatchFacts, Choice, CorpusFacts, Coverage, LineageEvent, Parity, Scorecard, Topic, Trial


@dataclass(frozen=True, slots=True)
class DocumentMap:
    """n documents laid out in the plane, for the eye only.

    Raises:
        BadInput: the columns differ in length.
    """

    x: NDArray[np.floating]
    y: NDArray[np.floating]
    topic: NDArray[np.integer]
    """(n,) index into `TrainingStory.topics`, -1 unassigned."""
    titles: tuple[str, ...]
    """A short piece of each text."""
    ids: tuple[str, ...]

    def __post_init__(self) -> None:
        lengths = {"x": len(self.x), "y": len(self.y), "topic": len(self.topic)}
        lengths |= {"titles": len(self.titles), "ids": len(self.ids)}
        if len(set(lengths.values())) > 1:
            found = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise BadInput(f"A document map has one row a document, found {found}: lay out the same documents.")

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class TrainingStory:
    """One training from the rows read to the model registered.

    Raises:
        BadInput: linkage or map speak of other topics than `topics`.
    """

    loop: str
    model: str
    batch: BatchFacts | None
    """None when the run read nothing and took its documents from the store."""
    corpus: CorpusFacts
    criteria: tuple[str, ...]
    """Names of the scorecard fields that decided, most important first."""
    trials: tuple[Trial, ...]
    """All that was tried; the baseline has `candidate.kind == "nmf"`."""
    choice: Choice
    topics: tuple[Topic, ...]
    scorecard: Scorecard
    """Of the chosen candidate."""
    coverage: Coverage
    parity: Parity | None
    """None before the model was registered and loaded again."""
    map: DocumentMap
    linkage: NDArray[np.floating]
    """(k - 1, 4) scipy linkage matrix; leaf i is `topics[i]`."""
    provenance: tuple[tuple[str, str], ...]
    """(label, value): digests, versions, seed, start time, links."""
    seconds: tuple[tuple[str, float], ...]
    """(step, seconds) in the order they ran."""
    lineage: tuple[LineageEvent, ...] = ()
    """What became of the topics of earlier models; empty for a first one."""

    def __post_init__(self) -> None:
        expected = (max(len(self.topics) - 1, 0), 4)
        if expected[0] and self.linkage.shape != expected:
            raise BadInput(f"{len(self.topics)} topics need a linkage of shape {expected}, found {self.linkage.shape}.")
        if len(self.map) and not -1 <= int(self.map.topic.min()) <= int(self.map.topic.max()) < len(self.topics):
            raise BadInput(
                f"The map names topics {self.map.topic.min()} to {self.map.topic.max()}, "
                f"expected -1 to {len(self.topics) - 1}: give indices into the story's topics."
            )
