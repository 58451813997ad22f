"""Rows that a database answers to a query, found again by a key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from evertopic.corpus.sources import database
from evertopic.digests import digest_of
from evertopic.errors import BadInput
from evertopic.prediction.batch.keys import check_key
from evertopic.prediction.batch.kinds import Kinds
from evertopic.prediction.batch.rows import Chunk, Column, Size, Survey, grouped, some_rows

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Select


@dataclass(frozen=True, slots=True)
class Query:
    """A question to a database: any SQLAlchemy URL, `${NAME}` in it stands for a variable."""

    url: str
    query: str
    key: str
    """The column that tells rows apart and orders them."""


class QueryOrigin:
    """The rows of a query in the order of their keys, a page at a time; no page keeps a transaction open.

    A run has an end, the largest key when it began: rows that are added meanwhile belong to the next run.
    """

    def __init__(self, asked: Query, size: Size) -> None:
        self.asked, self.size, self.label = asked, size, database.public(asked.url)

    def survey(self, *, typed: bool) -> Survey:
        """Columns, number of rows and largest key; with `typed`, what the columns hold, for which all rows are read.

        Raises:
            BadInput: the query is refused, needs parameters or names no such key, or keys are missing or repeated.
        """
        with database.reading(self._url()) as connection:
            names = self._names(connection)
            rows, until = self._keys(connection)
        # The content may change at any time: what stays is the question.
        digest = digest_of("query", self.label, self.asked.query, self.asked.key)
        survey = some_rows(
            Survey(rows, digest, tuple(Column(name) for name in names), until=until),
            f"The answer of {self.label}",
        )
        return replace(survey, columns=self._columns(survey)) if typed else survey

    def chunks(self, survey: Survey, done: int, last: Any) -> Iterator[Chunk]:  # noqa: ARG002 - rows are found by key
        """The rows whose keys are greater than `last`; all of them for None."""
        at = survey.names.index(self.asked.key)
        while True:
            rows = self._page(last, survey.until)
            if not rows:
                return
            last = rows[-1][at]
            yield Chunk([str(row[at]) for row in rows], rows, last=last)

    def changed(self, survey: Survey) -> bool:  # noqa: ARG002 - rows may come and go while others are read
        """False: nobody can say so of a database in use."""
        return False

    def _page(self, last: Any, until: Any) -> list[Sequence[Any]]:
        with database.reading(self._url()) as connection:
            streaming = connection.execution_options(stream_results=True, max_row_buffer=self.size.rows)
            with streaming.execute(self._after(connection, last, until)) as result:
                rows = ([_value(cell) for cell in row] for row in result)
                return next(grouped(rows, self.size, _weight), [])

    def _after(self, connection: "Connection", last: Any, until: Any) -> "Select[Any]":
        from sqlalchemy import bindparam, text
        from sqlalchemy.types import NullType

        key = connection.dialect.identifier_preparer.quote_identifier(self.asked.key)
        # NullType: the database shall compare by the type of the column, not by Python's.
        bounds = [text(f"{key} <= :until").bindparams(bindparam("until", until, NullType()))]
        if last is not None:
            bounds.append(text(f"{key} > :last").bindparams(bindparam("last", last, NullType())))
        return self._selected("*").where(*bounds).order_by(text(key)).limit(self.size.rows)

    def _keys(self, connection: "Connection") -> tuple[int, Any]:
        """Number of rows and the largest key."""
        from sqlalchemy import text

        key = connection.dialect.identifier_preparer.quote_identifier(self.asked.key)
        counted = self._selected(f"count(*), count({key}), count(distinct {key})")
        rows, keys, different = connection.execute(counted).one()
        if keys < rows or different < keys:
            found = f"{rows - keys:,} rows have none, {keys - different:,} have one that another row has too"
            raise BadInput(
                f"{self.asked.key!r} is no key of what {self.label} answers: {found}. Name a column by --key in which "
                "every row has a value of its own."
            )
        # Not max(), which PostgreSQL has not for every type that it can order.
        largest = connection.execute(self._selected(key).order_by(text(f"{key} desc")).limit(1)).scalar()
        check_key(largest, self.asked.key)
        return rows, largest

    def _names(self, connection: "Connection") -> list[str]:
        with connection.execute(self._selected("*").limit(0)) as result:
            names = list(result.keys())
        if self.asked.key not in names:
            there = ", ".join(map(repr, names))
            raise BadInput(f"{self.label} answers without a column {self.asked.key!r}: there are {there}. Set --key.")
        if len(set(names)) < len(names):
            raise BadInput(f"The query of {self.label} names a column twice ({', '.join(names)}): rename one with as.")
        return names

    def _selected(self, what: str) -> "Select[Any]":
        from sqlalchemy import select, text

        question = text(f"(\n{self.asked.query.strip().rstrip(';')}\n) as asked")
        parameters = sorted(question.compile().params)
        if parameters:
            named = ", ".join(f":{name}" for name in parameters)
            raise BadInput(f"The query of {self.label} has parameters ({named}), which have no value here.")
        return select(text(what)).select_from(question)

    def _columns(self, survey: Survey) -> tuple[Column, ...]:
        kinds = Kinds()
        for chunk in self.chunks(survey, 0, None):
            for row in chunk.rows():
                kinds.see(zip(survey.names, row, strict=True))
        return kinds.columns()

    def _url(self) -> "URL":
        return database.address(self.asked.url)


def _value(cell: Any) -> Any:
    return bytes(cell) if isinstance(cell, memoryview | bytearray) else cell


def _weight(row: Sequence[Any]) -> int:
    return sum(len(cell) for cell in row if isinstance(cell, str | bytes))
