"""Keys of rows in a database, written down so that a later run goes on behind them."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from evertopic.errors import BadInput

_READ: dict[str, Callable[[str], Any]] = {
    "int": int,
    "str": str,
    "float": float,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "Decimal": Decimal,
    "UUID": UUID,
}


def check_key(key: Any, column: str) -> None:
    """Nothing, for a key that can be written down; None is none and needs no writing.

    Raises:
        BadInput: it is of another type.
    """
    if key is not None and type(key).__name__ not in _READ:
        raise BadInput(
            f"The keys in {column!r} are of type {type(key).__name__}: order the rows by a column of whole numbers, "
            "texts, times or UUIDs."
        )


def written(key: Any) -> tuple[str, str] | None:
    """The key as type and text.

    >>> read(written(7)), read(written("7")), read(written(None))
    (7, '7', None)
    """
    if key is None:
        return None
    return type(key).__name__, key.isoformat() if isinstance(key, date) else str(key)


def read(key: tuple[str, str] | None) -> Any:
    """The key that was written."""
    return None if key is None else _READ[key[0]](key[1])
