"""Delimited text, wherever it came from: what `csv` and `http` share."""

import codecs
import csv
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Annotated, BinaryIO

import pandas as pd
from pydantic import AfterValidator, StringConstraints

from evertopic.corpus.sources.base import FAULT, SourceKind
from evertopic.errors import BadInput

NUL = "\udcc0\udc80"
"""Stands for a NUL byte on its way through pandas, whose parser would end the cell there: the bytes C0 80, which no
valid UTF-8 holds, as surrogateescape shows them."""

SPARE = 64
"""Cells beyond the header that a row may have before it stops the reading: room to see them and to refuse the row."""

_BEYOND = tuple(f"_beyond_the_header_{place}" for place in range(SPARE))

Character = Annotated[str, StringConstraints(min_length=1, max_length=1)]


def _known_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"{name!r} is no encoding that Python knows, such as utf-8, cp1252 or utf-16") from error


Encoding = Annotated[str, AfterValidator(_known_encoding)]


class Delimited(SourceKind):
    """How text is cut into rows and cells. Every cell is read as text; an empty cell is missing, `NA` is text.

    Bytes that are not in the encoding become lone surrogates and NUL bytes stay, so that the contract refuses those
    rows and no others. A row with more cells than the header carries the fault `bad_row`.
    """

    encoding: Encoding = "utf-8"
    delimiter: Character = ","
    quotechar: Character = '"'

    def rows_of(self, stream: BinaryIO) -> Iterator[pd.DataFrame]:
        """Raw chunks of the text; nothing when there is no header or no row below it.

        Raises:
            BadInput: a quoted cell never ends, or the bytes are not text in this encoding at all.
        """
        text = _Text(stream, self.encoding)
        try:
            header = _header(text, self.delimiter, self.quotechar)
            for chunk in self._parsed(text, header) if header else ():
                yield _finished(chunk, nul=text.nul)
        except pd.errors.EmptyDataError:
            return
        except (pd.errors.ParserError, csv.Error, UnicodeError) as error:
            raise BadInput(
                f"{self.label} cannot be read as delimited text ({error}): check delimiter {self.delimiter!r}, "
                f"quotechar {self.quotechar!r} and encoding {self.encoding!r}."
            ) from error
        finally:
            text.close()

    def _parsed(self, text: "_Text", header: list[str]) -> Iterator[pd.DataFrame]:
        return pd.read_csv(  # type: ignore[call-overload,no-any-return]  # the stubs know only real files
            text,
            names=[*header, *_BEYOND],  # pandas aborts at a row with more cells than names
            header=None,
            index_col=False,
            dtype=object,  # the text type of pandas 3 cannot hold lone surrogates
            keep_default_na=False,
            na_values=[""],
            sep=self.delimiter,
            quotechar=self.quotechar,
            encoding_errors="surrogateescape",
            chunksize=self.chunk_rows,
        )


class _Text:
    """A stream of bytes as the text that pandas reads."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        plain = "utf-8-sig" if encoding == "utf-8" else encoding
        self._text = TextIOWrapper(stream, encoding=plain, errors="surrogateescape", newline="")
        self.nul = False

    def __iter__(self) -> Iterator[str]:
        return (self._kept(line) for line in self._text)

    def read(self, size: int = -1) -> str:
        return self._kept(self._text.read(size))

    def close(self) -> None:
        self._text.close()

    def _kept(self, text: str) -> str:
        if "\0" not in text:
            return text
        self.nul = True
        return text.replace("\0", NUL)


def _header(text: _Text, delimiter: str, quotechar: str) -> list[str]:
    for cells in csv.reader(iter(text), delimiter=delimiter, quotechar=quotechar):
        if cells:
            return distinct(cells)
    return []


def distinct(cells: list[str]) -> list[str]:
    """The names as pandas would call them: a nameless column by its place, a repeated one with a number."""
    names: list[str] = []
    for place, cell in enumerate(cells):
        name = cell or f"Unnamed: {place}"
        again = sum(1 for earlier in cells[:place] if earlier == cell) if cell else 0
        names.append(f"{name}.{again}" if again else name)
    return names


def _finished(chunk: pd.DataFrame, *, nul: bool) -> pd.DataFrame:
    if nul:
        chunk = chunk.map(lambda cell: cell.replace(NUL, "\0") if isinstance(cell, str) else cell)
    chunk.index = pd.RangeIndex(chunk.index[0] + 1, chunk.index[0] + 1 + len(chunk)) if len(chunk) else chunk.index
    extra = chunk[list(_BEYOND)].notna().any(axis=1)
    chunk = chunk.drop(columns=list(_BEYOND))
    if extra.any():
        found = f"bad_row: more cells than the {chunk.shape[1]} of the header; is a cell with a delimiter not quoted?"
        chunk[FAULT] = pd.Series(found, index=chunk.index, dtype=object).where(extra, None)
    return chunk
