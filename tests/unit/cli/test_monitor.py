"""`evertopic monitor` looks once, and shows what was seen and decided."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.cli.screens.monitor import monitor_screen
from evertopic.records import Check, Decision, DriftReport, Interval, Measure, Performance, TopicShift, Window
from tests.unit.cli.test_screens import shown
from tests.unit.triggers.situations import DAY, NOW, verdict

WINDOW = Window("windows/w", "w", NOW - DAY, NOW, 200, 150, 50)
SHIFTS = (TopicShift("k1", "bush [red]fires", 0.25, 0.5, 0.01), TopicShift(None, "unassigned", 0.05, 0.2, None))
FOUND = verdict("drift", p=1e-9, topics=SHIFTS, documents=("d1", "d2", "d3", "d4", "d5"), said="New: fires.")
REFUSED = verdict(
    "refused", detector="topic_mix", about="other proportions", p=None, statistic=None, size=None, threshold=None,
    said="topic_mix needs at least 50 documents, this window has 41.",
)  # fmt: skip
MEASURE = Measure("accuracy", Interval(0.9, 0.8, 0.95), Interval(0.95, 0.9, 0.99), 40, "higher", "degrading", None)
DECISION = Decision("x1", "demo", NOW, "c1", 3, (), True, "request", "Drift was found.", "e1")
FLOW = """
import pathlib
from tests.unit.cli.test_monitor import PASSED

def monitor(config, since, until, documents):
    print("stray")
    pathlib.Path("got").write_text(repr((config, str(since), str(until), documents)))
    return PASSED
"""


def check(*verdicts: object, **changes: object) -> Check:
    report = DriftReport("demo", "demo", 3, NOW, WINDOW, verdicts)  # type: ignore[arg-type]
    made = Check("c1", "demo", NOW, "demo", 3, WINDOW, report, Performance((), 0, 0, 0), "checks/a.html", 1.0)
    return replace(made, **changes)  # type: ignore[arg-type]


class _Requested:
    said = "A retraining was asked for."


class _Passed:
    check = check(FOUND, REFUSED)
    decision = DECISION
    requested = _Requested()


PASSED = _Passed()


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks whether a Prefect server runs on this machine."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")


@pytest.fixture
def flow(project: Path) -> Path:
    """A project whose monitor writes down what it was given."""
    (project / "flows" / "__init__.py").write_text("")
    (project / "flows" / "monitor.py").write_text(FLOW)
    return project


def monitor(*words: str) -> Result:
    return CliRunner().invoke(app, ["monitor", *words], env={"COLUMNS": "220"})


def test_the_flow_gets_what_the_user_wrote(flow: Path) -> None:
    """Times are of UTC, the input is found from where the user is; what the flow prints is not the answer."""
    (flow / "new.csv").write_text("text\na\n")
    done = monitor("demo", "--since", "2026-03-01", "--until", "2026-03-08T12:30", "--input", "new.csv")
    assert done.exit_code == 0, done.stderr
    since, until = "2026-03-01 00:00:00+00:00", "2026-03-08 12:30:00+00:00"
    assert (flow / "got").read_text() == repr(("configs/demo.yaml", since, until, str(flow / "new.csv")))
    assert "stray" not in done.stdout
    assert "A retraining was asked for." in done.stdout


def test_nothing_given(flow: Path) -> None:
    """The only loop there is, what the config says, the config's own source."""
    assert monitor().exit_code == 0
    assert (flow / "got").read_text() == repr(("configs/demo.yaml", "None", "None", None))


def test_a_time_that_is_none(flow: Path) -> None:
    """A date nobody can read is a fault of the command line, and nothing runs."""
    assert monitor("demo", "--since", "yesterday").exit_code == 2
    assert not (flow / "got").exists()


def test_json_is_all_there_is(flow: Path) -> None:
    """One JSON object on stdout, nothing else."""
    (flow / "flows" / "monitor.py").write_text(FLOW.replace("return PASSED", "return PASSED.check"))
    done = monitor("demo", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["drift"]["verdicts"][0]["p"] == 1e-9


def test_a_drift_names_what_moved() -> None:
    """Topics with both shares, three documents and how many more; a refusal says what is missing; p is never 0."""
    text = shown(monitor_screen(check(FOUND, REFUSED), DECISION, "Asked.", "file:///lake"), 200)
    for words in (
        "version 3 watched on 200 documents: 150 ingested, 50 asked",
        "bush [red]fires",
        "25.0% of the reference, 50.0% now",
        "d1, d2, d3 and 2 more",
        "too few",
        "this window has 41",
        "< 0.00001",
        "Drift was found.",
        "Asked.",
        "file:///lake/checks/a.html",
        "evertopic why demo",
    ):
        assert words in text
    assert "d4" not in text


def test_a_quiet_check() -> None:
    """Nothing moved, nothing was measured, nobody asked: three headings, and no page where there was no document."""
    quiet = replace(DECISION, action="nothing", reason="Nothing to do.")
    text = shown(monitor_screen(check(verdict(), page=None), quiet, "", "file:///lake"), 200)
    assert "none, there were too few" in text
    assert "What moved" not in text
    assert "How it does" not in text
    assert "Nothing to do." in text


def test_measures_beside_registration() -> None:
    """Each with its interval, then and now; what was not measured then is empty."""
    without = replace(MEASURE, name="coherence", then=None)
    done = check(verdict(), performance=Performance((MEASURE, without), 36, 4, 3))
    text = shown(monitor_screen(done, DECISION, "", "file:///lake"), 200)
    assert "0.900 (0.800 to 0.950)" in text
    assert "0.950 (0.900 to 0.990)" in text
    assert "degrading" in text


def test_from_the_first_document_on() -> None:
    """A window without a beginning is up to a time."""
    window = replace(WINDOW, since=None)
    assert "up to 10 March 2026, 12:00 UTC" in shown(monitor_screen(check(window=window), DECISION, "", ""), 200)


def test_other_peoples_words_are_just_letters() -> None:
    """Names of topics and ids of documents may hold what clears a screen."""
    bad = "\x1b[2Jx"
    found = verdict("drift", topics=(TopicShift("k", bad, 0.1, 0.2, None),), documents=(bad,), said=bad)
    assert "\x1b" not in shown(monitor_screen(check(found), DECISION, bad, "file:///lake"), 200)
