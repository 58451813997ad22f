"""What goes wrong around a pass of the monitor: nothing of what came in is lost, and it says what was wrong.

A challenger that crashes while it is scored is in test_promote.py; two monitors at once are in test_loop.py; Prefect's
server that is away when a retraining is asked for is in test_requesting.py.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from evertopic.errors import BadInput, Refusal, Unavailable
from tasks.deciding import decide
from tasks.job import Job
from tests.flows.passes import arrive, champion_of, fifth_theme, passage, registry_of, seen, three_themes
from tests.projects import Project
from tests.serving.faults import held

OUTAGE_S = float(os.environ.get("FAULTS_DATABASE_S", "1"))
"""How long the database is away; 30 s and more by the variable."""
HOUR = timedelta(hours=1)
NOWHERE = "http://127.0.0.1:9"

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def job(watched: Project, now: datetime) -> Job:
    return watched.job(started=now)


def later(job: Job, hours: float = 1) -> Job:
    return replace(job, started=job.started + hours * HOUR)


def without_mlflow(job: Job) -> Job:
    return replace(job, place=replace(job.place, tracking=SecretStr(NOWHERE)))


def test_an_empty_window(job: Job) -> None:
    """Nothing came in: the check is kept, every detector refuses with the number it needs, nothing is asked for."""
    found = passage(job)
    assert (found.check.window.documents, found.states, found.check.page) == (0, {"refused"}, None)
    assert all("needs at least" in verdict.said for verdict in found.check.drift.verdicts)
    assert found.decision.action == "nothing"
    assert passage(later(job)).decision.action == "nothing"


def test_one_language(watched: Project, job: Job) -> None:
    """A window all in a language the champion never saw is measured to the end, and is a new subject."""
    words = [chr(0x4E00 + 37 * at) + chr(0x4E10 + 11 * at) for at in range(40)]
    arrive(watched, "z", [" ".join(words[(at + step) % 40] for step in range(12)) + f" {at}" for at in range(60)])
    found = passage(job)
    assert found.check.window.documents == 60
    assert found.check.page is not None
    assert "drift" in found.states


def test_all_quarantined(watched: Project, job: Job) -> None:
    """A source of which every row breaks the contract fails the pass, and says so; the next sound one is watched."""
    watched.write_rows(["id", "text"], [[f"b{at}", ""] for at in range(60)])
    with pytest.raises(BadInput, match="60"):
        passage(job)
    arrive(watched, "n", fifth_theme())
    assert passage(later(job)).decision.action == "request"


def test_a_column_is_missing(watched: Project, job: Job) -> None:
    """A source that lost the column of texts fails the pass by the name of the column; the next one catches up."""
    watched.write_rows(["id", "words"], [[f"n{at}", text] for at, text in enumerate(fifth_theme())])
    with pytest.raises(BadInput, match="text"):
        passage(job)
    arrive(watched, "n", fifth_theme())
    assert passage(later(job)).decision.action == "request"


def test_no_champion(job: Job) -> None:
    """Where the alias is gone nothing is watched, the error says what to do, and no version takes the place."""
    registry_of(job).drop_alias("tiny", "champion")
    with pytest.raises(Refusal, match="has no champion"):
        passage(job)
    with pytest.raises(Refusal, match="has no champion"):
        decide.fn(job, None, "please")
    assert champion_of(job) is None


def test_mlflow_is_away(watched: Project, job: Job) -> None:
    """Without MLflow no champion is known: the pass fails as one that may be tried again, and the next catches up."""
    arrive(watched, "n", fifth_theme())
    with pytest.raises(Unavailable):
        passage(without_mlflow(job))
    assert passage(later(job)).decision.action == "request"


def test_mlflow_goes_away(watched: Project, job: Job) -> None:
    """Gone between check and decision: the drift that was seen and not decided on is seen again, and decided on."""
    arrive(watched, "n", fifth_theme())
    check = seen(job)
    assert check.drift.drifted("new subject")
    with pytest.raises(Unavailable):
        decide.fn(without_mlflow(job), check)
    again = passage(later(job))
    assert again.check.window.digest == check.window.digest
    assert again.decision.action == "request"


def test_the_database_is_away(watched: Project, job: Job) -> None:
    """Another program has the database for a while: the pass waits for it, and ends as if nothing had been."""
    arrive(watched, "n", fifth_theme())
    with ThreadPoolExecutor(1) as pool, held(job.place.store_url):
        passed = pool.submit(passage, job)
        with pytest.raises(TimeoutError):
            passed.result(OUTAGE_S)
    assert passed.result().decision.action == "request"


def test_clocks_jump(watched: Project, job: Job) -> None:
    """A clock a year ahead and set back again fails nothing and blinds nobody: the new subject is found in time."""
    arrive(watched, "q", three_themes(80, seed=5))
    assert passage(later(job, 24 * 365)).check.window.documents == 60
    back = passage(later(job, 1))
    assert back.check.window.documents == 0
    arrive(watched, "n", fifth_theme())
    found = passage(later(job, 2))
    assert found.check.window.documents == 60
    assert found.check.drift.drifted("new subject")
    assert found.decision.action in {"request", "open"}
    with closing(job.store()) as store:
        assert all(one.opened_at <= found.decision.at for one in store.episodes.list("tiny"))


def test_a_clock_that_is_set_back(watched: Project, job: Job) -> None:
    """A day back: the window is empty and no failure, and what comes in then is watched when the time has come."""
    passage(job)
    assert passage(later(job, -24)).check.window.documents == 0
    arrive(watched, "n", fifth_theme())
    assert passage(later(job, 1)).decision.action == "request"
