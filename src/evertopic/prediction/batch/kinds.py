"""What a column holds, found out from its values."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from evertopic.prediction.batch.rows import Column, Kind

LARGEST = 2**63


class Kinds:
    """Collects the kinds of the values of columns, in the order in which they are first seen."""

    def __init__(self) -> None:
        self._seen: dict[str, set[Kind]] = {}

    def see(self, values: Iterable[tuple[str, Any]]) -> None:
        """Take in the (column, value) pairs of one row; missing values say nothing."""
        for name, value in values:
            kinds = self._seen.setdefault(name, set())
            if value is not None:
                kinds.add(kind_of(value))

    def columns(self) -> tuple[Column, ...]:
        """Every column with the one kind that holds all its values."""
        return tuple(Column(name, _one(kinds)) for name, kinds in self._seen.items())


def kind_of(value: Any) -> Kind:
    """The kind of one value; what no database has a type for is text.

    >>> kind_of(True), kind_of(7), kind_of(2**70), kind_of([1]), kind_of("7")
    ('boolean', 'integer', 'text', 'json', 'text')
    """
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer" if -LARGEST <= value < LARGEST else "text"
    if isinstance(value, float):
        return "real"
    if isinstance(value, datetime):
        return "zoned" if value.tzinfo else "moment"
    return "json" if isinstance(value, dict | list | tuple) else "text"


def _one(kinds: set[Kind]) -> Kind:
    if len(kinds) == 1:
        return next(iter(kinds))
    return "real" if kinds == {"integer", "real"} else "text"
