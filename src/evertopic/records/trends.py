"""Topic shares over time, as served and as one version would have served them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, Self

Period = Literal["day", "week", "month"]
"""Of UTC; a week begins on Monday."""


@dataclass(frozen=True, slots=True)
class TrendTopic:
    """One topic through the periods of a trend."""

    key: str | None
    """Topic or `rule:NAME`; None: unassigned."""
    name: str
    """The latest it was answered with."""
    answers: tuple[int, ...]
    """In each period."""


@dataclass(frozen=True, slots=True)
class Trend:
    """Answers of one loop, counted by period and key."""

    loop: str
    period: Period
    version: int | None
    """None: as served. Else as this version says: its own answers, and those of others that it has restated."""
    starts: tuple[date, ...]
    """First day of each period, in order, none left out between the first and the last."""
    answers: tuple[int, ...]
    """In each period; what shares are shares of."""
    topics: tuple[TrendTopic, ...]
    """Those with most answers first, unassigned last."""
    without_text: tuple[int, ...]
    """In each period: answers that no other version can restate, because only the digest of their text was kept."""
    waiting: tuple[int, ...]
    """In each period: answers that could be restated and have not been."""
    changes: tuple[tuple[datetime, int], ...]
    """(time, version): when another version than the first answered for the first time."""

    def shares(self, topic: TrendTopic) -> tuple[float | None, ...]:
        """The part of each period's answers that a topic has; None where there are no answers."""
        return tuple(part / whole if whole else None for part, whole in zip(topic.answers, self.answers, strict=True))

    def named(self, names: Mapping[str, str]) -> Self:
        """The same trend, its topics by these names where they have one, by key."""
        topics = (replace(one, name=names.get(one.key or "", one.name)) for one in self.topics)
        return replace(self, topics=tuple(topics))


@dataclass(frozen=True, slots=True)
class Restatement:
    """What a version says to a text that another version has answered."""

    prediction: str
    """Id of that answer."""
    version: int
    loop: str
    at: datetime
    """When it was answered, in UTC."""
    key: str | None
    name: str
    strength: float


@dataclass(frozen=True, slots=True)
class Restated:
    """What one restating has done."""

    version: int
    since: datetime
    restated: int
    """Answers that were restated now."""
    without_text: int
    """Answers that cannot be, because only the digest of their text was kept."""
