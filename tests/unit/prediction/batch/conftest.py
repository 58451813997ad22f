import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from evertopic.prediction.bundle import Bundle
from evertopic.storage.store import Store, open_store
from tests.unit.prediction.batch.batches import Models, models

ROWS = 40


@pytest.fixture
def registry(bundle: Bundle) -> Models:
    """One model, the champion."""
    return models(bundle)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open, empty store."""
    opened = open_store(store_url, patience_s=10)
    yield opened
    opened.close()


@pytest.fixture
def database_url(store_url: str) -> str:
    """The URL of a database with nothing in it."""
    if store_url.startswith("sqlite"):
        path = Path(store_url.removeprefix("sqlite:///"))
        path.parent.mkdir()
        path.touch()
    return store_url


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """That database."""
    engine = create_engine(database_url, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def texts(news: list[str]) -> list[str]:
    return news[:ROWS]


@pytest.fixture
def csv_file(tmp_path: Path, texts: list[str]) -> Path:
    path = tmp_path / "news.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "text"], *([f"{at:03d}", text] for at, text in enumerate(texts))])
    return path


@pytest.fixture
def lines_file(tmp_path: Path, texts: list[str]) -> Path:
    path = tmp_path / "news.jsonl"
    path.write_text("".join(json.dumps({"n": at, "text": text}) + "\n" for at, text in enumerate(texts)))
    return path


@pytest.fixture
def parquet_file(tmp_path: Path, texts: list[str]) -> Path:
    path = tmp_path / "news.parquet"
    pq.write_table(pa.table({"n": pa.array(range(len(texts)), pa.int16()), "text": texts}), path, row_group_size=16)
    return path
