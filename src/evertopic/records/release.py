"""What a person must know before a new model is released: facts about two versions of one loop."""

from dataclasses import dataclass
from typing import Literal

from evertopic.records.facts import Interval
from evertopic.records.identity import Edit, Score

Fate = Literal["same", "revived", "split", "merged", "born", "gone"]
"""What becomes of a topic on the way: it goes on under its key; comes back after models without it; came out of
another; went into another; is new; is no more."""


@dataclass(frozen=True, slots=True)
class TopicChange:
    """One topic that at least one of the two versions has."""

    fate: Fate
    key: str
    other: str | None
    """Split: the topic it came out of. Merged: the one it goes into. None otherwise."""
    before: str | None
    """Its name in the old version; None: it is not there."""
    after: str | None
    """Its name in the new version; None: it is not there."""
    trained_before: int
    """Documents of the old version's training that it holds."""
    trained_after: int
    recent_before: int
    """Of the recent documents, as the old version answers."""
    recent_after: int
    score: Score | None
    """The evidence of the alignment that decided it; None where the key is simply the same, or nothing was compared."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Recent documents that have one key in the old version and another in the new one."""

    source: str | None
    """Key in the old version; None: unassigned."""
    source_name: str
    target: str | None
    target_name: str
    documents: int
    examples: tuple[str, ...]
    """Texts of the newest of them."""

    @property
    def moves(self) -> bool:
        """True between two different keys; to and from unassigned is no move."""
        return self.source is not None and self.target is not None and self.source != self.target


@dataclass(frozen=True, slots=True)
class EditAtRisk:
    """What a person decided about a topic that the new version divides, merges or has no more."""

    edit: Edit
    key: str
    """The topic: the one the edit is about, or the one it merges into."""
    name: str
    """As the old version calls it."""
    fate: Literal["split", "merged", "gone"]


@dataclass(frozen=True, slots=True)
class ReleaseDiff:
    """Two versions of one loop, side by side on the same recent documents."""

    loop: str
    model: str
    before: int
    """The version that is compared with, usually the champion."""
    after: int
    """The version that would be released."""
    topics: tuple[TopicChange, ...]
    """Those that change first, then the largest."""
    documents: int
    """Recent documents that both versions were asked about."""
    moved: Interval
    """Share of them that go from one key to another, with Wilson's 95 % interval; nan without documents."""
    lost: int
    """Documents with a topic before and none after."""
    found: int
    """Documents with a topic after and none before."""
    flows: tuple[Flow, ...]
    """All pairs of keys that documents have, those that stay among them, largest first; examples only where the key
    changes."""
    at_risk: tuple[EditAtRisk, ...]
