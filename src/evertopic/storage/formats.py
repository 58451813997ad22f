"""How arrays, tables and records become bytes."""

import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel


class Sink:
    """A file that numpy does not recognise as one: its own way of writing forgets why the disk refused."""

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write


def plain_json(part: Any) -> Any:
    """The JSON content of what json.dumps does not know: numpy's numbers, times, pydantic objects.

    Raises:
        TypeError: it is something else.
    """
    if isinstance(part, np.generic):
        return part.item()
    if isinstance(part, BaseModel):
        return part.model_dump(mode="json")
    if isinstance(part, datetime | date):
        return part.isoformat()
    raise TypeError(f"{type(part).__name__} has no JSON: store arrays with write_arrays and tables with write_frame.")


def write_npz(file: BinaryIO, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays as npz; ValueError for arrays of objects."""
    # Not np.savez: there an array cannot be called "file".
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def write_parquet(file: BinaryIO, frame: pd.DataFrame) -> None:
    """Write a table as Parquet, without its index; ValueError or TypeError for columns of mixed types."""
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.Table.from_pandas(frame, preserve_index=False), file, compression="zstd")


def read_parquet(source: Path | BytesIO, columns: list[str] | None) -> pd.DataFrame:
    """The table, or some columns of it; ValueError for a column that is not there."""
    from pyarrow import parquet

    return _frame(parquet.read_table(source, columns=columns))


def iter_parquet(source: Path | BytesIO, columns: list[str] | None, rows: int = 10_000) -> Iterator[pd.DataFrame]:
    """The table, or some columns of it, in parts of at most `rows` rows; ValueError for a column that is not there."""
    import pyarrow as pa
    from pyarrow import parquet

    with parquet.ParquetFile(source) as file:
        if unknown := set(columns or ()).difference(file.schema_arrow.names):
            raise ValueError(f"there are no columns {', '.join(sorted(unknown))}")
        for batch in file.iter_batches(batch_size=rows, columns=columns):
            yield _frame(pa.Table.from_batches([batch]))


def _frame(table: Any) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    # Parquet has no whole seconds: they come back as milliseconds unless the written type is put back.
    written = {
        column["name"]: column["numpy_type"] for column in (table.schema.pandas_metadata or {}).get("columns", [])
    }
    return frame.astype({name: written[name] for name in frame if written.get(name) == "datetime64[s]"})
