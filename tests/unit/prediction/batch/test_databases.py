"""Rows out of a query and into a table, on SQLite and PostgreSQL."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, inspect, text

from evertopic.corpus.sources import Sql
from evertopic.errors import BadConfig, BadInput, Unavailable
from evertopic.prediction.batch import Query, Size, TableTarget, predict_batch
from evertopic.prediction.bundle import Bundle
from tests.unit.prediction.batch.batches import (
    AT,
    LATER,
    Dying,
    Killed,
    Models,
    a_batch,
    a_model,
    models,
    predicted,
    rows,
    tables,
)

ALL = "select * from notes"


@pytest.fixture
def notes(database: Engine, texts: list[str]) -> Engine:
    """40 notes whose numbers have gaps and stand in no order."""
    with database.begin() as connection:
        connection.execute(text("create table notes (id integer primary key, text text, score float, at timestamp)"))
        for at, body in enumerate(texts):
            number = at * 7 % 40 * 10
            values = {"id": number, "body": body, "score": at / 4 if at else None, "at": datetime(2026, 1, 1 + at % 28)}  # noqa: DTZ001
            connection.execute(text("insert into notes values (:id, :body, :score, :at)"), values)
    return database


@pytest.fixture
def asked(notes: Engine, database_url: str) -> Query:
    return Query(database_url, ALL, "id")


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_query_comes_back_in_the_order_of_its_keys(
    asked: Query, notes: Engine, tmp_path: Path, registry: Models
) -> None:
    """Every row is there once, by its key, with its values and the answer to its text."""
    predicted(asked, tmp_path / "out.jsonl", registry.load)
    found = lines(tmp_path / "out.jsonl")
    came = rows(notes, "select id, text, score from notes order by id")
    assert [(row["id"], row["text"], row["score"]) for row in found] == came
    expected = registry.versions[1].predictor.predict([row[1] for row in came])
    assert [row["topic"] for row in found] == [one.key for one in expected]
    assert len({row["prediction_id"] for row in found}) == 40


def test_a_query_becomes_a_table(asked: Query, notes: Engine, database_url: str, registry: Models) -> None:
    """In the same database: numbers stay numbers and times times, words and alternatives are text."""
    outcome = predicted(asked, TableTarget(database_url, "answers"), registry.load)
    found = rows(notes, "select id, text, score from answers order by id")
    assert found == rows(notes, "select id, text, score from notes order by id")
    kinds = {column["name"]: str(column["type"]) for column in inspect(notes).get_columns("answers")}
    assert kinds["id"] == "BIGINT"
    assert kinds["score"].startswith("DOUBLE")
    words, others, at, version = rows(
        notes, "select topic_words, alternatives, predicted_at, model_version from answers where topic is not null"
    )[0]
    assert words.startswith("w")
    assert set(json.loads(others)[0]) == {"key", "probability"}
    assert str(at).startswith("2026-03-01 12:00:00")
    assert version == 1
    assert outcome.output.endswith("table answers")
    assert tables(notes) == {"notes", "answers", "evertopic_batches"}


def test_a_file_becomes_a_table(tmp_path: Path, database: Engine, database_url: str, registry: Models) -> None:
    """Keys of JSON become columns of the type that holds all; what no database takes is spelled out."""
    source = tmp_path / "in.jsonl"
    content = [{"text": "a\0b rain", "n": 1, "deep": {"a": [1]}, "yes": True}, {"text": "c\ud800 wind", "n": 2.5}]
    source.write_text("\n".join([*map(json.dumps, content), "no json"]), encoding="utf-8")
    predicted(source, TableTarget(database_url, "answers"), registry.load)
    found = rows(database, "select text, n, deep, yes, error from answers")
    assert [tuple(row[:3]) for row in found] == [
        ("a\\x00b rain", 1.0, '{"a": [1]}'),
        ("c\\ud800 wind", 2.5, None),
        (None, None, None),
    ]
    assert [bool(row[3]) for row in found] == [True, False, False]
    assert found[2][4].startswith("bad_json")


def test_a_query_becomes_typed_columns(asked: Query, tmp_path: Path, registry: Models) -> None:
    """Parquet keeps whole numbers, decimals and, where the driver tells, times apart."""
    predicted(asked, tmp_path / "out.parquet", registry.load)
    schema = pq.read_schema(tmp_path / "out.parquet")
    assert [str(schema.field(name).type) for name in ("id", "text", "score")] == ["int64", "string", "double"]
    kind = "timestamp[us]" if asked.url.startswith("postgresql") else "string"
    assert str(schema.field("at").type) == kind
    assert pq.read_table(tmp_path / "out.parquet")["score"].null_count == 1


def test_a_query_without_a_key_is_fetched_whole(
    asked: Query, notes: Engine, tmp_path: Path, bundle: Bundle, registry: Models
) -> None:
    """The source of a config may be one: its rows are kept for the run, and the next goes on if they are the same."""
    source = Sql(url=asked.url, query="select id, text, at from notes order by id", chunk_rows=9)
    predicted(source, tmp_path / "whole.jsonl", registry.load)
    doomed = Models({1: a_model(bundle, encoder=Dying(bundle.meta.encoder, 2))})
    with pytest.raises(Killed):
        predicted(source, tmp_path / "out.jsonl", doomed.load)
    assert predicted(source, tmp_path / "out.jsonl", registry.load).earlier == 14
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert [row["id"] for row in lines(tmp_path / "out.jsonl")] == sorted(range(0, 400, 10))
    assert str(lines(tmp_path / "out.jsonl")[0]["at"]).startswith("2026-01-01")


@pytest.mark.parametrize("key", ["id", "name", "at"])
def test_a_killed_run_goes_on_behind_the_last_key(
    asked: Query, notes: Engine, tmp_path: Path, bundle: Bundle, key: str
) -> None:
    """Keys that are numbers, texts or times; rows added meanwhile beyond the end belong to the next run."""
    all_notes = "select id, text, 'n' || id as name from notes"
    one_a_day = "select min(id) as id, min(text) as text, at from notes group by at"
    query = Query(asked.url, one_a_day if key == "at" else all_notes, key)
    doomed = Models({1: a_model(bundle, encoder=Dying(bundle.meta.encoder, 2))})
    with pytest.raises(Killed):
        predicted(query, tmp_path / "out.csv", doomed.load)
    there = 28 if key == "at" else 40
    with notes.begin() as connection:
        connection.execute(text("insert into notes values (999, 'new', 1, '2027-01-01 00:00:00')"))
    outcome = predict_batch(a_batch(query, tmp_path / "out.csv", models(bundle).load), LATER)
    predicted(query, tmp_path / "new.csv", models(bundle).load)
    assert (outcome.rows, outcome.earlier, outcome.at) == (there, 14, AT)
    with (tmp_path / "out.csv").open() as file:
        found = [row["id"] for row in csv.DictReader(file)]
    with (tmp_path / "new.csv").open() as file:
        later = [row["id"] for row in csv.DictReader(file)]
    assert len(set(found)) == len(found) == there
    assert set(later) == {*found, "999"}


def test_keys_may_be_uuids(database: Engine, database_url: str, tmp_path: Path, bundle: Bundle) -> None:
    """Keys of a type that knows no largest one are found again too."""
    if database.dialect.name != "postgresql":
        pytest.skip("SQLite has no such type")
    with database.begin() as connection:
        made = "select gen_random_uuid() as id, 'rain' as text from generate_series(1, 20)"
        connection.execute(text(f"create table notes as {made}"))
    doomed = Models({1: a_model(bundle, encoder=Dying(bundle.meta.encoder, 1))})
    with pytest.raises(Killed):
        predicted(Query(database_url, ALL, "id"), tmp_path / "out.jsonl", doomed.load)
    outcome = predicted(Query(database_url, ALL, "id"), tmp_path / "out.jsonl", models(bundle).load)
    assert (outcome.rows, outcome.earlier) == (20, 7)
    assert len({row["id"] for row in lines(tmp_path / "out.jsonl")}) == 20


@pytest.mark.parametrize(
    ("query", "key", "found"),
    [
        (ALL, "nothing", "answers without a column 'nothing': there are 'id', 'text', 'score', 'at'"),
        (ALL, "score", "1 rows have none, 0 have one that another row has too"),
        ("select 7 as id, text from notes", "id", "0 rows have none, 39 have one that another row has too"),
        ("select id, text from notes where score > :least", "id", r"parameters \(:least\)"),
        ("select id, text from nowhere", "id", "refuses the query"),
        ("select id, text from notes where id < 0", "id", "has no rows"),
    ],
)
def test_a_query_without_a_sound_key_is_refused(
    asked: Query, tmp_path: Path, registry: Models, query: str, key: str, found: str
) -> None:
    """Missing, empty and repeated keys, parameters without a value, unknown tables and empty answers are named."""
    with pytest.raises(BadInput, match=found):
        predicted(Query(asked.url, query, key), tmp_path / "out.csv", registry.load)
    assert registry.asked == []


def test_semicolons_and_comments_are_no_matter(asked: Query, tmp_path: Path, registry: Models) -> None:
    """A query as people paste it, its own order, comment and times of day included."""
    query = "select id, text, '12:30' as hour, 5 % 3 as rest from notes order by text -- all of them\n;"
    assert predicted(Query(asked.url, query, "id"), tmp_path / "out.jsonl", registry.load).rows == 40
    assert lines(tmp_path / "out.jsonl")[0]["hour"] == "12:30"


def test_a_table_of_others_is_not_touched(asked: Query, notes: Engine, database_url: str, registry: Models) -> None:
    """A table that evertopic did not make is refused as output, as is one in the place where rows are gathered."""
    with pytest.raises(BadInput, match="was not made by evertopic"):
        predicted(asked, TableTarget(database_url, "notes"), registry.load)
    rows_before = rows(notes, "select count(*) from notes")
    with notes.begin() as connection:
        connection.execute(text("create table answers_parts (mine integer)"))
    with pytest.raises(BadInput, match="answers_parts, which is there already"):
        predicted(asked, TableTarget(database_url, "answers"), registry.load)
    assert rows(notes, "select count(*) from notes") == rows_before
    assert rows(notes, "select count(*) from answers_parts") == [(0,)]


def test_a_table_of_ours_is_replaced_when_the_new_one_is_whole(
    asked: Query, notes: Engine, database_url: str, bundle: Bundle
) -> None:
    """Until the last row is there the answers of version 1 are; dropped and made by somebody else it is refused."""
    registry = models(bundle, versions=2)
    target = TableTarget(database_url, "answers")
    predicted(asked, target, registry.load)
    doomed = Models({2: a_model(bundle, 2, encoder=Dying(bundle.meta.encoder, 3))}, champion=2)
    with pytest.raises(Killed):
        predicted(asked, target, doomed.load)
    assert rows(notes, "select distinct model_version from answers") == [(1,)]
    registry.champion = 2
    outcome = predicted(asked, target, registry.load)
    assert outcome.earlier == 21
    assert rows(notes, "select distinct model_version from answers") == [(2,)]
    with notes.begin() as connection:
        connection.execute(text("drop table answers"))
        connection.execute(text("create table answers (precious integer)"))
    with pytest.raises(BadInput, match="was not made by evertopic"):
        predicted(asked, target, registry.load)


def test_of_two_runs_into_one_table_one_is_refused(
    asked: Query, notes: Engine, database_url: str, registry: Models
) -> None:
    """The one that was overtaken stops at its next chunk; no row is there twice."""
    load, target = registry.load, TableTarget(database_url, "answers")
    begun = []

    class Overtaken:
        """A target whose second chunk comes after another run has begun and ended."""

        label, typed, settings, held = target.label, target.typed, target.settings, target.held
        left_over, begin, finish = target.left_over, target.begin, target.finish

        def put(self, *given) -> None:
            if len(begun) == 1:
                predict_batch(a_batch(asked, TableTarget(database_url, "answers"), load, size=Size(9)), LATER)
            begun.append(1)
            target.put(*given)

    with pytest.raises(Unavailable, match="Another run is writing"):
        predicted(asked, Overtaken(), load)
    assert rows(notes, "select count(*), count(distinct id) from answers") == [(40, 40)]


def test_names_that_differ_by_capitals_alone_are_refused(
    tmp_path: Path, database_url: str, database: Engine, registry: Models
) -> None:
    """Databases do not tell them apart."""
    source = tmp_path / "in.csv"
    source.write_text("text,Note,note\na,b,c\n", encoding="utf-8")
    with pytest.raises(BadInput, match="two columns called note"):
        predicted(source, TableTarget(database_url, "answers"), registry.load)


def test_a_table_may_be_in_a_schema(csv_file: Path, database: Engine, database_url: str, registry: Models) -> None:
    """SCHEMA.NAME on PostgreSQL, with the notes of the run beside it; a schema that is not there is a fault."""
    if database.dialect.name != "postgresql":
        pytest.skip("SQLite has no schemas")
    ((schema,),) = rows(database, "select current_schema()")
    elsewhere = database_url.split("?", maxsplit=1)[0]
    with pytest.raises(BadInput, match="missing_schema"):
        predicted(csv_file, TableTarget(elsewhere, "missing_schema.answers"), registry.load)
    for _ in range(2):
        predicted(csv_file, TableTarget(elsewhere, f"{schema}.answers"), registry.load)
        assert rows(database, "select count(*) from answers") == [(40,)]
    assert tables(database) == {"answers", "evertopic_batches"}


def test_only_what_has_whole_transactions_is_written_to() -> None:
    """Other databases are refused by their name, and a URL without its variable too; no password is shown."""
    with pytest.raises(BadConfig, match="neither SQLite nor PostgreSQL") as refused:
        TableTarget("mysql+pymysql://ann:secret@host/db", "answers")
    assert "secret" not in str(refused.value)
    with pytest.raises(BadConfig, match="NO_SUCH_URL"):
        TableTarget("${NO_SUCH_URL}", "answers")


def test_a_variable_stands_for_a_url(
    asked: Query, notes: Engine, database_url: str, tmp_path: Path, registry: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`${NAME}` in both URLs is what the environment says, in none of the messages is a password."""
    monkeypatch.setenv("NOTES_URL", database_url)
    outcome = predicted(Query("${NOTES_URL}", ALL, "id"), TableTarget("${NOTES_URL}", "answers"), registry.load)
    assert outcome.rows == 40
    assert "search_path" not in outcome.output


