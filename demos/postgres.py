"""Databases of a demonstration on a PostgreSQL server, made before and dropped after."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text

PARTS = ("store", "mlflow", "prefect")


@contextmanager
def databases(server: str | None) -> Iterator[Mapping[str, str]]:
    """Variables that put store, MLflow and Prefect on three fresh databases of this server; none without one.

    Args:
        server: `postgresql://USER@HOST:PORT`, somebody who may make databases.
    """
    if server is None:
        yield {}
        return
    url = make_url(server).set(drivername="postgresql+psycopg", database="postgres")
    names = {part: f"evertopic_demo_{part}" for part in PARTS}
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for name in names.values():
                connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                connection.execute(text(f"CREATE DATABASE {name}"))
        shown = {part: url.set(database=name).render_as_string(hide_password=False) for part, name in names.items()}
        yield {
            "EVERTOPIC_STORE": shown["store"],
            "EVERTOPIC_TRACKING": shown["mlflow"],
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": shown["prefect"].replace("+psycopg", "+asyncpg"),
        }
    finally:
        with engine.connect() as connection:
            for name in names.values():
                connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        engine.dispose()
