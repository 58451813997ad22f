"""How rows and their answers are written: delimited text, lines of JSON, Parquet."""

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from evertopic.prediction.batch.answers import FIELDS, Answer, Stamp, answer_values, flat
from evertopic.prediction.batch.arrow import TableChunk
from evertopic.prediction.batch.cells import as_text, harmless, json_value, typed
from evertopic.prediction.batch.rows import Chunk, Survey
from evertopic.storage.store.rows import spelled

UNREADABLE = "unreadable_line"
"""Where a line of JSON stands, as it came, that is no object."""

_HALF = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Half characters that stand for no byte."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a whole output is made of."""

    survey: Survey
    names: tuple[str, ...]
    """Of the columns of an answer."""
    stamp: Stamp


class Format(Protocol):
    """A way to write rows."""

    @property
    def ending(self) -> str:
        """Of the name of its files."""

    @property
    def typed(self) -> bool:
        """Whether it must know what the columns hold."""

    def part(self, layout: Layout, chunk: Chunk, answers: Sequence[Answer]) -> bytes:
        """One chunk."""

    def join(self, layout: Layout, parts: Iterable[Path], into: BinaryIO) -> None:
        """All chunks as one file."""


@dataclass(frozen=True, slots=True)
class Delimited:
    """Delimited text in UTF-8. Cells that a spreadsheet would compute get an apostrophe; lists are text."""

    delimiter: str = ","
    quotechar: str = '"'
    ending: str = ".csv"
    typed: bool = False

    def part(self, layout: Layout, chunk: Chunk, answers: Sequence[Answer]) -> bytes:
        """One line a row."""
        rows = zip(chunk.rows(), answers, strict=True)
        lines = (self._line([*row, *flat(answer_values(answer, layout.stamp))]) for row, answer in rows)
        return _bytes("".join(lines))

    def join(self, layout: Layout, parts: Iterable[Path], into: BinaryIO) -> None:
        """A header, then all lines."""
        into.write(_bytes(self._line([*(layout.survey.header or layout.survey.names), *layout.names])))
        _concatenate(parts, into)

    def _line(self, values: Iterable[Any]) -> str:
        special = re.compile(f"[{re.escape(self.delimiter + self.quotechar)}\r\n]")
        return self.delimiter.join(self._cell(value, special) for value in values) + "\n"

    def _cell(self, value: Any, special: re.Pattern[str]) -> str:
        cell = harmless(as_text(value)) if isinstance(value, str) else as_text(value)
        if not special.search(cell):
            return cell
        quote = self.quotechar
        return quote + cell.replace(quote, quote * 2) + quote


@dataclass(frozen=True, slots=True)
class Lines:
    """One JSON object a line. A line that came as JSON is left as it is, its answer is put behind."""

    ending: str = ".jsonl"
    typed: bool = False

    def part(self, layout: Layout, chunk: Chunk, answers: Sequence[Answer]) -> bytes:
        """One line a row."""
        return b"".join(self._lines(layout, chunk, answers))

    def join(self, layout: Layout, parts: Iterable[Path], into: BinaryIO) -> None:  # noqa: ARG002 - each line says all
        """All lines."""
        _concatenate(parts, into)

    def _lines(self, layout: Layout, chunk: Chunk, answers: Sequence[Answer]) -> Iterator[bytes]:
        own = chunk.lines or [_json(dict(zip(layout.survey.names, row, strict=True))) for row in chunk.rows()]
        for line, fault, answer in zip(own, chunk.faults, answers, strict=True):
            said = _json(dict(zip(layout.names, answer_values(answer, layout.stamp), strict=True)))
            whole = _json({UNREADABLE: line}) if fault and chunk.lines else line
            head = whole[:-1].rstrip()
            yield _bytes(f"{head}{', ' if head != '{' else ''}{said[1:]}\n")


@dataclass(frozen=True, slots=True)
class Columnar:
    """A Parquet file. Columns that came with types keep them, others have the one that holds all their values."""

    ending: str = ".parquet"
    typed: bool = True

    def part(self, layout: Layout, chunk: Chunk, answers: Sequence[Answer]) -> bytes:
        """A Parquet file of these rows alone."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = chunk.table if isinstance(chunk, TableChunk) else _table(layout, chunk)
        answered = zip(*(answer_values(answer, layout.stamp) for answer in answers), strict=True)
        for name, values, (field, _) in zip(layout.names, answered, FIELDS, strict=True):
            table = table.append_column(name, pa.array([_valid(value) for value in values], _arrow_types()[field]))
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        content: bytes = sink.getvalue().to_pybytes()
        return content

    def join(self, layout: Layout, parts: Iterable[Path], into: BinaryIO) -> None:  # noqa: ARG002 - the parts know it
        """One row group a chunk."""
        import pyarrow.parquet as pq

        writer = None
        for part in parts:
            table = pq.read_table(part)
            writer = writer or pq.ParquetWriter(into, table.schema, compression="zstd")
            writer.write_table(table)
        if writer is not None:
            writer.close()


def _table(layout: Layout, chunk: Chunk) -> Any:
    import pyarrow as pa

    types = {"integer": pa.int64(), "real": pa.float64(), "boolean": pa.bool_()}
    types |= {"moment": pa.timestamp("us"), "zoned": pa.timestamp("us", "UTC")}
    columns = layout.survey.columns
    arrays = [
        pa.array([typed(value, column.kind) for value in chunk.column(at)], types.get(column.kind, pa.string()))
        for at, column in enumerate(columns)
    ]
    return pa.Table.from_arrays(arrays, names=[column.name for column in columns])


def _arrow_types() -> dict[str, Any]:
    import pyarrow as pa

    special = {
        "topic_words": pa.list_(pa.string()),
        "alternatives": pa.list_(pa.struct([("key", pa.string()), ("probability", pa.float64())])),
        "strength": pa.float64(),
        "model_version": pa.int64(),
        "predicted_at": pa.timestamp("us", "UTC"),
    }
    return {field: special.get(field, pa.string()) for field, _ in FIELDS}


def _valid(value: Any) -> Any:
    """Arrow takes no lone surrogates, which the text of an error may hold."""
    return typed(value, "text") if isinstance(value, str) else value


def _json(record: dict[str, Any]) -> str:
    content = {name: json_value(value) for name, value in record.items()}
    text = json.dumps(content, ensure_ascii=False)
    return text if text == spelled(text) else json.dumps(content)  # lone surrogates have no other form than ASCII


def _bytes(text: str) -> bytes:
    """The text in UTF-8; bytes that were no UTF-8 when they were read are what they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return _HALF.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode("utf-8", "surrogateescape")


def _concatenate(parts: Iterable[Path], into: BinaryIO) -> None:
    for part in parts:
        with part.open("rb") as file:
            shutil.copyfileobj(file, into)
