import sqlite3
import subprocess
import sys

import pytest

from evertopic.errors import BadConfig, Unavailable
from evertopic.storage.registry import open_registry


def test_race(raced):
    """Four processes that open a fresh database at once all succeed, and its folders are made."""
    database, ends = raced
    assert database.is_file()
    assert [code for code, _ in ends] == [0, 0, 0, 0], ends


def test_import_is_light():
    """Naming the registry does not import MLflow."""
    code = "import sys, evertopic.storage.registry; sys.exit('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "uri", ["mlruns", "/srv/mlruns", "file:///srv/mlruns", "", "databricks", "sqlite://", "sqlite:///:memory:"]
)
def test_no_database(uri):
    """A folder, an unknown scheme or a database in memory is refused with what would do."""
    with pytest.raises(BadConfig, match=r"sqlite:////absolute/path/mlflow\.db"):
        open_registry(uri, "file:///tmp")


def test_locked(tracking_uri, artifacts_url):
    """A database that another program holds is unavailable, and the message says what to look for."""
    holder = sqlite3.connect(tracking_uri.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable, match=r"database is locked.*no other program"):
        open_registry(f"{tracking_uri}?timeout=0.05", artifacts_url)
    holder.close()


def test_unreachable_server(artifacts_url):
    """A server that is not there is unavailable at once, and its password stays hidden."""
    with pytest.raises(Unavailable) as caught:
        open_registry("http://ann:s3cr%40t@127.0.0.1:9", artifacts_url)
    assert "ann:***@127.0.0.1:9" in str(caught.value)
    assert "s3cr" not in str(caught.value)


def test_unreachable_database(artifacts_url):
    """So is a PostgreSQL that is not there."""
    pytest.importorskip("psycopg", reason="the driver of PostgreSQL is an extra")
    with pytest.raises(Unavailable) as caught:
        open_registry("postgresql+psycopg://ann:s3cr%40t@127.0.0.1:9/mlflow", artifacts_url)
    assert "ann:***@127.0.0.1:9/mlflow" in str(caught.value)
    assert "s3cr" not in str(caught.value)


def test_no_driver(artifacts_url):
    """A database whose driver is not installed says which package it needs."""
    with pytest.raises(BadConfig, match="needs the package pymssql"):
        open_registry("mssql+pymssql://db/mlflow", artifacts_url)


def test_password_in_reason():
    """A password is hidden in what the backend says too, however it was spelled."""
    from evertopic.storage.registry.backend import answering, parse_address

    address = parse_address("postgresql://ann:s3cr%40t@db/mlflow")
    with pytest.raises(Unavailable) as caught, answering(address):
        raise OSError("cannot reach postgresql://ann:s3cr%40t@db as ann with s3cr@t")
    assert "s3cr" not in str(caught.value)
    assert "cannot reach postgresql://ann:***@db as ann with ***" in str(caught.value)


def test_gone(registry, tracking_uri):
    """A database that is emptied under an open registry is unavailable, not a traceback."""
    connection = sqlite3.connect(tracking_uri.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("DROP TABLE registered_models")
    connection.close()
    with pytest.raises(Unavailable, match="no such table"):
        registry.versions("news")
