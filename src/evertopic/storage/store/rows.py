"""Rows for the database out of tables of pandas, and back."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Row

from evertopic.digests import digest_text
from evertopic.errors import BadInput

CANONICAL = ("id", "text", "label", "timestamp", "metadata", "origin")
REJECTED = ("origin", "id", "reason", "found", "raw")
READ = (*CANONICAL, "text_digest", "batch", "ingested_at")


def document_rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """One row for each accepted document, with the digest of its text.

    Raises:
        BadInput: a column is missing, an id or text is missing, or holds NUL or half characters, which databases
            refuse.
    """
    _need(frame, CANONICAL)
    times = utc_times(frame["timestamp"])
    labels = [_text_or_none(label) for label in frame["label"]]
    origins = [str(origin) for origin in frame["origin"]]
    for row, (identity, text, content) in enumerate(zip(frame["id"], frame["text"], frame["metadata"], strict=True)):
        fields = plain(content) if isinstance(content, Mapping) else {}
        yield {
            "id": _clean("id", identity, identity),
            "text": _clean("text", text, identity),
            "text_digest": digest_text(text),
            "label": labels[row],
            "timestamp": times[row],
            "metadata": json.loads(_clean("metadata", json.dumps(fields, ensure_ascii=False), identity)),
            "origin": origins[row],
        }


def rejected_rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """One row for each refused document; what no database takes (NUL, half characters) is spelled out."""
    _need(frame, REJECTED)
    columns = [frame[name].tolist() for name in REJECTED]
    for values in zip(*columns, strict=True):
        yield {name: _spelled_or_none(value) for name, value in zip(REJECTED, values, strict=True)}


def spelled(text: str) -> str:
    r"""The text, with what no database takes (NUL, half characters) spelled out.

    >>> print(spelled("a\x00b\ud800"))
    a\x00b\ud800
    """
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()


def document_frame(rows: Sequence[Row[Any]]) -> pd.DataFrame:
    """The documents as a table: timestamp datetime64[s], ingested_at datetime64[us], both UTC; metadata mappings."""
    columns = list(zip(*rows, strict=True)) or [() for _ in READ]
    return pd.DataFrame({name: _column(name, values) for name, values in zip(READ, columns, strict=True)})


def utc_times(times: "pd.Series[Any]") -> list[datetime | None]:
    """Times with a zone (UTC where they had none), None where there is none."""
    moments = pd.to_datetime(times, utc=True)
    return [None if pd.isna(moment) else moment.to_pydatetime().astimezone(UTC) for moment in moments]


def plain(value: Any) -> Any:
    """The same content in JSON's types; nan and inf, which JSON has not, become None."""
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return None if value is pd.NaT else str(value)


def _column(name: str, values: Iterable[Any]) -> Any:
    if name == "metadata":
        return pd.Series(list(values), dtype=object)
    if name in ("timestamp", "ingested_at"):
        unit = "s" if name == "timestamp" else "us"
        naive = [None if value is None else value.replace(tzinfo=None) for value in values]
        return np.array(naive, dtype=f"datetime64[{unit}]")
    return pd.Series(list(values), dtype="str")


def _need(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    missing = [name for name in columns if name not in frame]
    if missing:
        raise BadInput(f"Columns {', '.join(missing)} are missing: expected {', '.join(columns)}, got {list(frame)}.")


def _clean(column: str, value: Any, identity: Any) -> str:
    if not isinstance(value, str):
        raise BadInput(f"Document {identity!r} has {value!r} as {column}: expected text.")
    if "\x00" in value or not _encodable(value):
        raise BadInput(f"Document {identity!r} has NUL or half characters in its {column}: clean or quarantine it.")
    return value


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text_or_none(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _spelled_or_none(value: Any) -> str | None:
    if not isinstance(value, str) and (value is None or pd.isna(value)):
        return None
    return spelled(str(value))
