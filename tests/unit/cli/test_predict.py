"""The command that predicts: texts on the screen, files and tables beside their answers."""

import csv
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from evertopic.cli.batch import Lines, watched
from evertopic.cli.main import app
from evertopic.prediction.predictor import Predictor
from evertopic.storage.registry import open_registry
from evertopic.storage.store import open_store
from tests.projects import Project, themed, walk

CRICKET = "The captain, a spinner, bowling the last overs of his innings: a wicket in this cricket tournament."


@pytest.fixture(scope="session")
def walked_here(fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with one registered model; to copy, not to write into."""
    project = Project.make(tmp_path_factory.mktemp("predict") / "project", fresh_mlflow)
    walk(project.job())
    return project


@pytest.fixture
def trained(walked_here: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of it, the working directory of this process."""
    shutil.copytree(walked_here.root, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    for name in ("TOKENIZERS_PARALLELISM", "TRANSFORMERS_VERBOSITY", "HF_HUB_DISABLE_PROGRESS_BARS", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(name, "1" if name.startswith("HF") else "error" if "VERB" in name else "false")
    monkeypatch.setenv("EVERTOPIC_HOME", str(tmp_path / "copy" / "home"))
    return Project(tmp_path / "copy", tmp_path / "copy" / "home")


@pytest.fixture
def predictor(trained: Project, tmp_path: Path) -> Predictor:
    place = trained.job().place
    registry = open_registry(place.tracking_uri, place.artifacts_url)
    return Predictor.load(registry.fetch("tiny@champion", tmp_path / "fetched"))


def evertopic(*arguments: str, code: int = 0, **more) -> Result:
    done = CliRunner().invoke(app, ["predict", *arguments], env={"COLUMNS": "160"}, **more)
    assert done.exit_code == code, done.output + done.stderr
    return done


def logged(project: Project) -> list:
    store = open_store(project.job().place.store_url)
    try:
        return list(store.predictions.page("tiny", limit=1_000)[0])
    finally:
        store.close()


def test_a_text_is_answered_on_the_screen(trained: Project, predictor: Predictor) -> None:
    """Name, key, words, strength, what comes next and who says so; the only config there is needs no name."""
    (expected,) = predictor.predict([CRICKET])
    said = evertopic("--text", CRICKET).stdout
    for words in (expected.name, str(expected.key), expected.words[0], "tiny 1, champion", expected.alternatives[0][0]):
        assert words in said
    assert logged(trained) == []


def test_a_text_is_answered_as_json(trained: Project, predictor: Predictor) -> None:
    """One object with everything the API says too; with --log the log has it under the same id."""
    (expected,) = predictor.predict([CRICKET])
    answer = json.loads(evertopic("tiny", "--text", CRICKET, "--json", "--log").stdout)
    assert set(answer) == {
        "id", "key", "name", "words", "strength", "alternatives", "remark", "rule", "edit", "overruled", "model", "at",
    }  # fmt: skip
    assert (answer["key"], answer["name"], tuple(answer["words"])) == (expected.key, expected.name, expected.words)
    assert answer["strength"] == pytest.approx(expected.strength, abs=1e-6)
    assert [one["key"] for one in answer["alternatives"]] == [key for key, _ in expected.alternatives]
    assert answer["model"] == {"name": "tiny", "version": 1, "alias": "champion"}
    (row,) = logged(trained)
    assert (row.id, row.text, row.source, row.by, row.alias) == (answer["id"], CRICKET, "cli", "local", "champion")


@pytest.mark.parametrize(
    ("text", "remark"), [("", "Cleaning leaves nothing"), ("😀", "no word"), ("rain", "fewer words")]
)
def test_unusual_texts_are_answered_with_a_remark(trained: Project, text: str, remark: str) -> None:
    """Nothing, no word, hardly a word: an answer and a sentence about it."""
    assert remark in evertopic("--text", text).stdout


def test_each_line_of_standard_input_is_a_text(trained: Project, predictor: Predictor) -> None:
    """--text - answers line by line, an empty one too; as JSON it is one object a line."""
    texts = [CRICKET, "", "The minister lost the ballot in parliament."]
    answers = [
        json.loads(line) for line in evertopic("--text", "-", "--json", input="\n".join(texts)).stdout.splitlines()
    ]
    assert [answer["key"] for answer in answers] == [one.key for one in predictor.predict(texts)]
    assert [answer["id"] for answer in answers] == [None] * 3  # nobody can speak of what is not remembered
    assert "Cleaning leaves nothing" in evertopic("--text", "-", input="\n".join(texts)).stdout


def test_a_file_comes_back_with_answers(
    trained: Project, predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths are those of the user's folder, the screen says what became of the rows; the log has them on demand."""
    below = trained.root / "deep"
    below.mkdir()
    monkeypatch.chdir(below)
    done = evertopic("--input", "../documents.csv", "--output", "answers.csv")
    assert "120 rows predicted" in done.stdout
    assert str(below / "answers.csv") in done.stdout
    with (below / "answers.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    expected = predictor.predict(themed())
    assert [row["text"] for row in rows] == themed()
    assert [row["topic"] or None for row in rows] == [one.key for one in expected]
    for one in {one.name for one in expected}:
        assert one in done.stdout
    assert logged(trained) == []
    answer = json.loads(evertopic("--input", "../documents.csv", "--output", "answers.csv", "--log", "--json").stdout)
    assert (answer["rows"], answer["earlier"], answer["errors"]) == (120, 0, 0)
    assert sum(topic["rows"] for topic in answer["topics"]) == 120
    assert {row.source for row in logged(trained)} == {"batch"}
    assert len(logged(trained)) == 120


def test_columns_and_versions_are_chosen(trained: Project) -> None:
    """--text-column may be repeated, --model-version takes a number."""
    content = [{"head": "cricket", "body": "the umpire and the captain"}]
    (trained.root / "in.jsonl").write_text("\n".join(map(json.dumps, content)))
    columns = ("--text-column", "head", "--text-column", "body")
    done = evertopic("--input", "in.jsonl", "--output", "out.jsonl", *columns, "--model-version", "1", "--json")
    assert json.loads(done.stdout)["model"] == {"name": "tiny", "version": 1, "alias": None}
    assert json.loads((trained.root / "out.jsonl").read_text())["model_version"] == 1


def test_a_database_is_read_and_written(trained: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query by its key into a table, both URLs in variables."""
    path = trained.root / "notes.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table notes (id integer primary key, body text)")
        connection.executemany("insert into notes values (?, ?)", list(enumerate(themed(9))))
    monkeypatch.setenv("NOTES", f"sqlite:///{path}")
    asked = ("--input", "${NOTES}", "--query", "select id, body as text from notes", "--key", "id")
    evertopic(*asked, "--output", "${NOTES}", "--table", "answers")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select count(*), count(distinct prediction_id) from answers").fetchone() == (9, 9)


def test_bundled_documents_are_predicted(trained: Project) -> None:
    """bundled:lee are the 50 news that come with gensim; another name lists those there are."""
    evertopic("--input", "bundled:lee", "--output", "news.parquet")
    assert "lee_background, lee, pang_lee_polarity" in evertopic(
        "--input", "bundled:gone", "--output", "news.csv", code=3
    ).stderr.replace("\n", "")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 3, "give --text, or --output and --input"),
        (("--text", "a", "--output", "b.csv"), 3, "give it alone"),
        (("--input", "gone.csv", "--output", "b.csv"), 3, "gone.csv is not there"),
        (("--input", "documents.csv", "--output", "b.xlsx"), 3, "expected one of .csv"),
        (("--input", "documents.xlsx", "--output", "b.csv"), 2, "expected one of .csv"),
        (("--input", "documents.csv", "--output", "documents.csv"), 3, "its own input"),
        (("--input", "documents.csv", "--output", "b.csv", "--text-column", "body"), 3, "there are 'id', 'text'"),
        (("--input", "sqlite:///a.db", "--output", "b.csv"), 3, "give --query and --key"),
        (("--query", "select 1", "--output", "b.csv"), 3, "--input URL, --query 'select ...' and --key COLUMN"),
        (("--output", "sqlite:///a.db"), 3, "give --table NAME"),
        (("--output", "mysql://ann:secret@h/d", "--table", "t"), 2, "neither SQLite nor PostgreSQL"),
        (("--output", "${NOWHERE}", "--table", "t"), 2, "NOWHERE"),
        (("--text", "a", "--model-version", "7"), 3, "has no version 7"),
        (("nothing", "--text", "a"), 2, "configs/tiny.yaml"),
    ],
)
def test_what_does_not_fit_is_said(trained: Project, arguments: tuple[str, ...], code: int, said: str) -> None:
    """Each wrong request ends with the code of its kind, one line, no password, and nothing written."""
    before = {path.name for path in trained.root.iterdir()}
    done = evertopic(*arguments, code=code)
    assert said in done.stderr.replace("\n", "")
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in trained.root.iterdir()} == before


def test_without_a_model_the_way_to_one_is_told(project: Path) -> None:
    """Nothing is trained yet: the command says how to, and makes nothing."""
    done = evertopic("--text", "a", code=3)
    assert "evertopic train demo" in done.stderr
    assert not (project / ".evertopic").exists()


def test_progress_is_a_bar_on_a_terminal_and_a_line_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, rows a second and what is left, on stderr; nothing with --json."""
    terminal, plain = Console(record=True, force_terminal=True, width=120), Console(record=True, width=120)
    with watched(terminal, quiet=False) as tell:
        tell(0, 1_000)
        tell(500, 1_000)
        tell(1_000, 1_000)
    said = terminal.export_text()
    assert "1000/1000" in said
    assert "rows/s" in said
    now = iter([0.0, 0.0, 0.0, 12.0, 13.0, 24.0])
    monkeypatch.setattr("evertopic.cli.batch.monotonic", lambda: next(now))
    lines = Lines(plain)
    for done in (1_000, 1_120, 1_130, 1_240):
        lines(done, 2_000)
    assert plain.export_text().splitlines() == [
        "1,120 of 2,000 rows, 10 rows/s, 1 min 28 s left",
        "1,240 of 2,000 rows, 10 rows/s, 1 min 16 s left",
    ]
    with watched(plain, quiet=True) as tell:
        tell(1, 2)
    assert plain.export_text() == ""
