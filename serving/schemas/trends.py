"""Topic shares over time, as people see them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from evertopic.records import Trend, TrendTopic
from serving.schemas.base import Shape
from serving.schemas.history import Span


class TrendQuery(Span):
    """How fine, and in whose words."""

    period: Annotated[Literal["day", "week", "month"], Field(examples=["week"])] = "day"
    """Of UTC; a week begins on Monday."""
    restated: bool = False
    """True: all as the version that answers now says, where it has restated what others answered; shares do not jump
    when the model changes. False: as it was served."""


class TrendPeriod(Shape):
    """One day, week or month."""

    start: date
    answers: int
    """What shares are shares of."""
    without_text: int
    """Answers that are left out of a restated trend for good: only the digest of their text was kept."""
    waiting: int
    """Answers that are left out of it because nobody has restated them."""


class TrendLine(Shape):
    """One topic through all periods."""

    key: str | None
    """Null: unassigned."""
    name: str
    answers: tuple[int, ...]
    shares: tuple[float | None, ...]
    """Null where a period has no answers."""

    @classmethod
    def of(cls, trend: Trend, topic: TrendTopic) -> "TrendLine":
        """The line of a topic."""
        return cls(key=topic.key, name=topic.name, answers=topic.answers, shares=trend.shares(topic))


class ModelChange(Shape):
    """When another version began to answer."""

    at: datetime
    version: int


class Trends(Shape):
    """Topic shares over time."""

    period: Literal["day", "week", "month"]
    version: int | None
    """Whose words these are; null: as served."""
    periods: tuple[TrendPeriod, ...]
    """In order; none is left out between the first and the last."""
    topics: tuple[TrendLine, ...]
    """Those with most answers first, unassigned last."""
    changes: tuple[ModelChange, ...]

    @classmethod
    def of(cls, trend: Trend) -> "Trends":
        """The trend to show."""
        counts = zip(trend.starts, trend.answers, trend.without_text, trend.waiting, strict=True)
        return cls(
            period=trend.period,
            version=trend.version,
            periods=tuple(
                TrendPeriod(start=start, answers=answers, without_text=lost, waiting=waiting)
                for start, answers, lost, waiting in counts
            ),
            topics=tuple(TrendLine.of(trend, topic) for topic in trend.topics),
            changes=tuple(ModelChange(at=at, version=version) for at, version in trend.changes),
        )
