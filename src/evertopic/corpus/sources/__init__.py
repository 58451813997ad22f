"""Kinds of source. The union is the only list of kinds."""

from typing import Annotated

from pydantic import Field

from evertopic.corpus.sources.base import FAULT
from evertopic.corpus.sources.bundled import Bundled
from evertopic.corpus.sources.csv import Csv
from evertopic.corpus.sources.http import Http
from evertopic.corpus.sources.jsonl import Jsonl
from evertopic.corpus.sources.parquet import Parquet
from evertopic.corpus.sources.sql import Sql

Source = Annotated[Csv | Jsonl | Parquet | Sql | Http | Bundled, Field(discriminator="kind")]

__all__ = ["FAULT", "Bundled", "Csv", "Http", "Jsonl", "Parquet", "Source", "Sql"]
