"""How values of any kind are written as cells, and why a spreadsheet must not read some of them as formulas."""

import json
import math
import re
from datetime import UTC, date
from typing import Any

from evertopic.prediction.batch.rows import Kind
from evertopic.storage.store.rows import plain, spelled

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What spreadsheets take for the beginning of a formula. Source: OWASP, CSV injection."""

_NUMBER = re.compile(r"[+-](\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?")


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would compute; numbers stay.

    >>> harmless("=1+1"), harmless("-5"), harmless("+3.2e1"), harmless("-5+cmd"), harmless("a=b")
    ("'=1+1", '-5', '+3.2e1', "'-5+cmd", 'a=b')
    """
    return f"'{cell}" if cell.startswith(FORMULA) and not _NUMBER.fullmatch(cell) else cell


def as_text(value: Any) -> str:
    r"""A value as one cell of text; a missing one is empty, nested ones are JSON, times ISO 8601.

    >>> as_text("007"), as_text(None), as_text(True), as_text([1, None]), as_text(b"\x01")
    ('007', '', 'true', '[1, null]', '01')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool | dict | list | tuple):
        return as_json(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def as_json(value: Any) -> str:
    """A value as JSON; nan and infinities, which JSON has not, are null."""
    return json.dumps(json_value(value), ensure_ascii=False)


def json_value(value: Any) -> Any:
    """A value in JSON's types."""
    if isinstance(value, date | bytes):
        return as_text(value)
    return plain(value)


def typed(value: Any, kind: Kind) -> Any:
    r"""A value for a column of this kind in a database or a Parquet file; what neither can hold is spelled out.

    >>> typed(3, "real"), typed("a\x00", "text"), typed([1], "json"), typed(None, "text"), typed(7, "text")
    (3.0, 'a\\x00', '[1]', None, '7')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if kind == "real":
        return float(value)
    if kind == "zoned":
        return value.astimezone(UTC)  # SQLite would keep the clock and forget the zone
    if kind == "json":
        return spelled(as_json(value))
    return spelled(as_text(value)) if kind == "text" else value
