import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.storage.cards import write_card
from evertopic.storage.lake import Lake
from tests.unit.cli.cards import a_card

HEAD = "from evertopic.records import ModelVersion\nfrom evertopic.errors import *\nimport logging, os, pathlib\n"
VERSION = 'ModelVersion("demo", 3, ("challenger",), "run-1", "models:/demo/3", "d1", {created})'


def flow(body: str, *, created: bool = True) -> str:
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    return f"{HEAD}\ndef train(config, documents, trials):\n{indented}\n    return {VERSION.format(created=created)}\n"


def with_card(project: Path) -> None:
    lake = Lake(str(project / ".evertopic" / "lake"))
    write_card(lake, a_card())
    lake.write_text("reports/r1/report.html", "<html></html>")


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks whether a Prefect server runs on this machine."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")


def test_the_flow_gets_what_the_user_wrote(project: Path, fake_flow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The config is named from the root, the input by its absolute path from the user's folder, wherever that is."""
    with_card(project)
    fake_flow.write_text(flow("pathlib.Path('got').write_text(repr((config, documents, trials, os.getcwd())))"))
    below = project / "deep" / "er"
    below.mkdir(parents=True)
    (below / "new.csv").write_text("text\na\n")
    monkeypatch.chdir(below)
    done = CliRunner().invoke(app, ["train", "demo", "--input", "new.csv", "--trials", "4"])
    assert done.exit_code == 0, done.stderr
    assert (project / "got").read_text() == repr(("configs/demo.yaml", str(below / "new.csv"), 4, str(project)))


def test_the_screen_tells_what_was_learned(project: Path, fake_flow: Path) -> None:
    """The end of a training names the model, its topics, its reason and its report; progress goes to stderr."""
    with_card(project)
    fake_flow.write_text(
        flow(
            "print('stray')\nextra = {'step': 'rows read', 'done': 2, 'total': 2}\n"
            "logging.getLogger('evertopic.progress').info('rows read 2/2', extra=extra)"
        )
    )
    done = CliRunner().invoke(app, ["train", "demo"])
    report = (project / ".evertopic/lake/reports/r1/report.html").as_uri()
    for words in ("demo, version 3, is registered", "bush [red]fires", "It won for a reason.", report):
        assert words in done.stdout
    assert "stray" not in done.stdout
    assert "rows read 2/2" in done.stderr


def test_json_is_all_there_is_on_stdout(project: Path, fake_flow: Path) -> None:
    """With --json stdout holds one object, where what was not measured is null, and stderr holds no progress."""
    with_card(project)
    fake_flow.write_text(flow("print('stray')", created=False))
    done = CliRunner().invoke(app, ["train", "demo", "--json"])
    answer = json.loads(done.stdout)
    assert answer["model"]["version"] == 3
    assert not answer["model"]["created"]
    assert answer["training"]["topics"][1]["quality"]["npmi"] is None
    assert done.stderr.strip() == "stray"


@pytest.mark.parametrize(("fault", "code"), [("Refusal", 4), ("BadInput", 3), ("Unavailable", 5), ("Corrupted", 6)])
def test_a_fault_of_the_flow_keeps_its_exit_code(fake_flow: Path, fault: str, code: int) -> None:
    """What a task raises ends the command with the code of its kind, its message and no traceback."""
    fake_flow.write_text(flow(f"raise {fault}('found 3, expected 40: add documents')"))
    done = CliRunner().invoke(app, ["train", "demo"])
    assert done.exit_code == code
    assert "found 3, expected 40: add documents" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unexpected_fault_is_one_line_unless_asked_for_more(fake_flow: Path) -> None:
    """Other faults end with 1 and a line; --verbose shows where they come from."""
    fake_flow.write_text(flow("raise KeyError('surprise')"))
    short = CliRunner().invoke(app, ["train", "demo"])
    long = CliRunner().invoke(app, ["train", "demo", "--verbose"])
    assert (short.exit_code, long.exit_code) == (1, 1)
    assert "Unexpected KeyError" in short.stderr
    assert "Traceback" not in short.stderr
    assert "Traceback" in long.stderr


def test_ctrl_c_ends_with_130(fake_flow: Path) -> None:
    """An interrupted training says that it goes on from where it was."""
    fake_flow.write_text(flow("raise KeyboardInterrupt"))
    done = CliRunner().invoke(app, ["train", "demo"])
    assert done.exit_code == 130
    assert "goes on from there" in done.stderr


def test_faults_of_the_config_come_before_prefect(project: Path) -> None:
    """A config that is not there ends with 2 and names those there are; no flow is imported for it."""
    done = CliRunner().invoke(app, ["train", "nothing"])
    assert done.exit_code == 2
    assert "configs/demo.yaml" in done.stderr
    assert not (project / ".evertopic").exists()


def test_a_missing_input_file_is_named(project: Path) -> None:
    """--input with no such file ends with 3 before anything runs."""
    done = CliRunner().invoke(app, ["train", "demo", "--input", "gone.csv"])
    assert done.exit_code == 3
    assert str(project / "gone.csv") in done.stderr


def test_a_model_without_a_card_here_says_where_to_look(project: Path, fake_flow: Path) -> None:
    """A version whose card another lake holds is reported, and nothing is made up."""
    fake_flow.write_text(flow("pass"))
    done = CliRunner().invoke(app, ["train", "demo"])
    assert done.exit_code == 5
    assert str(project / ".evertopic" / "lake") in done.stderr.replace("\n", "")
