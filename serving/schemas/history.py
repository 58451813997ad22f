"""What was answered, and what people said of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from evertopic.records import Feedback, LoggedPrediction, ServedStats
from serving.schemas.answers import OwnAnswer
from serving.schemas.base import Asked, ModelTag, Moment, Shape
from serving.schemas.feedback import FeedbackShown

LARGEST_VERSION = 2**31 - 1


class Span(Asked):
    """A span of time."""

    since: Annotated[Moment | None, Field(examples=["2026-01-01T00:00:00Z"])] = None
    """From this moment on."""
    until: Annotated[Moment | None, Field(examples=["2100-01-01T00:00:00Z"])] = None
    """Before this moment."""


class HistoryQuery(Span):
    """Which answers, and how many at once."""

    topic: Annotated[str | None, Field(min_length=1, max_length=100, examples=["unassigned"])] = None
    """A topic's key, `rule:NAME`, or `unassigned`."""
    version: Annotated[int | None, Field(ge=1, le=LARGEST_VERSION, examples=[1])] = None
    """Of the model."""
    after: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    """`next` of the page before."""
    limit: Annotated[int, Field(ge=1, le=500, examples=[10])] = 50


class AlternativeKey(Shape):
    """A topic that came next."""

    key: str
    probability: float


class HistoryItem(Shape):
    """One answer as it was given."""

    id: str
    at: datetime
    source: Literal["api", "batch", "cli"]
    by: str
    """Id of the API key; `local` where none was needed."""
    model: ModelTag
    text: str | None
    """In full, without e-mail addresses and numbers of people, or null: as `log.text` of the config says."""
    text_digest: str
    key: str | None
    """Null: unassigned."""
    name: str
    strength: float
    alternatives: tuple[AlternativeKey, ...]
    remark: str | None
    overruled: OwnAnswer | None
    feedback: tuple[FeedbackShown, ...]

    @classmethod
    def of(cls, row: LoggedPrediction, said: Sequence[Feedback]) -> "HistoryItem":
        """The logged answer to show, with what was said of it."""
        own = None
        if row.rule is not None or row.edit is not None:
            own = OwnAnswer(
                rule=row.rule, edit=row.edit, key=row.model_key, name=row.model_name, strength=row.model_strength
            )
        return cls(
            id=row.id,
            at=row.at,
            source=row.source,
            by=row.by,
            model=ModelTag(name=row.model, version=row.version, alias=row.alias),
            text=row.text,
            text_digest=row.text_digest,
            key=row.key,
            name=row.name,
            strength=row.strength,
            alternatives=tuple(AlternativeKey(key=key, probability=chance) for key, chance in row.alternatives),
            remark=row.remark,
            overruled=own,
            feedback=tuple(map(FeedbackShown.of, said)),
        )


class HistoryPage(Shape):
    """Answers, newest first."""

    items: tuple[HistoryItem, ...]
    next: str | None
    """For `after`, to get the page that follows; null: this was the last one."""


class KeyCount(Shape):
    """Answers with one key."""

    key: str | None
    """Null: unassigned."""
    name: str
    answers: int


class VersionCount(Shape):
    """Answers of one version of the model."""

    version: int
    answers: int


class DayCount(Shape):
    """Answers of one day, UTC."""

    day: date
    answers: int


class RuleCount(Shape):
    """Answers of one rule."""

    rule: str
    answers: int


class Stats(Shape):
    """Answers, counted."""

    answers: int
    unassigned: int
    mean_strength: float | None
    """Null where there are no answers."""
    topics: tuple[KeyCount, ...]
    """The most frequent first."""
    versions: tuple[VersionCount, ...]
    days: tuple[DayCount, ...]
    """In order; days without answers are left out."""
    rules: tuple[RuleCount, ...]
    right: int
    """Times that people said so."""
    wrong: int

    @classmethod
    def of(cls, found: ServedStats) -> "Stats":
        """The counts to show."""
        return cls(
            answers=found.total,
            unassigned=found.unassigned,
            mean_strength=found.mean_strength,
            topics=tuple(KeyCount(key=key, name=name, answers=count) for key, name, count in found.by_key),
            versions=tuple(VersionCount(version=version, answers=count) for version, count in found.by_version),
            days=tuple(DayCount(day=day, answers=count) for day, count in found.by_day),
            rules=tuple(RuleCount(rule=rule, answers=count) for rule, count in found.by_rule),
            right=found.right,
            wrong=found.wrong,
        )
