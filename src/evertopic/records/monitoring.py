"""Facts of monitoring: what one check looked at, what each detector said, how the model does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from evertopic.records.facts import Interval

About = Literal["new subject", "other proportions", "other texts", "model"]
"""What a detector speaks of: texts unlike anything in the reference; known subjects in other shares; texts of another
form (length, language, words); how the model does on them."""
Level = Literal["none", "low", "medium", "high"]
"""By the share of documents concerned, not by p."""
Direction = Literal["improving", "stable", "degrading", "unknown"]


@dataclass(frozen=True, slots=True)
class Window:
    """The documents one check looked at, at rest in the lake."""

    key: str
    """Of the snapshot in the lake."""
    digest: str
    since: datetime | None
    """None: from the first document on."""
    until: datetime
    documents: int
    ingested: int
    """Of them, those that came from the source."""
    served: int
    """Of them, those the API or a batch was asked about."""


@dataclass(frozen=True, slots=True)
class TopicShift:
    """One topic in the window, beside the reference."""

    key: str | None
    """None: unassigned."""
    name: str
    before: float
    """Share of the reference, in [0, 1]."""
    now: float
    """Share of the window, in [0, 1]."""
    p: float | None
    """That its documents look as they did, corrected for the number of topics; None: too few to say."""


@dataclass(frozen=True, slots=True)
class DriftVerdict:
    """What one detector said of one window."""

    detector: str
    about: About
    state: Literal["drift", "none", "refused"]
    statistic: float | None
    p: float | None
    """That a window without drift looks at least as different, in (0, 1]."""
    threshold: float | None
    """Drift from this p down: the share of the false-alarm budget that one look of this detector may spend."""
    size: float | None
    """Estimated share of the window's documents concerned, in [0, 1]."""
    level: Level
    least: int
    """The smallest window it accepts."""
    said: str
    """One sentence for people; of a refusal, what was found, expected, and what to do."""
    documents: tuple[str, ...] = ()
    """Ids of the documents that contributed most, the first most."""
    topics: tuple[TopicShift, ...] = ()
    """The topics that contributed most."""
    seconds: float = 0.0

    @property
    def drifted(self) -> bool:
        """True for drift."""
        return self.state == "drift"


@dataclass(frozen=True, slots=True)
class DriftReport:
    """All verdicts of one check."""

    loop: str
    model: str
    version: int
    """The champion that was watched."""
    at: datetime
    window: Window
    verdicts: tuple[DriftVerdict, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    """Documents of the window by topic key, `unassigned` among them: the history of later checks."""

    def about(self, what: About) -> tuple[DriftVerdict, ...]:
        """The verdicts that speak of this."""
        return tuple(verdict for verdict in self.verdicts if verdict.about == what)

    def drifted(self, what: About) -> bool:
        """True when a detector that speaks of this says drift."""
        return any(verdict.drifted for verdict in self.about(what))


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of how the champion does now, beside what it did when it was registered."""

    name: str
    """accuracy, macro_f1 (labels or feedback), coherence, unassigned, strength (label-free)."""
    now: Interval
    then: Interval | None
    """At registration; None: not measured then."""
    documents: int
    better: Literal["higher", "lower"]
    trend: Direction
    slope: Interval | None
    """Change a day over the last 30 days, with its 95 % interval; None: fewer than five checks."""


@dataclass(frozen=True, slots=True)
class Performance:
    """How the champion does on what came lately."""

    measures: tuple[Measure, ...]
    right: int
    """Last words of feedback since the champion was released."""
    wrong: int
    people: int
    """Who gave them."""

    def get(self, name: str) -> Measure | None:
        """The measure of this name, None where it was not taken."""
        return next((measure for measure in self.measures if measure.name == name), None)


@dataclass(frozen=True, slots=True)
class Check:
    """One pass of the monitor, at rest, also when nothing happened."""

    id: str
    loop: str
    at: datetime
    model: str
    version: int
    window: Window
    drift: DriftReport
    performance: Performance
    page: str | None
    """Key of the Evidently report in the lake."""
    seconds: float
