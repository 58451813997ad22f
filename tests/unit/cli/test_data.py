import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evertopic.cli.main import app


def test_looking_leaves_nothing_but_the_report(project: Path) -> None:
    """10 rows of which 1 is empty: 9 documents, and neither store nor registry nor lake is made."""
    done = CliRunner().invoke(app, ["data", "demo", "--output", "seen.html", "--json"])
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["batch"]["read"] == 10
    assert answer["corpus"]["documents"] == 9
    assert [(group["reason"], group["rows"]) for group in answer["batch"]["quarantined"]] == [("missing_text", 1)]
    assert "<html" in (project / "seen.html").read_text()
    assert not (project / ".evertopic").exists()


def test_the_screen_names_reasons_and_origins(project: Path) -> None:
    """A person reads why a row was refused and where it came from, and where the report is."""
    done = CliRunner().invoke(app, ["data", "demo"], env={"COLUMNS": "160"})
    assert "texts.csv:10" in done.stdout
    assert (project / "data-report.html").as_uri() in done.stdout
    assert "fires" in done.stdout


def test_a_batch_that_training_would_refuse_is_shown_and_ends_with_3(project: Path) -> None:
    """6 of 8 rows without text are more than the contract allows: the report is written, the code says no."""
    (project / "texts.csv").write_text("text,n\nsome words to keep here,1\nother words to keep here,2\n" + ",3\n" * 6)
    done = CliRunner().invoke(app, ["data", "demo"])
    assert done.exit_code == 3
    assert "Training would refuse this batch" in done.stderr
    assert (project / "data-report.html").exists()


def test_a_wrong_column_is_named(project: Path) -> None:
    """A source without the text column ends with 3 and names the columns there are; no report is written."""
    (project / "texts.csv").write_text("body\nwords\n")
    done = CliRunner().invoke(app, ["data", "demo"])
    assert done.exit_code == 3
    assert "'body'" in done.stderr
    assert not (project / "data-report.html").exists()


def test_a_report_that_cannot_be_written_is_a_clear_fault(project: Path) -> None:
    """An output in a folder that is not there ends with 3 and names it."""
    done = CliRunner().invoke(app, ["data", "demo", "--output", "gone/report.html"])
    assert done.exit_code == 3
    assert str(project / "gone") in done.stderr


def test_outside_a_project_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without prefect.yaml at or above the folder the command ends with 2."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["data", "demo"])
    assert done.exit_code == 2
    assert "prefect.yaml" in done.stderr
