"""One engine for SQLite and PostgreSQL: the same promises about locks, transactions and errors."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from evertopic.errors import BadConfig, Corrupted, Unavailable

Item = TypeVar("Item")

ROWS_PER_STATEMENT = 5_000
"""SQLite takes 32,766 variables a statement, PostgreSQL's protocol 65,535."""


SIGNS_OF_LIFE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4, "tcp_user_timeout": 30_000}
"""In seconds; the last in milliseconds, for what was sent and not acknowledged."""


def make_engine(url: str, patience_s: float) -> Engine:
    """An engine for `url`, not yet connected. A locked or silent database is waited for `patience_s` seconds.

    Raises:
        BadConfig: the URL is neither of SQLite (a file) nor of PostgreSQL.
    """
    target = _target(url)
    if target.get_backend_name() == "postgresql":
        # libpq takes whole seconds, two at least. A server that vanished with its network is given up after half a
        # minute; the system alone would wait for its answer for two hours.
        options = {"connect_timeout": max(2, int(patience_s)), **SIGNS_OF_LIFE}
        engine = create_engine(target, pool_pre_ping=True, connect_args=options)
    else:
        engine = create_engine(target, connect_args={"timeout": patience_s})
        event.listen(engine, "connect", _take_over_transactions)
        event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _explain)
    return engine


def writing(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that will write: everything in it or nothing."""
    return engine.execution_options(writes=True).begin()


def insert_new(engine: Engine, table: Table) -> Any:
    """An insert into `table` that leaves rows whose primary key is there already alone; it knows how many were new.

    Not SQLite's OR IGNORE, which also drops rows with a missing value, and says nothing.
    """
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key))
    return insert.execution_options(preserve_rowcount=True)


def shown(engine: Engine) -> str:
    """The URL for messages, without its password."""
    return engine.url.render_as_string(hide_password=True)


def chunks(items: Iterable[Item], size: int = ROWS_PER_STATEMENT) -> Iterator[list[Item]]:
    """The items in lists of at most `size`; the last one may be shorter, none is empty."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _target(url: str) -> URL:
    try:
        target = make_url(url)
    except ArgumentError as error:
        raise BadConfig("EVERTOPIC_STORE is no URL: give sqlite:///FILE or postgresql://USER@HOST/NAME.") from error
    if target.drivername == "postgresql":
        driver = "psycopg" if find_spec("psycopg") else "psycopg2"
        return target.set(drivername=f"postgresql+{driver}")
    if target.get_backend_name() == "postgresql" or (target.drivername == "sqlite" and target.database):
        return target
    raise BadConfig(f"{target!r} is no store: give sqlite:///FILE or postgresql://USER@HOST/NAME.")


def _take_over_transactions(connection: Any, _record: Any) -> None:
    # Python's driver begins transactions on its own, too late for tables and too weakly for writers.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once: one that reads first and then asks for it may be refused without waiting.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _explain(context: ExceptionContext) -> None:
    failure = context.sqlalchemy_exception
    place = context.engine.url if context.engine is not None else "the store"
    if isinstance(failure, OperationalError):
        raise Unavailable(
            f"The store {place!r} did not answer: {str(context.original_exception).strip()}. Check that it is "
            "reachable, not full and not held by another program (EVERTOPIC_STORE says where it is), and run again; "
            "nothing was half-written."
        ) from context.original_exception
    if isinstance(failure, DatabaseError) and "not a database" in str(context.original_exception):
        raise Corrupted(
            f"The store {place!r} is not a database: point EVERTOPIC_STORE elsewhere or restore it."
        ) from context.original_exception


def make_folder(engine: Engine) -> Path | None:
    """The SQLite file, its folder made; None for a server.

    Raises:
        Unavailable: the folder cannot be made.
    """
    if engine.dialect.name != "sqlite":
        return None
    path = Path(str(engine.url.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"The store's folder {path.parent} cannot be made: {error}. Check the path.") from error
    return path
