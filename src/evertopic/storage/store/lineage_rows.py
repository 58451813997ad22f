"""What the lineage keeps, and the rows it keeps it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Row

from evertopic.identity.profile import Profile
from evertopic.records import Floats, Generation, LineageEvent, Score

NUMBERS, TOPICS = np.dtype("<f4"), np.dtype("<i4")
"""Of arrays at rest."""


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier generation, with everything a later one is compared with."""

    generation: Generation
    profile: Profile
    names: tuple[str, ...]
    """As the model called its topics, whatever people call them since."""
    documents: tuple[int, ...]
    """Assigned to each topic when the generation was made."""
    threshold: Floats
    """(k,) the least logit with which a document belongs to the topic."""
    encoder: Mapping[str, Any]
    """Settings of its encoder, as in a config."""


@dataclass(frozen=True, slots=True)
class NewGeneration:
    """What one training brings to the lineage."""

    past: Past
    """Number and keys complete; its anchors answer for all anchor documents, the new ones last."""
    events: tuple[LineageEvent, ...]
    anchors: tuple[tuple[str, str], ...]
    """Further anchor documents: (digest, text)."""
    predecessor: Past | None
    """The generation it was compared with last, with its answers for these too; None for the first."""


def generation_of(row: Row[Any]) -> Generation:
    """A generation, from a row that also counts its topics."""
    return Generation(row.loop, row.number, row.clustering, row.at, row.topics, row.encoder, row.version)


def past_of(row: Row[Any], topics: Sequence[Row[Any]]) -> Past:
    """A generation with what it is compared by, from its row and those of its topics in their order."""
    width = len(topics[0].centroid) // NUMBERS.itemsize if topics else 0
    centroids = np.frombuffer(b"".join(topic.centroid for topic in topics), NUMBERS).reshape(len(topics), width)
    profile = Profile(
        keys=tuple(topic.key for topic in topics),
        encoder=row.encoder,
        centroids=centroids.astype(np.float32),
        words=tuple(tuple(topic.words) for topic in topics),
        weights=tuple(tuple(topic.weights) for topic in topics),
        anchors=np.frombuffer(row.anchors, TOPICS).astype(np.int32),
    )
    threshold = np.array([topic.threshold for topic in topics], np.float32)
    names, documents = (tuple(getattr(topic, field) for topic in topics) for field in ("name", "documents"))
    return Past(generation_of(row), profile, names, documents, threshold, row.encoder_settings)


def generation_row(past: Past) -> dict[str, Any]:
    """The row of a generation."""
    generation = past.generation
    row = {field: getattr(generation, field) for field in ("loop", "number", "clustering", "at", "encoder")}
    return row | {
        "encoder_settings": dict(past.encoder),
        "anchors": past.profile.anchors.astype(TOPICS).tobytes(),
    }


def topic_rows(new: NewGeneration) -> list[dict[str, Any]]:
    """The rows of its topics."""
    generation, profile = new.past.generation, new.past.profile
    return [
        {
            "loop": generation.loop,
            "generation": generation.number,
            "topic": topic,
            "key": profile.keys[topic],
            "name": new.past.names[topic],
            "words": list(profile.words[topic]),
            "weights": list(profile.weights[topic]),
            "documents": new.past.documents[topic],
            "centroid": profile.centroids[topic].astype(NUMBERS).tobytes(),
            "threshold": float(new.past.threshold[topic]),
        }
        for topic in range(len(profile))
    ]


def event_row(loop: str, event: LineageEvent) -> dict[str, Any]:
    """The row of an event."""
    row = {field: getattr(event, field) for field in ("generation", "key", "kind", "name", "documents", "other")}
    score = {field: getattr(event.score, field, None) for field in Score.__slots__}
    return {"loop": loop, **row, **score}


def event_of(row: Row[Any]) -> LineageEvent:
    """An event, from its row joined with the time of its generation."""
    values = row._mapping
    score = None
    if values["probability"] is not None:
        score = Score(**{field: values[field] for field in Score.__slots__})
    facts = {field: values[field] for field in LineageEvent.__slots__ if field != "score"}
    return LineageEvent(**facts, score=score)
