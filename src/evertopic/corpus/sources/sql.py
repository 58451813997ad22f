"""Documents that a database answers to a query."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from pydantic import PositiveInt

from evertopic.corpus.sources import database
from evertopic.corpus.sources.base import SourceKind, as_chunk
from evertopic.errors import BadInput

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, TextClause

EARLIEST = datetime(1000, 1, 1)  # noqa: DTZ001  # naive UTC, as everywhere; the first day that all databases know
"""What `:since` stands for when there is no watermark yet."""


class Sql(SourceKind):
    """The rows of a query, streamed. Any SQLAlchemy URL; write it as `${NAME}` to keep the password out of the file.

    A query that mentions `:since` gets the watermark there as naive UTC time, or the year 1000 on the first run:
    `select id, body, created from notes where created >= :since order by created`.
    """

    kind: Literal["sql"] = "sql"
    url: str
    query: str
    timeout_s: PositiveInt = database.TIMEOUT_S
    """Seconds to wait for a connection, where the driver lets us say so."""

    @property
    def label(self) -> str:
        """The URL without password and query, or the name of the variable while that is not set."""
        return database.public(self.url)

    def fingerprint(self) -> None:
        """None: only the database knows what it holds."""

    def read(self, since: datetime | None = None) -> Iterator[pd.DataFrame]:
        """Chunks of the result; the index counts the rows of this result. No row is no error.

        Raises:
            BadConfig: the URL cannot be read or its driver is not installed.
            BadInput: the database refuses the query, or the SQLite file is not there.
            Unavailable: the database does not answer.
        """
        with database.reading(database.address(self.url), self.timeout_s) as connection:
            yield from self._chunks(connection, since)

    def _chunks(self, connection: "Connection", since: datetime | None) -> Iterator[pd.DataFrame]:
        streaming = connection.execution_options(stream_results=True, yield_per=self.chunk_rows)
        with streaming.execute(_bound(self.query, since)) as result:
            yield from self._parts(result)

    def _parts(self, result: "CursorResult[Any]") -> Iterator[pd.DataFrame]:
        if not result.returns_rows:
            raise BadInput(f"The query of {self.label} returns no rows at all: it must be a select.")
        names, row = list(result.keys()), 1
        if len(set(names)) < len(names):
            raise BadInput(f"The query of {self.label} names a column twice ({', '.join(names)}): rename one with as.")
        for rows in result.partitions(self.chunk_rows):
            yield as_chunk({name: [cells[place] for cells in rows] for place, name in enumerate(names)}, row)
            row += len(rows)


def _bound(query: str, since: datetime | None) -> "TextClause":
    from sqlalchemy import DateTime, bindparam, text

    clause = text(query)
    if "since" not in clause.compile().params:
        return clause
    return clause.bindparams(bindparam("since", value=since or EARLIEST, type_=DateTime()))
