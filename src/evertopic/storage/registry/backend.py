import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import quote, quote_plus

import httpx
import sqlalchemy
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sqlalchemy.engine import URL, make_url

from evertopic.errors import BadConfig, BadInput, EvertopicError, Unavailable
from evertopic.storage.turns import turn

DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
SERVERS = ("http", "https")
TURN_SECONDS = 60.0
PROBE_SECONDS = 10.0

_TRANSIENT = {"TEMPORARILY_UNAVAILABLE", "INTERNAL_ERROR", "REQUEST_LIMIT_EXCEEDED", "DEADLINE_EXCEEDED", "IO_ERROR"}


def parse_address(tracking_uri: str) -> URL:
    """The parts of a tracking address that we speak.

    Raises:
        BadConfig: a folder (MLflow's file store has no aliases to rely on and is refused by MLflow itself), a
            database or scheme we do not know, or an SQLite database in memory, which no second process would see.
    """
    accepted = f"expected {', '.join(f'{name}://' for name in (*DATABASES, *SERVERS))}"
    remedy = f"{accepted}; for one machine sqlite:////absolute/path/mlflow.db does. Set EVERTOPIC_TRACKING."
    try:
        address = make_url(tracking_uri)
    except sqlalchemy.exc.ArgumentError:
        raise BadConfig(f"The tracking address {tracking_uri!r} is a folder or no address: {remedy}") from None
    if address.get_backend_name() not in (*DATABASES, *SERVERS):
        raise BadConfig(f"The tracking address starts with {address.drivername}://: {remedy}")
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        raise BadConfig(f"The tracking address names no SQLite file: {remedy}")
    return address


def connect(address: URL) -> MlflowClient:
    """A client whose backend answered and whose schema is there; a fresh database gets it, one process at a time.

    Raises:
        BadConfig: the driver of the database is not installed.
        Unavailable: it does not answer, or stays locked.
    """
    uri = address.render_as_string(hide_password=False)
    with answering(address):
        if address.get_backend_name() in SERVERS:
            httpx.get(f"{uri.rstrip('/')}/health", timeout=PROBE_SECONDS).raise_for_status()
            return MlflowClient(tracking_uri=uri, registry_uri=uri)
        with exclusive(address):
            _probe(address)
            return _with_schema(uri)


def exclusive(address: URL) -> AbstractContextManager[None]:
    """A turn that no other process on this machine has, for what MLflow does in several transactions.

    Only SQLite needs one for its schema, and only there it spans processes; it ends with the process that holds it.
    Elsewhere nothing is held: the caller runs one training of a loop at a time.
    """
    if address.get_backend_name() != "sqlite" or address.database is None:
        return nullcontext()
    return turn(Path(address.database + ".lock"), TURN_SECONDS)


def _probe(address: URL) -> None:
    # MLflow itself would try ten times and need 100 s to say that nobody is there.
    bounded = {"connect_timeout": int(PROBE_SECONDS)} if address.get_backend_name() == "postgresql" else {}
    try:
        engine = sqlalchemy.create_engine(address, connect_args=bounded)
    except ModuleNotFoundError as error:
        raise BadConfig(
            f"{address.drivername}:// needs the package {error.name}, which is not installed: "
            "install it (for PostgreSQL with psycopg: pip install 'evertopic[postgres]')."
        ) from None
    try:
        sqlalchemy.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _with_schema(uri: str) -> MlflowClient:
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    client.search_registered_models(max_results=1)
    return client


@contextmanager
def answering(address: URL) -> Iterator[None]:
    """Faults of the backend become errors of ours, with the address and without its password.

    Raises:
        Unavailable: the backend is locked, gone, full or unreachable.
        BadInput: it answered and refused what it was given.
    """
    shown = address.render_as_string(hide_password=True)
    try:
        yield
    except EvertopicError:
        raise
    except MlflowException as error:
        if error.error_code in _TRANSIENT:
            raise Unavailable(_unavailable(shown, _without_password(str(error), address))) from None
        raise BadInput(f"MLflow at {shown} refused: {_without_password(str(error), address)}") from None
    except (sqlalchemy.exc.OperationalError, sqlite3.OperationalError, httpx.HTTPError, OSError) as error:
        raise Unavailable(_unavailable(shown, _without_password(str(error), address))) from None


def _unavailable(shown: str, reason: str) -> str:
    first = (reason.strip().splitlines() or ["no reason given"])[0]  # SQLAlchemy goes on with its statement
    return (
        f"The registry at {shown} did not answer: {first.rstrip('.')}. "
        "Check that it runs, that no other program holds it locked and that its disk has room; then run again."
    )


def _without_password(text: str, address: URL) -> str:
    if not address.password:
        return text
    for spelling in {str(address.password), quote(str(address.password)), quote_plus(str(address.password))}:
        text = text.replace(spelling, "***")
    return text
