"""Batch prediction as a flow: what a schedule starts, and what a person then finds."""

import csv
from pathlib import Path

import pytest
import yaml

from evertopic.errors import BadInput
from evertopic.storage.store import open_store
from flows.predict import predict
from tests.flows.test_walk import artifacts
from tests.projects import Project, themed

CONFIG = "configs/tiny.yaml"


@pytest.fixture
def here(prefect_server: None, copied: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A trained project, the working directory of this process."""
    monkeypatch.chdir(copied.root)
    monkeypatch.setenv("EVERTOPIC_HOME", str(copied.home))
    return copied


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def logged(project: Project) -> int:
    store = open_store(project.job().place.store_url)
    try:
        rows, _ = store.predictions.page("tiny", limit=1_000)
    finally:
        store.close()
    return len(rows)


def test_the_source_of_the_config_is_predicted(here: Project) -> None:
    """Without documents the config's own file is, into a folder that is made; the answers are in the log, once."""
    for _ in range(2):
        outcome = predict(CONFIG, output="made/by/answers.csv")
    rows = table(here.root / "made" / "by" / "answers.csv")
    assert [row["id"] for row in rows] == [f"d{at:03d}" for at in range(120)]
    assert [row["text"] for row in rows] == themed()
    assert len({row["topic"] for row in rows if row["topic"]}) >= 3
    assert {row["model_version"] for row in rows} == {"1"}
    assert (outcome.rows, outcome.version, outcome.alias) == (120, 1, "champion")
    assert logged(here) == 120


def test_the_deployment_of_the_demo_does_it_here(here: Project) -> None:
    """The parameters of predict/demo, in another project: 50 news, and a page in Prefect that says so."""
    deployments = yaml.safe_load((Path(__file__).parents[2] / "prefect.yaml").read_text())["deployments"]
    (demo,) = [one for one in deployments if one["entrypoint"] == "flows.predict.predict"]
    predict(**demo["parameters"] | {"config": CONFIG})
    assert len(table(here.root / ".evertopic" / "predictions" / "demo.csv")) == 50
    pages = [str(page["data"]) for page in artifacts("markdown") if page["key"] == "tiny-predictions"]
    assert any("# 50 rows predicted" in page and "tiny, version 1, champion" in page for page in pages)
    assert any(bar["description"] == "rows predicted" and bar["data"] == 100.0 for bar in artifacts("progress"))


def test_what_is_not_wanted_is_not_logged(here: Project) -> None:
    """With log=False the log is left alone; a version and columns may be named."""
    outcome = predict(CONFIG, output="answers.jsonl", model_version="1", text_columns=("id", "text"), log=False)
    assert (outcome.version, outcome.alias) == (1, None)
    assert logged(here) == 0


def test_a_table_is_written_by_the_flow(here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database is named by a variable, so that Prefect keeps no password."""
    monkeypatch.setenv("ANSWERS_URL", f"sqlite:///{here.root}/answers.db")
    predict(CONFIG, output="${ANSWERS_URL}", table="answers", log=False)
    again = predict(CONFIG, "${ANSWERS_URL}", "again.csv", query="select id, text from answers", key="id", log=False)
    assert again.rows == 120


def test_a_fault_of_the_input_is_not_tried_again(here: Project) -> None:
    """A column that is not there ends the flow at once, with the columns there are."""
    with pytest.raises(BadInput, match="no column 'body': there are 'id', 'text'"):
        predict(CONFIG, output="answers.csv", text_columns=("body",))
    assert not (here.root / "answers.csv.parts").exists()
