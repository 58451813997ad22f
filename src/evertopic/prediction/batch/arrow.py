"""Rows out of a Parquet file, with their types."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any

from evertopic.corpus.sources import Parquet
from evertopic.corpus.sources.files import opened
from evertopic.corpus.sources.parquet import values_of
from evertopic.errors import BadInput
from evertopic.prediction.batch.rows import Chunk, Column, Kind, Size, Survey, some_rows


class TableChunk(Chunk):
    """Rows of an Arrow table; they become Python's own values only where somebody asks.

    Args:
        names: the numbers of the rows.
        table: the rows.
    """

    def __init__(self, names: Sequence[str], table: Any) -> None:
        super().__init__(names, ())
        self.table = table

    def rows(self) -> Sequence[Sequence[Any]]:
        """The values of each row."""
        columns = [self.column(place) for place in range(self.table.num_columns)]
        return list(zip(*columns, strict=True)) if columns else [()] * len(self)

    def column(self, place: int) -> Sequence[Any]:
        """The values of one column."""
        return values_of(self.table.column(place))


class ArrowOrigin:
    """A Parquet file, a batch of rows at a time."""

    def __init__(self, source: Parquet, size: Size) -> None:
        self.source, self.size, self.label = source, size, source.label

    def survey(self, *, typed: bool) -> Survey:  # noqa: ARG002 - it states its types anyway
        """Schema and number of rows as the file states them, and the digest of its bytes.

        Raises:
            BadInput: it is no Parquet file, or two columns have one name.
        """
        with self._opened() as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
        twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
        if twice:
            raise BadInput(f"{self.label} has several columns called {', '.join(twice)}: write it again with one each.")
        columns = tuple(Column(field.name, _kind(field.type)) for field in schema)
        return some_rows(Survey(rows, self.source.fingerprint(), columns, schema=schema), self.label)

    def chunks(self, survey: Survey, done: int, last: Any) -> Iterator[Chunk]:  # noqa: ARG002 - rows are found by number
        """The rows after the first `done` ones."""
        import pyarrow as pa

        seen = 0
        with self._opened() as file:
            for batch in file.iter_batches(batch_size=self.size.rows):
                for part in self._parts(pa.Table.from_batches([batch], schema=survey.schema)):
                    seen += part.num_rows
                    if seen > done:
                        yield TableChunk([str(row) for row in range(seen - part.num_rows + 1, seen + 1)], part)

    def changed(self, survey: Survey) -> bool:
        """True when the bytes are others."""
        return self.source.fingerprint() != survey.digest

    def _parts(self, table: Any) -> Iterator[Any]:
        step = max(1, table.num_rows // ceil(max(table.nbytes, 1) / self.size.characters))
        yield from (table.slice(start, step) for start in range(0, table.num_rows, step))

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        with opened(self.source.path, compression=None) as stream:
            try:
                yield pq.ParquetFile(stream, pre_buffer=False, buffer_size=1 << 20)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise BadInput(f"{self.label} is not a Parquet file that can be read: {error}") from error
            except OSError as error:  # Arrow's name for damaged pages too; what the system says has a number
                if error.errno:
                    raise
                raise BadInput(f"{self.label} is damaged: {error}. Copy or write it again.") from error


def _kind(kind: Any) -> Kind:
    import pyarrow as pa

    found: list[tuple[bool, Kind]] = [
        (pa.types.is_boolean(kind), "boolean"),
        (pa.types.is_integer(kind) and not pa.types.is_uint64(kind), "integer"),
        (pa.types.is_floating(kind), "real"),
        (pa.types.is_timestamp(kind), "moment" if getattr(kind, "tz", None) is None else "zoned"),
        (pa.types.is_nested(kind), "json"),
    ]
    return next((kind for matches, kind in found if matches), "text")
