"""Every test of the store runs on SQLite and on PostgreSQL, each time on a fresh one."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from evertopic.storage.store import Store, open_store

SERVER = "postgresql+psycopg2://root@127.0.0.1:5432/test"


@pytest.fixture(scope="session")
def server() -> str | None:
    """The URL of a PostgreSQL server that answers, None without one."""
    engine = create_engine(SERVER, connect_args={"connect_timeout": 2})
    try:
        with engine.connect():
            return SERVER
    except OperationalError:
        return None
    finally:
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path, server: str | None) -> Iterator[str]:
    """The URL of a database with nothing in it; on the server, a schema that is dropped afterwards."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new folder' / 'store.db'}"
        return
    if server is None:
        pytest.skip(f"no PostgreSQL answers at {SERVER}")
    schema = f"evertopic_{uuid4().hex}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{server}?options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open, empty store."""
    opened = open_store(store_url, patience_s=10)
    yield opened
    opened.close()
