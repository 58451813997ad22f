"""Rows that were refused: why, what was found there, and where they came from."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, get_args

import pandas as pd

from evertopic.corpus.sources.base import excerpt
from evertopic.records import Quarantined

Reason = Literal[
    "bad_json",
    "bad_row",
    "wrong_type",
    "bad_timestamp",
    "missing_text",
    "empty_text",
    "encoding",
    "too_short",
    "too_long",
    "future_timestamp",
    "unknown_label",
    "duplicate_id",
]
"""Why a row is refused, in the order in which a row with several faults gets its one reason."""

REASONS: tuple[str, ...] = get_args(Reason)

REJECTED = ("origin", "id", "reason", "found", "raw")

EXAMPLES = 5


def quarantined(refused: pd.DataFrame, reasons: Sequence[str]) -> pd.DataFrame:
    """The table `REJECTED` of refused canonical rows, one reason each."""
    rows = refused.to_dict("records")
    return pd.DataFrame(
        {
            "origin": [row["origin"] for row in rows],
            "id": [excerpt(row["id"]) for row in rows],
            "reason": list(reasons),
            "found": [_found(row, reason) for row, reason in zip(rows, reasons, strict=True)],
            "raw": [_raw(row) for row in rows],
        },
        columns=list(REJECTED),
        dtype=object,
    )


def summarise(rejected: Iterable[pd.DataFrame]) -> tuple[Quarantined, ...]:
    """How many rows each reason has over all rejected tables, most frequent first, each with its first examples."""
    rows: dict[str, int] = {}
    examples: dict[str, list[str]] = {}
    for frame in rejected:
        for reason, origin, found in zip(frame["reason"], frame["origin"], frame["found"], strict=True):
            rows[reason] = rows.get(reason, 0) + 1
            shown = examples.setdefault(reason, [])
            if len(shown) < EXAMPLES:
                shown.append(f"{origin}: {found}")
    order = sorted(rows, key=lambda reason: (-rows[reason], REASONS.index(reason)))
    return tuple(Quarantined(reason, rows[reason], tuple(examples[reason])) for reason in order)


def unstorable(text: str) -> str | None:
    """What keeps a text out of a database: a NUL byte or a lone surrogate; None when nothing does."""
    if "\0" in text:
        return "NUL byte"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"undecodable {text[error.start]!a} at character {error.start + 1:,}"
    return None


def _found(row: dict[Any, Any], reason: str) -> str:
    return _FOUND[reason](row) if reason in _FOUND else str(row["fault"]).partition(": ")[2]


def _damage(row: dict[Any, Any]) -> str:
    cells = [row[name] for name in ("text", "id", "label", "metadata") if isinstance(row[name], str)]
    lost = row["text"].count("\ufffd")
    return next(filter(None, map(unstorable, cells)), f"{lost:,} lost characters (U+FFFD) in {excerpt(row['text'])!r}")


def _length(row: dict[Any, Any]) -> str:
    text = row["text"].strip()
    return f"{len(text):,} characters: {excerpt(text)!r}"


_FOUND: dict[str, Callable[[dict[Any, Any]], str]] = {
    "missing_text": lambda _: "no text",
    "empty_text": lambda row: f"{len(row['text']):,} characters of white space",
    "encoding": _damage,
    "too_short": _length,
    "too_long": _length,
    "future_timestamp": lambda row: str(row["timestamp"]),
    "unknown_label": lambda row: f"label {excerpt(row['label'])!r}",
    "duplicate_id": lambda row: f"id {excerpt(row['id'])!r} already has another text",
}


def _raw(row: dict[Any, Any]) -> str:
    kept = {name: None if value is pd.NaT else value for name, value in row.items() if name not in {"fault", "origin"}}
    return json.dumps(kept, default=str)