def test_a_database_that_does_not_answer_is_unavailable(tmp_path: Path, registry: Models) -> None:
    """Nobody listens there: trying again may help, and the error says so; a missing SQLite file is a wrong input."""
    with pytest.raises(Unavailable, match="does not answer"):
        predicted(Query("postgresql://nobody:secret@127.0.0.1:9/x", ALL, "id"), tmp_path / "out.csv", registry.load)
    with pytest.raises(BadInput, match=r"gone\.db is not there"):
        predicted(Query(f"sqlite:///{tmp_path}/gone.db", ALL, "id"), tmp_path / "out.csv", registry.load)


def test_a_locked_database_is_unavailable(
    csv_file: Path, tmp_path: Path, registry: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program holds the SQLite file: the run ends as one that may be tried again, and then goes on."""
    import sqlite3
    from contextlib import closing

    path = tmp_path / "answers.db"
    predicted(csv_file, TableTarget(f"sqlite:///{path}", "other"), registry.load)
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match="locked"):
            predicted(csv_file, TableTarget(f"sqlite:///{path}?timeout=0.1", "answers"), registry.load)
    assert predicted(csv_file, TableTarget(f"sqlite:///{path}", "answers"), registry.load).rows == 40


def test_times_are_kept_in_utc(database: Engine, database_url: str, tmp_path: Path, registry: Models) -> None:
    """A time with a zone is the same moment in the table: SQLite would forget the zone."""
    import pyarrow as pa

    source = tmp_path / "in.parquet"
    moment = datetime(2026, 5, 1, 12, tzinfo=UTC)
    pq.write_table(pa.table({"text": ["rain"], "at": pa.array([moment], pa.timestamp("us", "Asia/Tokyo"))}), source)
    predicted(source, TableTarget(database_url, "answers"), registry.load)
    (found,) = rows(database, "select at from answers")[0]
    assert found == moment if database.dialect.name == "postgresql" else str(found).startswith("2026-05-01 12:00:00")
