"""What serving leaves in the store: predictions, what people said of them, and who may ask."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, Self

Role = Literal["viewer", "predictor", "labeller", "admin"]
"""Each role may do what the ones before it may."""


@dataclass(frozen=True, slots=True)
class LoggedPrediction:
    """One answer as it was given, with everything needed to find out why."""

    id: str
    """Unique: a UUID of version 7, ordered by time; in a batch one of version 8, made of row and run."""
    loop: str
    at: datetime
    """UTC."""
    source: Literal["api", "batch", "cli"]
    by: str
    """Id of the API key, or `local` where nobody had to show one."""
    model: str
    version: int
    alias: str | None
    """The alias the model was asked for by, None where it was asked for by number."""
    text: str | None
    """As LogRule says: in full, redacted, or None."""
    text_digest: str
    """Of the full text."""
    key: str | None
    """Topic, class or `rule:NAME`; None: unassigned."""
    name: str
    strength: float
    alternatives: tuple[tuple[str, float], ...]
    remark: str | None
    rule: str | None
    """The rule that spoke; the model's own answer is in the next three."""
    model_key: str | None
    model_name: str
    model_strength: float
    edit: str | None = None
    """The edit of a person that spoke; the model's own answer is in the three before."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person or program said of one prediction; the last word counts."""

    prediction: str
    loop: str
    by: str
    at: datetime
    verdict: Literal["right", "wrong"]
    key: str | None
    """The topic that would have been right."""
    label: str | None
    """Its name in the person's own words, where no topic fits."""
    comment: str | None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Who may call the API. The secret itself is stored nowhere."""

    id: str
    name: str
    """Whose it is, in words."""
    role: Role
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServedStats:
    """What one loop answered in a span of time, counted; days are days of UTC."""

    total: int
    unassigned: int
    mean_strength: float | None
    """Of all answers, the unassigned ones among them; None where there are none."""
    by_key: tuple[tuple[str | None, str, int], ...]
    """(key, its latest name, answers), most frequent first; key None: unassigned."""
    by_version: tuple[tuple[int, int], ...]
    """(version, answers), newest version first."""
    by_day: tuple[tuple[date, int], ...]
    """(day, answers), in order; days without any are left out."""
    by_rule: tuple[tuple[str, int], ...]
    """(rule that spoke, answers), most frequent first."""
    right: int
    """Words of feedback on these answers that say so; two people who speak of one answer count twice."""
    wrong: int

    def named(self, names: Mapping[str, str]) -> Self:
        """The same counts, the topics by these names where they have one, by key."""
        return replace(self, by_key=tuple((key, names.get(key or "", name), n) for key, name, n in self.by_key))


@dataclass(frozen=True, slots=True)
class LogState:
    """How the prediction log does at this moment. `stored`, `lost` and `torn` are of this process, since it began."""

    waiting: int
    """Rows not yet in the database."""
    stored: int
    lost: int
    """Rows that neither disk, memory nor database would take."""
    torn: int
    """Lines of the journal that could not be read: cut off with a killed process (nobody's answer yet), or damaged."""
    journal_bytes: int
    """On this disk, by this process or left over by dead ones that it took over."""
    database_away: str | None
    """Why the database takes nothing, None while it does."""
    in_memory: int = 0
    """Those of the waiting rows that the disk would not take: they would die with the process."""
    disk_away: str | None = None
    """Why the disk takes nothing, None while it does."""
