"""The surroundings of every test: no network, no telemetry, nothing of the developer's own machine.

They are set before anything else is imported: MLflow, Prefect and the Hugging Face libraries read them only then.
"""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from evertopic.storage.registry import MLFLOW_DEFAULTS

if TYPE_CHECKING:
    from tests.projects import Project

HOME = Path(mkdtemp(prefix="evertopic-tests-"))
for name in [name for name in os.environ if name.startswith(("EVERTOPIC_", "PREFECT_", "MLFLOW_"))]:
    del os.environ[name]
os.environ |= MLFLOW_DEFAULTS | {
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "XDG_CACHE_HOME": str(HOME / "cache"),  # a model is exported to it once
    "PREFECT_HOME": str(HOME / "prefect"),
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # Tests speak to Prefect's loggers without a flow run.
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}

SERVER = "postgresql+psycopg://root@127.0.0.1:5432/test"

FOREIGN_WARNINGS = (
    # umap says on every first import that it can do without TensorFlow.
    "ignore:Tensorflow not installed:ImportWarning",
    # SQLAlchemy leaves a psycopg cursor that never ran to the garbage collector when its connection goes first.
    "ignore:.*psycopg.ServerCursor object.*was deleted while still open:ResourceWarning",
    # apprise looks whether Python still has it.
    "ignore:'imghdr' is deprecated:DeprecationWarning",
)


def pytest_configure(config: pytest.Config) -> None:
    """Allows what other libraries warn of wherever they are used; every other warning stays an error."""
    for line in FOREIGN_WARNINGS:
        config.addinivalue_line("filterwarnings", line)
    config.add_cleanup(partial(rmtree, HOME, ignore_errors=True))


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A Prefect server of this test session, on a database of its own. Only for tests that run a flow."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    # Each heartbeat waits a second at the end of its flow.
    with (
        prefect_test_harness(server_startup_timeout=120),
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield


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


@pytest.fixture(scope="session")
def fresh_mlflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database with its tables and nothing in them: making them takes seconds, copying the file does not."""
    from evertopic.storage.registry import open_registry

    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    open_registry(f"sqlite:///{path}", (path.parent / "artifacts").as_uri())
    return path


@pytest.fixture
def project(tmp_path: Path, fresh_mlflow: Path) -> "Project":
    """A project of this test's own: prefect.yaml, configs/, 120 texts on four themes, nothing trained."""
    from tests.projects import Project

    return Project.make(tmp_path / "project", fresh_mlflow)
