"""What is written beside each row: the answer, and everything needed to find out why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from evertopic.digests import digest_of
from evertopic.prediction.batch.cells import as_json
from evertopic.prediction.batch.rows import Kind
from evertopic.records import Prediction

FIELDS: tuple[tuple[str, Kind], ...] = (
    ("prediction_id", "text"),
    ("topic", "text"),
    ("topic_name", "text"),
    ("topic_words", "json"),
    ("strength", "real"),
    ("alternatives", "json"),
    ("remark", "text"),
    ("rule", "text"),
    ("edit", "text"),
    ("model_version", "integer"),
    ("predicted_at", "zoned"),
    ("error", "text"),
)
PREFIX = "evertopic"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one row; one that cannot be read has an error and nothing else."""

    id: str | None = None
    prediction: Prediction | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What all answers of a run share."""

    version: int
    at: datetime
    """When the run began, UTC."""


def answer_names(taken: Iterable[str]) -> tuple[str, ...]:
    """The names of the columns of an answer; where the input has one of them, all get a prefix, the first that is free.

    Capitals make no difference: to databases they make none.

    >>> answer_names(["text"])[1], answer_names(["text", "Topic"])[1], answer_names(["topic", "evertopic_topic"])[1]
    ('topic', 'evertopic_topic', 'evertopic_2_topic')
    """
    there = {name.casefold() for name in taken}
    prefix, again = "", 1
    while there & {f"{prefix}{name}" for name, _ in FIELDS}:
        prefix = f"{PREFIX}_" if again == 1 else f"{PREFIX}_{again}_"
        again += 1
    return tuple(f"{prefix}{name}" for name, _ in FIELDS)


def answer_values(answer: Answer, stamp: Stamp) -> tuple[Any, ...]:
    """The values of one answer, in the order of `FIELDS`; words are a list, alternatives a list of objects."""
    found = answer.prediction
    if found is None:
        return (None,) * (len(FIELDS) - 1) + (answer.error,)
    others = [{"key": key, "probability": chance} for key, chance in found.alternatives]
    spoke = (found.overruled.rule, found.overruled.edit) if found.overruled else (None, None)
    own = (found.key, found.name, list(found.words), found.strength, others, found.remark, *spoke)
    return (answer.id, *own, stamp.version, stamp.at, answer.error)


def flat(values: Sequence[Any]) -> list[Any]:
    """The values of an answer for what holds no lists: words with commas between them, alternatives as JSON."""
    return [
        ", ".join(value) if name == "topic_words" and value is not None else as_json(value) if _nested(value) else value
        for (name, _), value in zip(FIELDS, values, strict=True)
    ]


def row_id(run: str, row: str) -> str:
    """The id of the prediction of one row of one run, the same whenever it is made.

    A UUID of version 8, whose bits are the digest of both. Source: RFC 9562, section 5.8.

    >>> row_id("a", "1") == row_id("a", "1"), row_id("a", "1") == row_id("a", "2")
    (True, False)
    """
    bits = int(digest_of(run, row), 16)
    return str(UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | 8 << 76 | 2 << 62))


def _nested(value: Any) -> bool:
    return isinstance(value, list)
