"""What a run writes down about itself, so that a later one goes on where it was killed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from evertopic.prediction.batch.answers import Answer
from evertopic.prediction.batch.keys import read, written
from evertopic.prediction.batch.rows import Chunk


class Run(BaseModel):
    """One run, as it began: the same input, settings and model, however often it is killed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    request: str
    """The digest of everything that was asked for; another one is another run."""
    key: str
    """The digest of what decides the answers; the ids of the predictions are made of it."""
    started: datetime
    """UTC."""
    rows: int
    until: tuple[str, str] | None
    """The largest key when the run began, where rows are found by key."""
    model: str
    version: int
    """The run goes on with this one, wherever the alias may have moved."""
    digest: str
    """Of the model, and of the edits of topics in force."""
    alias: str | None
    """The model was asked for by it."""


class Tally(BaseModel):
    """How the rows so far were answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: dict[str, tuple[str, int]] = {}
    """Name and number of rows by key; unassigned ones are under the empty key."""
    remarks: dict[str, int] = {}
    ruled: int = 0
    errors: int = 0

    def with_answers(self, answers: Sequence[Answer]) -> Self:
        """The tally with these rows too."""
        topics, remarks, ruled = dict(self.topics), dict(self.remarks), self.ruled
        found = [answer.prediction for answer in answers if answer.prediction is not None]
        for one in found:
            key = one.key or ""
            topics[key] = (one.name, topics.get(key, ("", 0))[1] + 1)
            if one.remark is not None:
                remarks[one.remark] = remarks.get(one.remark, 0) + 1
            ruled += one.overruled is not None and one.overruled.rule is not None
        errors = self.errors + len(answers) - len(found)
        return type(self)(topics=topics, remarks=remarks, ruled=ruled, errors=errors)


class Mark(BaseModel):
    """How far a run is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chunks: int = 0
    rows: int = 0
    last: tuple[str, str] | None = None
    """The key of the last row, where rows are found by key."""
    tally: Tally = Tally()

    def after(self, chunk: Chunk, answers: Sequence[Answer]) -> Self:
        """The mark with one more chunk done."""
        return type(self)(
            chunks=self.chunks + 1,
            rows=self.rows + len(chunk),
            last=written(chunk.last),
            tally=self.tally.with_answers(answers),
        )

    def last_key(self) -> Any:
        """The key of the last row as the database knows it."""
        return read(self.last)
