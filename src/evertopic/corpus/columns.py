"""Which column is what: raw rows of any source become one canonical table."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, model_validator

from evertopic.corpus.sources.base import FAULT, excerpt
from evertopic.digests import digest_text
from evertopic.errors import BadInput

if TYPE_CHECKING:
    Objects = pd.Series[Any]

CANONICAL = ("id", "text", "label", "timestamp", "metadata", "origin", "fault")

ID_CHARACTERS = 16
"""Characters of the text's digest that serve as an id where the source gives none: 64 bits."""

_DELIMITERS = (";", "\t", "|", ",")


class Columns(BaseModel):
    """Which columns of the source hold what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str | None = None
    """Where absent or empty, the id is the beginning of the text's digest: the same text is the same document."""
    text: str | tuple[str, ...] = "text"
    """One column, or several that are joined by an empty line (Title + Abstract); missing parts are left out."""
    label: str | None = None
    timestamp: str | None = None
    timestamp_format: str | None = None
    """As `strptime` writes it; `%Y` also reads whole numbers as years. Without it: ISO 8601, and nothing guessed."""
    timestamp_unit: Literal["s", "ms", "us", "ns"] | None = None
    """For numbers that count from 1970-01-01 UTC."""
    metadata: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The text columns, one or several."""
        return (self.text,) if isinstance(self.text, str) else self.text

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.texts:
            raise ValueError("text names no column: name at least one")
        if self.timestamp_format and self.timestamp_unit:
            raise ValueError(
                "timestamp_format and timestamp_unit exclude each other: texts have a format, numbers a unit"
            )
        if self.timestamp is None and (self.timestamp_format or self.timestamp_unit):
            raise ValueError("timestamp_format and timestamp_unit need timestamp, the column they speak of")
        return self


def map_columns(chunk: pd.DataFrame, columns: Columns, label: str) -> pd.DataFrame:
    """The canonical table of one raw chunk, row by row and in its order, with the columns `CANONICAL`.

    id str ("" without text); text, label str or None; timestamp datetime64[s], naive UTC, NaT where missing;
    metadata a JSON object of texts, without missing values; origin `label:row`; fault None or `reason: what was
    found`, the first of: what the source said, `wrong_type` (a text that is a number, a list ...), `bad_timestamp`.

    Raises:
        BadInput: a column is missing; the message names it, the columns there are, and a likelier delimiter.
    """
    check_present(list(map(str, chunk.columns)), columns, label)
    chunk = chunk.astype(object).where(chunk.notna(), None)
    nothing = pd.Series([None] * len(chunk), index=chunk.index, dtype=object)
    parts = [chunk.get(name, nothing) for name in columns.texts]
    text = _joined(parts, chunk.index)
    stamps = chunk.get(columns.timestamp, nothing) if columns.timestamp else nothing
    times = _times(stamps, columns)
    faults: list[Iterable[Any]] = [chunk.get(FAULT, nothing), _wrong_types(parts), _bad_times(stamps, times)]
    return pd.DataFrame(
        {
            "id": _ids(chunk.get(columns.id, nothing) if columns.id else nothing, text),
            "text": text,
            "label": _mapped(_plain, chunk.get(columns.label, nothing) if columns.label else nothing),
            "timestamp": times,
            "metadata": _metadata(chunk, columns.metadata),
            "origin": pd.Series([f"{label}:{row}" for row in chunk.index], index=chunk.index, dtype=object),
            "fault": _first(faults, chunk.index),
        }
    ).reset_index(drop=True)


def text_of(cells: Sequence[Any]) -> tuple[str | None, str | None]:
    """The text of one row out of the cells of its text columns, None without one; and what is wrong with a cell.

    >>> text_of(["Title", None]), text_of([7])
    (('Title', None), (None, 'wrong_type: int 7 instead of text'))
    """
    wrong = next((_wrong(cell) for cell in cells if cell is not None and not isinstance(cell, str)), None)
    return _join([cell for cell in cells if isinstance(cell, str)]), wrong


def check_present(there: list[str], columns: Columns, label: str) -> None:
    """Nothing, where all columns are among those there.

    Raises:
        BadInput: some are missing; the message names them, the columns there are, and a likelier delimiter.
    """
    if there == [FAULT]:
        return  # not one row could be read: there are no columns to miss
    optional = [name for name in (columns.id, columns.label, columns.timestamp) if name]
    missing = [name for name in dict.fromkeys([*columns.texts, *optional, *columns.metadata]) if name not in there]
    if not missing:
        return
    known = ", ".join(repr(name) for name in there if name != FAULT)
    raise BadInput(f"{label} has no column {', '.join(map(repr, missing))}: there are {known}.{_delimiter_hint(there)}")


def _delimiter_hint(there: list[str]) -> str:
    names = [name for name in there if name != FAULT]
    found = [sign for sign in _DELIMITERS if len(names) == 1 and sign in names[0]]
    return f" The header is one column {names[0]!r}: is the delimiter {found[0]!r}?" if found else ""


def _joined(parts: "list[Objects]", index: "pd.Index[Any]") -> "Objects":
    rows = zip(*parts, strict=True)
    return pd.Series(
        [_join([part for part in row if isinstance(part, str)]) for row in rows], index=index, dtype=object
    )


def _join(parts: list[str]) -> str | None:
    if len(parts) <= 1:
        return parts[0] if parts else None
    return "\n\n".join(part for part in parts if part and not part.isspace())


def _wrong_types(parts: "list[Objects]") -> list[str | None]:
    return [
        next((_wrong(part) for part in row if part is not None and not isinstance(part, str)), None)
        for row in zip(*parts, strict=True)
    ]


def _wrong(part: Any) -> str:
    return f"wrong_type: {type(part).__name__} {excerpt(str(part))} instead of text"


def _times(stamps: "Objects", columns: Columns) -> "Objects":
    if columns.timestamp_unit:
        numbers = pd.to_numeric(_mapped(_plain, stamps), errors="coerce").astype(float)
        parsed = pd.to_datetime(numbers, unit=columns.timestamp_unit, utc=True, errors="coerce")
    else:
        written = _mapped(_written, stamps)
        parsed = pd.to_datetime(written, format=columns.timestamp_format or "ISO8601", utc=True, errors="coerce")
        if columns.timestamp_format:  # a typed source may hold real dates beside a format meant for texts
            dates = written.where(stamps.map(lambda stamp: isinstance(stamp, date)), None)
            parsed = parsed.fillna(pd.to_datetime(dates, format="ISO8601", utc=True, errors="coerce"))
    return parsed.dt.tz_localize(None).astype("datetime64[s]")


def _mapped(verb: Callable[[Any], str | None], cells: "Objects") -> "Objects":
    """Stays objects: the text type that pandas would choose cannot hold lone surrogates."""
    return pd.Series([verb(cell) for cell in cells], index=cells.index, dtype=object)


def _written(stamp: Any) -> str | None:
    return stamp.isoformat() if isinstance(stamp, date) else _plain(stamp)


def _bad_times(stamps: "Objects", times: "Objects") -> list[str | None]:
    return [
        f"bad_timestamp: {excerpt(str(stamp))!r}, set timestamp_format or timestamp_unit" if bad else None
        for stamp, bad in zip(stamps, times.isna() & stamps.notna(), strict=True)
    ]


def _ids(given: "Objects", text: "Objects") -> "Objects":
    made = [
        _plain(own) or (digest_text(words)[:ID_CHARACTERS] if words is not None else "")
        for own, words in zip(given, text, strict=True)
    ]
    return pd.Series(made, index=text.index, dtype=object)


def _metadata(chunk: pd.DataFrame, names: tuple[str, ...]) -> "Objects":
    rows = chunk.reindex(columns=list(names)).astype(object).to_dict("records") if names else [{}] * len(chunk)
    written = [
        json.dumps({str(name): _plain(value) for name, value in row.items() if value is not None}, ensure_ascii=False)
        for row in rows
    ]
    return pd.Series(written, index=chunk.index, dtype=object)


def _plain(value: Any) -> str | None:
    """A cell as text, alike from typed and untyped sources: 3, 3.0 and "3" are "3"."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _first(faults: Sequence[Iterable[Any]], index: "pd.Index[Any]") -> "Objects":
    rows = zip(*faults, strict=True)
    return pd.Series([next(filter(None, row), None) for row in rows], index=index, dtype=object)
