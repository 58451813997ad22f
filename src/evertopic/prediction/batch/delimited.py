"""Rows out of delimited text, cell for cell as they came."""

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import chain, islice
from typing import Any

from evertopic.corpus.sources import Csv
from evertopic.corpus.sources.delimited import distinct
from evertopic.corpus.sources.files import opened
from evertopic.errors import BadInput
from evertopic.prediction.batch.rows import Chunk, Column, Size, Survey, grouped, some_rows

LONGEST_CELL = 10_000_000
"""Characters. A longer cell is a quotation mark that nobody closed."""
END = "\udfff\udffe\udfff"
"""A last line of our own: where it comes back inside a cell, that cell was never closed."""


class DelimitedOrigin:
    """A file of delimited text. Bytes outside the encoding become lone surrogates, which the output turns back.

    A line without any cell is no row, unless there is only one column: there it is an empty cell, but at the end of
    the file. A row with more cells than the header cannot be read; one with fewer is filled up with empty cells.
    """

    def __init__(self, source: Csv, size: Size) -> None:
        self.source, self.size, self.label = source, size, source.label

    def survey(self, *, typed: bool) -> Survey:  # noqa: ARG002 - a cell is text, whoever asks
        """Header, number of rows and digest of the bytes."""
        digest, records = self.source.fingerprint(), self._records()
        header = next(records, [])
        rows = sum(1 for _ in _rows(records, len(header)))
        columns = tuple(Column(name) for name in distinct(header))
        return some_rows(Survey(rows, digest, columns, tuple(header)), self.label)

    def chunks(self, survey: Survey, done: int, last: Any) -> Iterator[Chunk]:  # noqa: ARG002 - rows are found by number
        """The rows after the first `done` ones."""
        records, width = self._records(), len(survey.columns)
        next(records)
        row = done + 1
        for group in grouped(islice(_rows(records, width), done, None), self.size, _weight):
            names = [str(row + place) for place in range(len(group))]
            filled = [(cells + [""] * (width - len(cells)))[:width] for cells in group]
            yield Chunk(names, filled, [self._fault(cells, width) for cells in group])
            row += len(group)

    def changed(self, survey: Survey) -> bool:
        """True when the bytes are others."""
        return self.source.fingerprint() != survey.digest

    def _fault(self, cells: list[str], width: int) -> str | None:
        if len(cells) <= width:
            return None
        beyond = self.source.delimiter.join(cells[width:])
        return f"bad_row: more cells than the {width} of the header; is a cell with a delimiter not quoted? {beyond}"

    def _records(self) -> Iterator[list[str]]:
        """The header and the cells of every line below it."""
        csv.field_size_limit(LONGEST_CELL)
        encoding = "utf-8-sig" if self.source.encoding == "utf-8" else self.source.encoding
        with opened(self.source.path) as stream:
            text = TextIOWrapper(stream, encoding=encoding, errors="surrogateescape", newline="")
            lines = csv.reader(
                chain(text, [END]), delimiter=self.source.delimiter, quotechar=self.source.quotechar, strict=False
            )
            try:
                yield from self._closed(lines)
            except (csv.Error, UnicodeError) as error:
                raise self._unreadable(str(error)) from error
            finally:
                text.close()

    def _closed(self, lines: Iterator[list[str]]) -> Iterator[list[str]]:
        begun = False
        for cells in lines:
            if cells and END in cells[-1]:
                if cells != [END]:
                    raise self._unreadable("a quotation mark is never closed")
                return
            begun = begun or bool(cells)
            if begun:
                yield cells

    def _unreadable(self, reason: str) -> BadInput:
        source = self.source
        return BadInput(
            f"{self.label} cannot be read as delimited text ({reason}): check delimiter {source.delimiter!r}, "
            f"quotechar {source.quotechar!r} and encoding {source.encoding!r}."
        )


def _rows(records: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    """The records that are rows."""
    blank = 0
    for cells in records:
        if cells:
            yield from ([""] for _ in range(blank))
            blank = 0
            yield cells
        elif width == 1:
            blank += 1


def _weight(cells: list[str]) -> int:
    return sum(map(len, cells))
