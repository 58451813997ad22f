"""Batches over small files, with models that need no registry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, text

from evertopic.corpus.sources import Csv, Jsonl, Parquet, Source
from evertopic.errors import BadInput
from evertopic.prediction.batch import (
    Batch,
    Delimited,
    Log,
    Outcome,
    Query,
    Size,
    Target,
    file_target,
    predict_batch,
)
from evertopic.prediction.bundle import Bundle
from evertopic.prediction.loading import Model
from evertopic.prediction.predictor import Predictor
from evertopic.records import Floats, ModelVersion

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 12, tzinfo=UTC)
SMALL = Size(rows=7)


def rows(database: Engine, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """What a database answers."""
    with database.begin() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def tables(database: Engine) -> set[str]:
    """The names of its tables."""
    return set(inspect(database).get_table_names())


class Killed(BaseException):
    """Stands for the end of the process: nobody catches it."""


@dataclass
class Models:
    """A registry with some versions of one model; it remembers what it was asked for."""

    versions: dict[int, Model]
    champion: int = 1
    asked: list[str] = field(default_factory=list)

    def load(self, choice: str) -> Model:
        self.asked.append(choice)
        number = int(choice) if choice.isdecimal() else self.champion
        if number not in self.versions:
            raise BadInput(f"The model 'news' has no version {number}")
        return replace(self.versions[number], alias=None if choice.isdecimal() else choice)


class Dying:
    """An encoder that encodes so many times and then takes the process with it."""

    def __init__(self, encoder: Any, calls: int) -> None:
        self.encoder, self.calls = encoder, calls
        self.kind, self.width = encoder.kind, encoder.width

    def fingerprint(self) -> str:
        return str(self.encoder.fingerprint())

    def encode(self, texts: Sequence[str]) -> Floats:
        self.calls -= 1
        if self.calls < 0:
            raise Killed
        answer: Floats = self.encoder.encode(texts)
        return answer


def a_model(bundle: Bundle, version: int = 1, *, encoder: Any = None, digest: str | None = None) -> Model:
    own = ModelVersion("news", version, ("champion",), "run", "models:/news/1", digest or f"digest-{version}", True)
    return Model(own, "champion", Predictor(bundle, encoder or bundle.meta.encoder), None, AT)


def models(bundle: Bundle, versions: int = 1) -> Models:
    return Models({number: a_model(bundle, number) for number in range(1, versions + 1)})


def source_of(path: Path, **settings: Any) -> Source:
    kinds: dict[str, Callable[..., Source]] = {".jsonl": Jsonl, ".parquet": Parquet, ".tsv": Csv}
    if path.suffix == ".tsv":
        settings["delimiter"] = "\t"
    return kinds.get(path.suffix, Csv)(path=str(path), **settings)


def a_batch(
    documents: Path | Source | Query,
    target: Path | Target,
    load: Callable[[str], Model],
    *,
    texts: tuple[str, ...] = ("text",),
    choice: str = "champion",
    log: Log | None = None,
    size: Size = SMALL,
) -> Batch:
    rows = source_of(documents) if isinstance(documents, Path) else documents
    to = file_target(target, Delimited()) if isinstance(target, Path) else target
    return Batch("news", rows, texts, to, choice, load, log, size)


def predicted(documents: Path | Source | Query, target: Path | Target, load: Any, **more: Any) -> Outcome:
    """The outcome of a whole batch, begun at noon."""
    return predict_batch(a_batch(documents, target, load, **more), AT)
