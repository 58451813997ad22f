"""Every test of the store runs on SQLite and on PostgreSQL, each time on a fresh one."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from evertopic.storage.store import Store, open_store

SERVER = "postgresql+psycopg://root@127.0.0.1:5432/test"


READY = "\nprint('ready', flush=True)\nsys.stdin.readline()\n"


@pytest.fixture
def at_once() -> Callable[[int, str, str, str], list[int]]:
    """Run `act` in several processes that start it together, after each has done `prepare`; their exit codes."""

    def run(processes: int, prepare: str, act: str, argument: str) -> list[int]:
        command = [sys.executable, "-c", "import sys\n" + prepare + READY + act, argument]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        started = [subprocess.Popen(command, **pipes) for _ in range(processes)]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in started:
            process.communicate(timeout=60)
        return [process.returncode for process in started]

    return run


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
