"""Documents that a database answers to a query."""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from pydantic import PositiveInt

from evertopic.corpus.sources.base import SourceKind, as_chunk, expand, public_name
from evertopic.errors import BadConfig, BadInput, Unavailable

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, CursorResult, Engine, TextClause
    from sqlalchemy.exc import DBAPIError

EARLIEST = datetime(1000, 1, 1)  # noqa: DTZ001  # naive UTC, as everywhere; the first day that all databases know
"""What `:since` stands for when there is no watermark yet."""

_TIME_OUT = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
}


class Sql(SourceKind):
    """The rows of a query, streamed. Any SQLAlchemy URL; write it as `${NAME}` to keep the password out of the file.

    A query that mentions `:since` gets the watermark there as naive UTC time, or the year 1000 on the first run:
    `select id, body, created from notes where created >= :since order by created`.
    """

    kind: Literal["sql"] = "sql"
    url: str
    query: str
    timeout_s: PositiveInt = 15
    """Seconds to wait for a connection, where the driver lets us say so."""

    @property
    def label(self) -> str:
        """The URL without password and query, or the name of the variable while that is not set."""
        names = re.findall(r"\$\{(\w+)\}", self.url)
        return (
            _public(_parsed(expand(self.url))) if all(name in os.environ for name in names) else public_name(self.url)
        )

    def fingerprint(self) -> None:
        """None: only the database knows what it holds."""

    def read(self, since: datetime | None = None) -> Iterator[pd.DataFrame]:
        """Chunks of the result; the index counts the rows of this result. No row is no error.

        Raises:
            BadConfig: the URL cannot be read or its driver is not installed.
            BadInput: the database refuses the query, or the SQLite file is not there.
            Unavailable: the database does not answer.
        """
        from sqlalchemy.exc import DBAPIError

        url = _parsed(expand(self.url))
        _check_file(url)
        engine = _engine(url, self.timeout_s)
        try:
            with _connected(engine, url) as connection:
                yield from self._chunks(connection, since)
        except DBAPIError as error:
            raise _explained(error, url) from error
        finally:
            engine.dispose()

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


def _parsed(url: str) -> "URL":
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadConfig("The url of the sql source is none: write it as dialect://user@host:port/database.") from error
    if parsed.drivername == "postgresql" and find_spec("psycopg"):
        # SQLAlchemy's own default is psycopg2, which is no extra of ours.
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _public(url: "URL") -> str:
    return url.set(query={}).render_as_string(hide_password=True)


def _check_file(url: "URL") -> None:
    """SQLite would make an empty database out of a typo."""
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:" and not url.query:
        path = Path(url.database)
        if not path.is_file():
            raise BadInput(f"{path} is not there: correct the path of the SQLite file.")


def _engine(url: "URL", timeout_s: int) -> "Engine":
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError
    from sqlalchemy.pool import NullPool

    try:
        option = _TIME_OUT.get(url.get_driver_name())
        arguments: dict[str, Any] = {option: timeout_s} if option else {}
        return create_engine(url, connect_args=arguments, poolclass=NullPool)
    except (ImportError, ArgumentError) as error:
        raise BadConfig(f"{_public(url)} needs a driver that is not installed: {error}") from error


def _connected(engine: "Engine", url: "URL") -> "Connection":
    from sqlalchemy.exc import DBAPIError

    try:
        return engine.connect()
    except DBAPIError as error:
        raise Unavailable(f"{_public(url)} does not answer: {_said(error, url)}") from error


def _explained(error: "DBAPIError", url: "URL") -> BadInput | Unavailable:
    if error.connection_invalidated:
        return Unavailable(f"{_public(url)} closed the connection while it was read: {_said(error, url)}")
    return BadInput(f"{_public(url)} refuses the query: {_said(error, url)}")


def _said(error: "DBAPIError", url: "URL") -> str:
    """The first line of what the driver said, without the password."""
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return lines[0].replace(str(url.password), "***") if url.password else lines[0]
