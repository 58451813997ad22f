"""What all shapes have in common."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from evertopic.prediction.loading import Model

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
EXAMPLE_KEY = "t0000000"
"""Stands in examples for a topic of the model that answers; `serving.openapi` puts it in."""
EXAMPLE_EDIT = "e0000000"
"""Stands in examples for the edit made last."""
EXAMPLE_ID = "00000000-0000-7000-8000-000000000000"
"""Stands in examples for the prediction made last."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
_LOST_PLUS = re.compile(r" (?=\d\d:\d\d$)")


class Shape(BaseModel):
    """A JSON object; the docstrings of its fields are shown in /docs."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Asked(Shape):
    """A JSON object that a client sends: a field it does not have is refused, so that no typo is silent."""

    model_config = ConfigDict(extra="forbid")


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _spelled_out(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _ISO.match(value):
        raise ValueError("should be a time such as 2026-03-01T12:00:00Z")
    return _LOST_PLUS.sub("+", value)  # which an address spells as a blank


def _zoned(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("should have a time zone, such as Z or +01:00")
    return value


def _within_reach(value: datetime) -> datetime:
    """The moment; those no database can hold become the nearest that all can."""
    return min(max(value, EARLIEST), LATEST).astimezone(UTC)


Number = float | None
"""A measure; nan, where there is nothing to measure, goes out as null."""
WHOLE = BeforeValidator(_whole)
"""Makes 3.0 a whole number, which it is in JSON; "3" is not one where numbers are strict."""
Moment = Annotated[datetime, BeforeValidator(_spelled_out), AfterValidator(_zoned), AfterValidator(_within_reach)]
"""A time with a zone, ISO 8601."""
Key = Annotated[str, Field(min_length=1, max_length=100, examples=[EXAMPLE_KEY])]


class ModelTag(Shape):
    """Which model it was."""

    name: Annotated[str, Field(examples=["demo"])]
    version: Annotated[int, Field(examples=[1])]
    alias: Annotated[str | None, Field(examples=["champion"])]
    """The alias it was asked for by; null where it was asked for by number."""

    @classmethod
    def of(cls, model: Model) -> "ModelTag":
        """The tag of a model in memory."""
        return cls(name=model.version.name, version=model.version.version, alias=model.alias)


def topic_names(model: Model) -> dict[str, str]:
    """The names of the topics that answers name, by their keys."""
    return {topic.key: topic.name for topic in model.predictor.topics}


class ProblemBody(Shape):
    """Why there is no other answer: RFC 9457."""

    type: str
    """The same for all problems of a kind; for programs."""
    title: str
    status: int
    detail: str
    """What was found, what was expected, what to do; for people."""
    instance: str | None = None
    """The path that was asked for."""
    request_id: str | None = None
    """By which the log of the service knows this request."""
    errors: tuple["Fault", ...] | None = None
    """Of a request that is not valid: every fault of it."""


class Fault(Shape):
    """One thing that is wrong with a request."""

    where: Annotated[str, Field(examples=["body.text"])]
    what: Annotated[str, Field(examples=["Field required"])]
