"""A database as those reach it who read a query or write a table: its address, its engine, its faults in words."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evertopic.corpus.sources.base import expand, public_name
from evertopic.errors import BadConfig, BadInput, Unavailable

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.exc import DBAPIError

TIMEOUT_S = 15
"""Seconds to wait for a connection, where the driver lets us say so."""

_TIME_OUT = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
}

_PASSING = re.compile(r"\b(locked|busy|is full|No space left|too many connections|shutting down)\b")
"""What drivers say of faults that no other query would mend."""


def address(url: str) -> "URL":
    """The SQLAlchemy URL, `${NAME}` replaced by the environment's.

    Raises:
        BadConfig: it is none, or names a variable that is not set.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(expand(url))
    except (ArgumentError, ValueError) as error:
        raise BadConfig("The url of the sql source is none: write it as dialect://user@host:port/database.") from error
    if parsed.drivername == "postgresql" and find_spec("psycopg"):
        # SQLAlchemy's own default is psycopg2, which is no extra of ours.
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def public(url: str) -> str:
    """The URL without password and query, or the name of the variable while that is not set."""
    names = re.findall(r"\$\{(\w+)\}", url)
    return _shown(address(url)) if all(name in os.environ for name in names) else public_name(url)


def check_file(url: "URL") -> None:
    """Nothing, where the database may be there: SQLite would make an empty one out of a typo.

    Raises:
        BadInput: there is no such SQLite file.
    """
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:" and not url.query:
        path = Path(url.database)
        if not path.is_file():
            raise BadInput(f"{path} is not there: correct the path of the SQLite file.")


def engine_for(url: "URL", timeout_s: int = TIMEOUT_S) -> "Engine":
    """An engine, not yet connected; it keeps no connection open.

    Raises:
        BadConfig: the driver is not installed.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError
    from sqlalchemy.pool import NullPool

    try:
        option = _TIME_OUT.get(url.get_driver_name())
        arguments: dict[str, Any] = {option: timeout_s} if option else {}
        return create_engine(url, connect_args=arguments, poolclass=NullPool)
    except (ImportError, ArgumentError) as error:
        raise BadConfig(f"{_shown(url)} needs a driver that is not installed: {error}") from error


@contextmanager
def reading(url: "URL", timeout_s: int = TIMEOUT_S) -> Iterator["Connection"]:
    """A connection to read with; what the database says of a query becomes ours.

    Raises:
        BadConfig: the driver is not installed.
        BadInput: the database refuses a query, or the SQLite file is not there.
        Unavailable: the database does not answer.
    """
    check_file(url)
    engine = engine_for(url, timeout_s)
    try:
        with explained(url, "the query"), connected(engine, url) as connection:
            yield connection
    finally:
        engine.dispose()


def connected(engine: "Engine", url: "URL") -> "Connection":
    """A connection; close it.

    Raises:
        Unavailable: the database does not answer.
    """
    from sqlalchemy.exc import DBAPIError

    try:
        return engine.connect()
    except DBAPIError as error:
        raise Unavailable(f"{_shown(url)} does not answer: {_said(error, url)}") from error


@contextmanager
def explained(url: "URL", what: str) -> Iterator[None]:
    """Turn what the driver raises while it lasts into a fault of ours; `what` is what the database may refuse."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated:
            said = f"closed the connection while it was used: {_said(error, url)}"
            raise Unavailable(f"{_shown(url)} {said}") from error
        if _PASSING.search(_said(error, url)):
            raise Unavailable(f"{_shown(url)} cannot be used now: {_said(error, url)}. Try again.") from error
        raise BadInput(f"{_shown(url)} refuses {what}: {_said(error, url)}") from error


def _shown(url: "URL") -> str:
    return url.set(query={}).render_as_string(hide_password=True)


def _said(error: "DBAPIError", url: "URL") -> str:
    """The first line of what the driver said, without the password."""
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return lines[0].replace(str(url.password), "***") if url.password else lines[0]
