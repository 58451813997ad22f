"""The sections of a config that belong to no room of the library."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class AssignmentRule(BaseModel):
    """How documents get a topic."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unassigned: Annotated[float, Field(ge=0, lt=1)] = 0.05
    """The outlier budget: the share of new documents that may stay without a topic."""


class RegistryRule(BaseModel):
    """What a model must pass to be registered, and under which name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Name | None = None
    """Name of the registered model; None: the loop's."""
    parity: Annotated[float, Field(ge=0.5, le=1)] = 0.999
    """Least share of documents that the reloaded model must answer as the one in memory."""


class Runner(BaseModel):
    """Where the embeddings of the search are computed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["threads", "processes", "dask", "ray"] = "threads"
    workers: PositiveInt = 1
    address: str | None = None
    """Of a running Dask scheduler or Ray cluster; None starts a local one."""


class ServeRule(BaseModel):
    """How the API answers, and how much of it one caller may take."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_texts: PositiveInt = 32
    """Texts of concurrent requests that are encoded together at most."""
    batch_wait_ms: NonNegativeFloat = 2
    """How long the first text waits for company while the encoder is idle."""
    waiting_texts: PositiveInt = 2_000
    """Texts that may wait for the encoder; requests beyond that are answered 429."""
    cache_texts: Annotated[int, Field(ge=0)] = 10_000
    """Vectors of texts answered lately, kept in memory; 0: none."""
    poll_seconds: PositiveFloat = 2
    """How often the registry is asked whether the alias has moved."""
    timeout_seconds: PositiveFloat = 30
    """After which a request is answered 504."""
    max_characters: PositiveInt = 100_000
    """Of one text."""
    max_batch: Annotated[int, Field(ge=1, le=1_000)] = 1_000
    """Texts of one request."""
    max_body_mb: PositiveFloat = 10
    """Of one request, in millions of bytes."""
    requests_per_minute: PositiveInt = 6_000
    """Of one API key, or of one address where there are no keys."""
    feedback_per_hour: PositiveInt = 120
    """Of one API key, or of one address: nobody decides alone that a model is wrong."""
    cors: tuple[str, ...] = ()
    """Origins whose pages may call the API, such as https://example.org; none by default."""


class ReleaseRule(BaseModel):
    """What is looked at before a new model is released."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    documents: Annotated[int, Field(ge=0, le=100_000)] = 2_000
    """The newest so many documents are answered by champion and new version alike, to see which of them move."""


class TrendsRule(BaseModel):
    """How far back trends are told in the words of the newest model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    restate_days: PositiveInt = 30
    """Predictions of the last so many days are answered again by a new champion."""
