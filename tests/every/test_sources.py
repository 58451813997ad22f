"""What every kind of source promises: the same documents, whatever they came in."""

import json
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evertopic.corpus.columns import Columns, map_columns
from evertopic.corpus.contract import Contract, check_chunk
from evertopic.corpus.sources import FAULT, Bundled, Csv, Http, Jsonl, Parquet, Source, Sql
from evertopic.corpus.sources.base import SourceKind

COLUMNS = Columns(id="number", text=("title", "body"), label="label", timestamp="created", metadata=("score", "place"))
KINDS: tuple[type[SourceKind], ...] = get_args(get_args(Source)[0])

Record = dict[str, Any]


def documents(count: int = 1_000) -> list[Record]:
    """Texts with everything that cutting into rows and cells could trip over."""
    rng = random.Random(7)
    pieces = [
        "NA",
        "null",
        "a,b",
        'say "no"',
        "two\nlines",
        "old\r\nlines",
        "grün",
        "日本語",
        "🙂🏽",
        " ",
        "; | \t x",
        "007",
    ]
    start = datetime(2020, 1, 1)  # noqa: DTZ001  # naive UTC, as databases keep it
    return [
        {
            "number": number,
            "title": rng.choice([None, "NaN", f"Title {number}", 'A "title", quoted']),
            "body": " ".join(rng.choices(pieces, k=rng.randint(1, 12))) + f" end {number}",
            "label": rng.choice(["news", "sport", None]),
            "created": start + timedelta(seconds=rng.randint(0, 10**8)),
            "score": rng.choice([None, 0, 3, 12]),
            "place": rng.choice([None, "Åbo", "x,y"]),
        }
        for number in range(count)
    ]


def as_csv(rows: list[Record], folder: Path) -> SourceKind:
    pd.DataFrame(rows, dtype=object).to_csv(folder / "docs.csv", index=False)
    return Csv(path=str(folder / "docs.csv"), chunk_rows=300)


def as_jsonl(rows: list[Record], folder: Path) -> SourceKind:
    lines = (json.dumps(row, default=datetime.isoformat, ensure_ascii=row["number"] % 2 == 0) for row in rows)
    (folder / "docs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return Jsonl(path=str(folder / "docs.jsonl"), chunk_rows=300)


def as_parquet(rows: list[Record], folder: Path) -> SourceKind:
    pq.write_table(pa.Table.from_pylist(rows), folder / "docs.parquet")
    return Parquet(path=str(folder / "docs.parquet"), chunk_rows=300)


def as_sql(rows: list[Record], folder: Path) -> SourceKind:
    with closing(sqlite3.connect(folder / "docs.db")) as connection, connection:
        connection.execute("create table docs (number integer, title, body, label, created, score integer, place)")
        connection.executemany(
            "insert into docs values (:number, :title, :body, :label, :created, :score, :place)",
            [row | {"created": str(row["created"])} for row in rows],
        )
    return Sql(url=f"sqlite:///{folder / 'docs.db'}", query="select * from docs order by number", chunk_rows=300)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name the base class has
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with serving(tmp_path) as running:
        yield running


def canonical(source: SourceKind) -> pd.DataFrame:
    return pd.concat([map_columns(chunk, COLUMNS, "docs") for chunk in source.read()], ignore_index=True)


def expected(rows: list[Record]) -> pd.DataFrame:
    """Made by hand from the records, without any of the readers."""
    return pd.DataFrame(
        {
            "id": pd.Series([str(row["number"]) for row in rows], dtype=object),
            "text": pd.Series(
                [row["body"] if row["title"] is None else f"{row['title']}\n\n{row['body']}" for row in rows],
                dtype=object,
            ),
            "label": pd.Series([row["label"] for row in rows], dtype=object),
            "timestamp": pd.Series([row["created"] for row in rows]).astype("datetime64[s]"),
            "metadata": pd.Series(
                [
                    json.dumps(
                        {name: str(row[name]) for name in ("score", "place") if row[name] is not None},
                        ensure_ascii=False,
                    )
                    for row in rows
                ],
                dtype=object,
            ),
            "origin": pd.Series([f"docs:{number + 1}" for number in range(len(rows))], dtype=object),
            "fault": pd.Series([None] * len(rows), dtype=object),
        }
    )


@pytest.mark.parametrize("kept", [as_csv, as_jsonl, as_parquet, as_sql])
def test_the_same_documents_come_out_of_every_store(
    kept: Callable[[list[Record], Path], SourceKind], tmp_path: Path
) -> None:
    """1,000 documents in chunks of 300 give one and the same canonical table, and all keep the contract."""
    rows = documents()
    table = canonical(kept(rows, tmp_path))
    pd.testing.assert_frame_equal(table, expected(rows))
    assert len(check_chunk(table, Contract(), datetime(2024, 1, 1), {}).accepted) == len(rows)  # noqa: DTZ001


def test_the_same_documents_come_over_http(tmp_path: Path, address: str) -> None:
    """As a JSON list and as CSV, from a server on this machine."""
    rows = documents()
    as_csv(rows, tmp_path)
    (tmp_path / "docs.json").write_text(json.dumps(rows, default=datetime.isoformat), encoding="utf-8")
    for source in (
        Http(url=f"{address}/docs.json", chunk_rows=300),
        Http(url=f"{address}/docs.csv", format="csv", chunk_rows=300),
    ):
        pd.testing.assert_frame_equal(canonical(source), expected(rows))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_frozen_and_refuses_unknown_keys(kind: type[SourceKind]) -> None:
    """A kind is a value: its settings are what the file said, for good."""
    assert kind.model_config.get("frozen") is True
    assert kind.model_config.get("extra") == "forbid"
    assert kind.model_fields["kind"].default == kind.__name__.lower()


def test_a_fingerprint_follows_the_content(tmp_path: Path) -> None:
    """Files and bundled corpora have one, alike when read again and another when a byte changes; the rest have none."""
    rows = documents(10)
    for kept in (as_csv, as_jsonl, as_parquet):
        first = kept(rows, tmp_path).fingerprint()
        assert first == kept(rows, tmp_path).fingerprint()
        assert first != kept(rows[:9], tmp_path).fingerprint()
    assert Bundled().fingerprint() != Bundled(name="lee").fingerprint()
    assert as_sql(rows, tmp_path).fingerprint() is None
    assert Http(url="http://127.0.0.1/feed").fingerprint() is None


def test_nothing_is_opened_before_the_first_chunk(tmp_path: Path) -> None:
    """Asking for chunks is free: the missing file is noticed when the first one is taken, by every kind of file."""
    for source in (Csv(path=str(tmp_path / "no.csv")), Jsonl(path=str(tmp_path / "no.jsonl"))):
        chunks = source.read()
        with pytest.raises(Exception, match="is not there"):
            next(chunks)


def test_faults_come_only_where_there_are_any(tmp_path: Path) -> None:
    """Sound rows carry no column that the source does not have."""
    for kept in (as_csv, as_jsonl, as_parquet, as_sql):
        assert all(FAULT not in chunk for chunk in kept(documents(10), tmp_path).read())
        for path in tmp_path.iterdir():
            path.unlink()
