"""Which origin a source of documents is, and how those that cannot be read twice are kept for the time of a run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from evertopic.corpus.sources import Csv, Jsonl, Parquet, Source
from evertopic.prediction.batch.arrow import ArrowOrigin
from evertopic.prediction.batch.cells import json_value
from evertopic.prediction.batch.delimited import DelimitedOrigin
from evertopic.prediction.batch.lines import LinesOrigin
from evertopic.prediction.batch.query import Query, QueryOrigin
from evertopic.prediction.batch.rows import Origin, Size


@contextmanager
def opened_origin(documents: Source | Query, size: Size) -> Iterator[Origin]:
    """The rows of `documents`, to be read as often as needed while it lasts.

    What is neither a file nor found by key (an address, a query without a key, a bundled corpus) is fetched once and
    kept as lines of JSON: its content decides whether a later run may go on where this one stopped.

    Raises:
        BadInput: what was fetched cannot be read.
        Unavailable: it did not answer.
    """
    if isinstance(documents, Csv):
        yield DelimitedOrigin(documents, size)
    elif isinstance(documents, Jsonl):
        yield LinesOrigin(documents, size)
    elif isinstance(documents, Parquet):
        yield ArrowOrigin(documents, size)
    elif isinstance(documents, Query):
        yield QueryOrigin(documents, size)
    else:
        with TemporaryDirectory(prefix="evertopic-") as folder:
            yield LinesOrigin(_fetched(documents, Path(folder)), size, documents.label)


def _fetched(source: Source, folder: Path) -> Jsonl:
    path = folder / "rows.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for chunk in source.read():
            cells = chunk.astype(object).where(chunk.notna(), None)
            for record in cells.to_dict("records"):
                # In ASCII, because lone surrogates have no other form.
                file.write(json.dumps({str(name): json_value(value) for name, value in record.items()}) + "\n")
    return Jsonl(path=str(path))
