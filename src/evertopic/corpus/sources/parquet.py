"""Documents in a Parquet file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from evertopic.corpus.sources.base import as_chunk
from evertopic.corpus.sources.files import FileSource, not_empty, opened
from evertopic.errors import BadInput


class Parquet(FileSource):
    """A Parquet file, read a batch of rows at a time with the types it states."""

    kind: Literal["parquet"] = "parquet"

    def read(self, since: datetime | None = None) -> Iterator[pd.DataFrame]:  # noqa: ARG002  # a file cannot filter
        """Chunks of the rows; whole numbers stay whole beside missing ones."""
        with opened(self.path, compression=None) as stream:
            yield from not_empty(self._chunks(stream), self.label)

    def _chunks(self, stream: Any) -> Iterator[pd.DataFrame]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        row = 1
        try:
            for batch in pq.ParquetFile(stream).iter_batches(batch_size=self.chunk_rows):
                names = batch.schema.names
                yield as_chunk({name: values_of(batch.column(place)) for place, name in enumerate(names)}, row)
                row += batch.num_rows
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise BadInput(f"{self.label} is not a Parquet file that can be read: {error}") from error
        except OSError as error:  # Arrow's name for damaged pages too; what the system says has a number
            if error.errno:
                raise
            raise BadInput(f"{self.label} is damaged: {error}. Copy or write it again.") from error


def values_of(column: Any) -> list[Any]:
    """The values of an Arrow column; bytes that are not UTF-8 in a text become lone surrogates."""
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:  # some writers put bytes into text columns without looking
        import pyarrow as pa

        wide = column.cast(pa.large_binary()).to_pylist()
        return [None if value is None else value.decode("utf-8", "surrogateescape") for value in wide]
    return values
