"""sql: streamed, incremental, and silent about passwords."""

import sqlite3
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from evertopic.corpus.sources import Sql
from evertopic.errors import BadConfig, BadInput, Unavailable

at = partial(datetime, tzinfo=None)
"""Naive UTC, as databases keep it."""


@pytest.fixture
def notes(tmp_path: Path) -> str:
    path = tmp_path / "notes.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table notes (id integer, body text, created text)")
        connection.executemany(
            "insert into notes values (?, ?, ?)",
            [(n, f"note {n}", f"2024-01-0{n} 12:00:00.000000") for n in range(1, 6)],
        )
    return f"sqlite:///{path}"


def test_rows_arrive_in_chunks_with_their_types(notes: str) -> None:
    """Five rows in chunks of two; integers stay integers."""
    chunks = list(Sql(url=notes, query="select id, body from notes order by id", chunk_rows=2).read())
    assert [chunk.index.tolist() for chunk in chunks] == [[1, 2], [3, 4], [5]]
    assert chunks[2].to_dict("records") == [{"id": 5, "body": "note 5"}]


def test_since_is_bound_where_the_query_mentions_it(notes: str) -> None:
    """From the third of January on there are three notes; without a watermark all five; unmentioned it is ignored."""
    since = at(2024, 1, 3, 12)
    source = Sql(url=notes, query="select id from notes where created >= :since")
    assert [len(chunk) for chunk in source.read(since)] == [3]
    assert [len(chunk) for chunk in source.read(None)] == [5]
    assert [len(chunk) for chunk in Sql(url=notes, query="select id from notes").read(since)] == [5]


def test_nothing_new_is_no_error(notes: str) -> None:
    """A query without a row yields nothing."""
    assert list(Sql(url=notes, query="select id from notes where id > 99").read()) == []


def test_a_url_in_the_environment_is_found_there(notes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`${NOTES_URL}` keeps the password out of the file; while unset, the label is its name and reading refuses."""
    source = Sql(url="${NOTES_URL}", query="select 1 as one")
    monkeypatch.delenv("NOTES_URL", raising=False)
    assert source.label == "${NOTES_URL}"
    with pytest.raises(BadConfig, match="NOTES_URL"):
        next(source.read())
    monkeypatch.setenv("NOTES_URL", notes)
    assert source.label == notes
    assert next(source.read())["one"].tolist() == [1]


def test_an_unreachable_database_is_named_without_its_password() -> None:
    """Nothing listens on port 1: the host is in the message, the secret is not."""
    source = Sql(url="postgresql+psycopg://ann:s3cret@127.0.0.1:1/notes?application_name=s3cret", query="select 1")
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1") as caught:
        next(source.read())
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in source.label
    assert source.fingerprint() is None


def test_a_password_that_the_driver_repeats_is_blotted_out() -> None:
    """The driver says `Connection refused`; with the password `refused` that would give it away."""
    with pytest.raises(Unavailable, match=r"Connection \*\*\*"):
        next(Sql(url="postgresql+psycopg://ann:refused@127.0.0.1:1/notes", query="select 1").read())


def test_a_missing_sqlite_file_is_not_created(tmp_path: Path) -> None:
    """SQLite itself would make an empty database out of a typo."""
    path = tmp_path / "no.db"
    with pytest.raises(BadInput, match=r"no\.db is not there"):
        next(Sql(url=f"sqlite:///{path}", query="select 1").read())
    assert not path.exists()


def test_a_query_that_fails_is_bad_input(notes: str) -> None:
    """What the database said is in the message; a statement without rows or with a column twice is refused."""
    with pytest.raises(BadInput, match="no such table: nots"):
        next(Sql(url=notes, query="select * from nots").read())
    with pytest.raises(BadInput, match="names a column twice"):
        next(Sql(url=notes, query="select a.id, b.id from notes a, notes b").read())
    with pytest.raises(BadInput, match="must be a select"):
        next(Sql(url=notes, query="delete from notes").read())
    assert [len(chunk) for chunk in Sql(url=notes, query="select * from notes").read()] == [5]


@pytest.mark.parametrize(("url", "said"), [("not a url", "dialect://"), ("quux://host/db", "driver")])
def test_a_url_that_cannot_work_is_a_fault_of_the_configuration(url: str, said: str) -> None:
    """No URL at all, and a database that nobody knows."""
    with pytest.raises(BadConfig, match=said):
        next(Sql(url=url, query="select 1").read())


def test_postgresql_streams_and_binds_since() -> None:
    """The same on a PostgreSQL server, where one listens."""
    query = """
        select n as id, 'note ' || n as body, timestamp '2024-01-01' + n * interval '1 day' as created
        from generate_series(1, 5) as n where timestamp '2024-01-01' + n * interval '1 day' >= :since order by n
    """
    source = Sql(url="postgresql://root@127.0.0.1:5432/test", query=query, chunk_rows=2, timeout_s=3)
    try:
        chunks = list(source.read(at(2024, 1, 4)))
    except Unavailable as error:
        pytest.skip(f"no PostgreSQL here: {error}")
    assert [chunk["id"].tolist() for chunk in chunks] == [[3, 4], [5]]
    assert chunks[0]["created"].tolist() == [at(2024, 1, 4), at(2024, 1, 5)]
    assert [len(chunk) for chunk in source.read()] == [2, 2, 1]
