"""Documents in a file with one JSON object a line."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO, Literal

import pandas as pd

from evertopic.corpus.sources.base import FAULT, excerpt
from evertopic.corpus.sources.files import FileSource, not_empty, opened


class Jsonl(FileSource):
    """A file of JSON objects, one a line, in UTF-8. Blank lines are skipped; a key that a line lacks is missing.

    A line that is not a JSON object carries the fault `bad_json`. Bytes that are not UTF-8 become lone surrogates.
    """

    kind: Literal["jsonl"] = "jsonl"

    def read(self, since: datetime | None = None) -> Iterator[pd.DataFrame]:  # noqa: ARG002  # a file cannot filter
        """Chunks of the lines; the index is the line number, and a column once seen stays in later chunks."""
        with opened(self.path) as stream:
            yield from not_empty(_chunks(stream, self.chunk_rows), self.label)


def _chunks(stream: BinaryIO, chunk_rows: int) -> Iterator[pd.DataFrame]:
    columns: dict[str, None] = {}
    lines = ((row, line) for row, line in enumerate(stream, start=1) if line.strip())
    while batch := list(islice(lines, chunk_rows)):
        records = [record_of(line) for _, line in batch]
        columns |= dict.fromkeys(key for record in records for key in record if key != FAULT)
        chunk = pd.DataFrame({name: [record.get(name) for record in records] for name in columns}, dtype=object)
        if any(FAULT in record for record in records):
            chunk[FAULT] = pd.Series([record.get(FAULT) for record in records], dtype=object)
        chunk.index = pd.Index([row for row, _ in batch])
        yield chunk


def record_of(line: bytes) -> dict[str, Any]:
    """The object of one line; one with `FAULT` alone where the line is none."""
    text = line.decode("utf-8", "surrogateescape").removeprefix("\ufeff").strip()
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        return {FAULT: f"bad_json: {error} in {excerpt(text)}"}
    if not isinstance(record, dict):
        return {FAULT: f"bad_json: {type(record).__name__} instead of an object in {excerpt(text)}"}
    return record
