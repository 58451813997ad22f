"""Trends on the command line and in the pipeline: one registered version restates what another answered."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.config import TrendsRule
from evertopic.identity.drafts import Entry
from evertopic.records import LoggedPrediction
from tasks.trends import restate_trends
from tests.projects import Project, Walk, themed
from tests.unit.reporting.pages import check_sound

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def logged(number: int, days: float, **changes: Any) -> LoggedPrediction:
    """An answer of version 7, so many days ago."""
    answer = LoggedPrediction(
        id=f"{number:03d}",
        loop="tiny",
        at=NOW - days * DAY,
        source="api",
        by="local",
        model="tiny",
        version=7,
        alias="champion",
        text=themed(40)[number % 40],
        text_digest=str(number),
        key="t000000",
        name="everything",
        strength=0.9,
        alternatives=(),
        remark=None,
        rule=None,
        model_key="t000000",
        model_name="everything",
        model_strength=0.9,
    )
    return replace(answer, **changes)


@pytest.fixture
def served(copied: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project in which a version that is no more has answered: ten lately, one long ago, one without its text."""
    monkeypatch.chdir(copied.root)
    monkeypatch.setenv("EVERTOPIC_HOME", str(copied.home))
    store = copied.job().store()
    try:
        rows = [logged(at, 1 + at % 2) for at in range(10)]
        store.predictions.add([*rows, logged(10, 60), logged(11, 2, text=None)])
    finally:
        store.close()
    return copied


def trends(*words: str) -> Result:
    """What `evertopic trends ...` answers, in a wide terminal."""
    done = CliRunner().invoke(app, ["trends", *words], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return done


def read(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(trends(*words, "--json").stdout)
    return found


def test_as_served(served: Project) -> None:
    """All answers with their one key, from the oldest day to the latest; `show` may be said or left out."""
    found = read("tiny")
    assert found == read("show", "tiny")
    assert (sum(found["answers"]), [topic["key"] for topic in found["topics"]]) == (12, ["t000000"])
    assert "everything" in trends().stdout
    assert len(read("--period", "month")["starts"]) <= 4


def test_by_the_names_of_now(served: Project) -> None:
    """A topic that people renamed since it was answered is shown by that name."""
    store = served.job().store()
    try:
        entries = [
            Entry(kind="pin", key="t000000", name="Old", texts=("a",)),
            Entry(kind="rename", key="t000000", name="New"),
        ]
        store.edits.enter("tiny", entries, by="ann", at=NOW, randomness=Random(0))
    finally:
        store.close()
    assert [topic["name"] for topic in read("tiny")["topics"]] == ["New"]


def test_restated_by_command(served: Project, walked: Walk) -> None:
    """The champion restates the last 30 days: ten texts get its keys, one is too old, one cannot be; twice is once."""
    assert sum(read("--restated")["waiting"]) == 11
    done = json.loads(trends("restate", "--json").stdout)["restated"]
    assert (done["restated"], done["without_text"], done["version"]) == (10, 1, 1)
    assert "0 answers since" in trends("restate", "tiny/1").stdout
    found = read("--restated")
    assert (sum(found["answers"]), sum(found["waiting"]), sum(found["without_text"])) == (10, 1, 1)
    assert {topic["key"] for topic in found["topics"]} <= {*walked.training.lineage.keys, None}
    assert "`evertopic trends restate`" in trends("--restated").stdout


def test_restated_further_back(served: Project) -> None:
    """With more days the old answer is restated too."""
    done = json.loads(trends("restate", "--days", "90", "--json").stdout)["restated"]
    assert done["restated"] == 11


def test_restated_in_the_pipeline(served: Project, walked: Walk) -> None:
    """The task goes by the config's days, back from when the run started."""
    job = served.job(started=NOW)
    short = replace(job, config=job.config.model_copy(update={"trends": TrendsRule(restate_days=1)}))
    assert restate_trends.fn(short, walked.version).restated == 5
    assert restate_trends.fn(job, walked.version).restated == 5
    assert restate_trends.fn(job, walked.version).restated == 0


def test_the_page(served: Project) -> None:
    """The page shows both readings; its folder is made."""
    trends("restate")
    trends("--html", "pages/trends.html")
    page = check_sound((served.root / "pages" / "trends.html").read_text(encoding="utf-8"))
    assert {"restated", "served"} <= set(page.ids)
    assert "Version 1 speaks of 10 of 12 answers" in page.text


def test_nothing_answered(copied: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that never answered says so."""
    monkeypatch.chdir(copied.root)
    monkeypatch.setenv("EVERTOPIC_HOME", str(copied.home))
    assert "Nothing was answered in this time." in trends().stdout
