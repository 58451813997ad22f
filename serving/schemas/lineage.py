"""What became of topics from model to model."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from evertopic.records import Generation, LineageEvent, LineageKind, Score
from serving.schemas.base import EXAMPLE_KEY, Asked, Moment, Shape


class LineageQuery(Asked):
    """At which time."""

    as_of: Annotated[Moment | None, Field(examples=["2100-01-01T00:00:00Z"])] = None
    """What was known then; without one, now."""


class EvidenceShown(Shape):
    """Why two topics of different models are taken for the same, or not."""

    probability: float
    """That they are the same, in [0, 1]."""
    cosine: float | None
    """Of the centroids: 1 the same place, 0 as far apart as two topics of one model are on average; null where the
    models have different encoders."""
    words: float
    """Likeness of the top words, in [0, 1]."""
    anchors: float | None
    """How far they hold the same anchor documents, in [0, 1]; null where there are too few."""
    shared: int
    """Anchor documents that both hold."""

    @classmethod
    def of(cls, score: Score) -> "EvidenceShown":
        """The evidence to show."""
        return cls(**{field: getattr(score, field) for field in Score.__slots__})


class LineageItem(Shape):
    """What one generation of models did to one topic."""

    generation: int
    at: datetime
    kind: LineageKind
    """`born`; `kept`; `revived` after models without it; `split` off another topic, which may go on beside it; `merged`
    into another; `retired`."""
    key: Annotated[str, Field(examples=[EXAMPLE_KEY])]
    name: str
    """As the model called it then."""
    documents: int
    """Documents of the training that it held; 0 of a topic that is gone."""
    other: str | None
    """The topic it was split off or merged into; of one that was born or retired, the one most like it."""
    evidence: EvidenceShown | None
    """Null in a first generation."""

    @classmethod
    def of(cls, event: LineageEvent) -> "LineageItem":
        """The event to show."""
        return cls(
            generation=event.generation,
            at=event.at,
            kind=event.kind,
            key=event.key,
            name=event.name,
            documents=event.documents,
            other=event.other,
            evidence=None if event.score is None else EvidenceShown.of(event.score),
        )


class GenerationEntry(Shape):
    """One clustering in the lineage of the loop."""

    generation: int
    at: datetime
    topics: int
    version: int | None
    """Of the registered model first made of it; null where none was."""

    @classmethod
    def of(cls, generation: Generation) -> "GenerationEntry":
        """The generation to show."""
        return cls(generation=generation.number, at=generation.at, topics=generation.topics, version=generation.version)


class Lineage(Shape):
    """All generations, oldest first, and what each of them did to the topics."""

    generations: tuple[GenerationEntry, ...]
    events: tuple[LineageItem, ...]

    @classmethod
    def of(cls, generations: Sequence[Generation], events: Sequence[LineageEvent]) -> "Lineage":
        """The lineage to show."""
        return cls(generations=tuple(map(GenerationEntry.of, generations)), events=tuple(map(LineageItem.of, events)))


class TopicLineage(Shape):
    """The life of one topic, oldest first: its own events, what was split off it and what was merged into it."""

    key: str
    events: tuple[LineageItem, ...]
