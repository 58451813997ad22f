"""What a batch is: which rows, which model, where to, and what came of it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from evertopic.corpus.sources import Source
from evertopic.prediction.batch.answers import Answer
from evertopic.prediction.batch.formats import Layout
from evertopic.prediction.batch.marks import Mark, Run, Tally
from evertopic.prediction.batch.query import Query
from evertopic.prediction.batch.rows import Chunk, Size
from evertopic.prediction.loading import Model
from evertopic.prediction.log import LogRule
from evertopic.storage.store import PredictionStore


class Target(Protocol):
    """Where the rows go."""

    @property
    def label(self) -> str:
        """What messages call it; no password is in it."""

    @property
    def typed(self) -> bool:
        """Whether it must know what columns hold."""

    @property
    def settings(self) -> tuple[str, ...]:
        """What decides how the rows are written."""

    def held(self) -> AbstractContextManager[None]:
        """While it lasts no other run writes there."""

    def left_over(self) -> tuple[Run, Mark] | None:
        """What a killed run left, None where there is nothing to go on with."""

    def begin(self, run: Run, layout: Layout) -> None:
        """A new run; what was left of another is gone."""

    def put(self, run: Run, layout: Layout, chunk: Chunk, answers: Sequence[Answer], mark: Mark) -> None:
        """One chunk and how far the run is then, both or neither."""

    def finish(self, run: Run, layout: Layout, mark: Mark) -> None:
        """All rows, in the place of what an earlier run put there."""


@dataclass(frozen=True, slots=True)
class Log:
    """Where the predictions are remembered, and what of them."""

    store: PredictionStore
    rule: LogRule


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be predicted, by which model, and where to."""

    loop: str
    documents: Source | Query
    texts: tuple[str, ...]
    """The columns that make the text."""
    target: Target
    choice: str
    """An alias or the number of a version."""
    load: Callable[[str], Model]
    log: Log | None = None
    size: Size = field(default_factory=Size)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch."""

    output: str
    rows: int
    earlier: int
    """Of these, rows that a killed run had done."""
    model: str
    version: int
    alias: str | None
    at: datetime
    columns: tuple[str, ...]
    """The names of the columns put beside the rows."""
    tally: Tally
