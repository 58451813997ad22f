"""What every kind of input gives and every kind of output takes: rows in chunks, and what is known of all of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from evertopic.errors import BadInput

Kind = Literal["text", "integer", "real", "boolean", "moment", "zoned", "json"]
"""What a column holds where the output wants to know; `moment` is a time without zone, `zoned` one with."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is held in memory at a time; a chunk ends where either is reached."""

    rows: int = 5_000
    characters: int = 20_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the input."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first look at the whole input finds."""

    rows: int
    digest: str
    """Of the content; of an address and a question where the content may change while it is read."""
    columns: tuple[Column, ...]
    header: tuple[str, ...] = ()
    """The names as a file of delimited text writes them; () elsewhere."""
    schema: Any = None
    """Arrow's, of a Parquet file."""
    until: Any = None
    """The largest key there is, where rows are found by key; None elsewhere."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, all different."""
        return tuple(column.name for column in self.columns)


class Chunk:
    """Some rows, in their order.

    Args:
        names: what each row is called within its input: its number, or its key.
        rows: the values of each row, in the order of the columns; a missing one is None.
        faults: why a row could not be read, None where it could.
        lines: each row as the line of JSON it came as; () where it came otherwise.
        last: the key of the last row, where rows are found by key.
    """

    def __init__(
        self,
        names: Sequence[str],
        rows: Sequence[Sequence[Any]],
        faults: Sequence[str | None] = (),
        lines: Sequence[str] = (),
        last: Any = None,
    ) -> None:
        self.names, self.lines, self.last = names, lines, last
        self.faults = faults or [None] * len(names)
        self._rows = rows

    def __len__(self) -> int:
        return len(self.names)

    def rows(self) -> Sequence[Sequence[Any]]:
        """The values of each row."""
        return self._rows

    def column(self, place: int) -> Sequence[Any]:
        """The values of one column."""
        return [row[place] for row in self.rows()]


class Origin(Protocol):
    """Where the rows come from."""

    @property
    def label(self) -> str:
        """What messages call it; no password is in it."""

    def survey(self, *, typed: bool) -> Survey:
        """What a first look at all of it finds.

        Args:
            typed: whether the output wants to know what the columns hold.

        Raises:
            BadInput: it cannot be read as rows, or has none.
            Unavailable: it does not answer.
        """

    def chunks(self, survey: Survey, done: int, last: Any) -> Iterator[Chunk]:
        """The rows after the first `done` ones, or after the key `last`; cut the same way whenever it is asked."""

    def changed(self, survey: Survey) -> bool:
        """True when the content is no longer what was surveyed, as far as that can be known."""


def grouped(items: Iterable[Item], size: Size, weigh: Callable[[Item], int]) -> Iterator[list[Item]]:
    """The items in lists that end where a number of rows or of characters is reached; none is empty.

    >>> list(grouped(["a", "bb", "cccc", "d"], Size(rows=3, characters=3), len))
    [['a', 'bb'], ['cccc'], ['d']]
    """
    group: list[Item] = []
    weight = 0
    for item in items:
        group.append(item)
        weight += weigh(item)
        if len(group) == size.rows or weight >= size.characters:
            yield group
            group, weight = [], 0
    if group:
        yield group


def some_rows(survey: Survey, label: str) -> Survey:
    """The same survey.

    Raises:
        BadInput: there is not one row.
    """
    if not survey.rows:
        raise BadInput(f"{label} has no rows: there is nothing to predict.")
    return survey
