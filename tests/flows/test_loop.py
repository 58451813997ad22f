"""The loop closed, on a tiny project: quiet passes, a new subject, one retraining, its end, the ledger."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import pytest
from prefect import get_client

from evertopic.records import Check, Decision, Episode, Outcome, Release
from tasks.announce_check import Passed
from tasks.retrain_runs import RetrainRun, runs_of
from tests.flows.passes import arrive, champion_of, fifth_theme, ledger_of, three_themes
from tests.projects import Project


@dataclass(frozen=True, slots=True)
class Story:
    """What happened, in this order."""

    project: Project
    quiet: Passed
    alarm: Passed
    at_once: tuple[Passed, Passed]
    runs: tuple[RetrainRun, ...]
    outcome: Outcome
    after: Passed
    episodes: tuple[Episode, ...]
    decisions: tuple[Decision, ...]
    checks: tuple[Check, ...]
    ledger: tuple[Release, ...]


@pytest.fixture(scope="module")
def story(prefect_server: None, narrow: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Ordinary traffic, a new subject, two monitors at once, the retraining, and a pass after it."""
    from flows.monitor import monitor
    from flows.retrain import retrain

    root = tmp_path_factory.mktemp("story") / "project"
    shutil.copytree(narrow.root, root)
    project, config = Project(root, root / "home"), "configs/tiny.yaml"
    with pytest.MonkeyPatch.context() as surroundings, get_client(sync_client=True) as client:
        surroundings.chdir(root)
        surroundings.setenv("EVERTOPIC_HOME", str(project.home))
        client.create_deployment(client.create_flow_from_name("retrain"), "tiny", entrypoint="flows.retrain.retrain")
        arrive(project, "q", three_themes(80, seed=5))
        quiet = monitor(config)
        arrive(project, "n", fifth_theme())
        alarm = monitor(config)
        with ThreadPoolExecutor(2) as pool:
            one, other = pool.map(lambda _: monitor(config), range(2))
        runs = runs_of(client, str(alarm.decision.episode))
        outcome = retrain(config, why=alarm.decision.reason, episode=alarm.decision.episode)
        after = monitor(config)
        job = project.job()
        with closing(job.store()) as store:
            told = store.episodes.list("tiny"), store.decisions.list("tiny"), store.checks.list("tiny")
        yield Story(project, quiet, alarm, (one, other), runs, outcome, after, *told, ledger_of(job))


def test_a_quiet_pass(story: Story) -> None:
    """Ordinary traffic is watched, kept with all verdicts, and nothing is asked for; the decision says why."""
    check, decision = story.quiet.check, story.quiet.decision
    assert (check.window.documents, check.window.ingested) == (60, 60)
    assert "drift" not in {verdict.state for verdict in check.drift.verdicts}
    assert check in story.checks
    assert (decision.action, decision.check, decision.episode) == ("nothing", check.id, None)
    assert {one.trigger for one in decision.evaluations} >= {"drift", "performance", "age"}
    assert all(one.reason for one in decision.evaluations)
    assert story.quiet.requested.action == "nothing"


def test_a_new_subject(story: Story) -> None:
    """Texts on a theme the champion never saw are drift; a retraining is asked for, with the reason in words."""
    found = story.alarm
    assert found.check.drift.drifted("new subject")
    assert (found.decision.action, found.requested.action) == ("request", "requested")
    assert "new subject" in found.decision.reason


def test_asked_again(story: Story) -> None:
    """Two monitors at once find the need open: there is one episode, one run of Prefect, and each check is kept."""
    assert {one.decision.episode for one in story.at_once} == {story.alarm.decision.episode}
    assert {one.requested.action for one in story.at_once} == {"active"}
    assert [run.id for run in story.runs] == [story.alarm.requested.run]
    assert len(story.episodes) == 1
    assert {one.check.id for one in story.at_once} <= {check.id for check in story.checks}


def test_it_is_released(story: Story) -> None:
    """The retraining learned the theme, passes the gate, takes the champion's place; ledger and episode say so."""
    assert story.outcome.released is not None, story.outcome.said
    assert champion_of(story.project.job()) == 2
    line = story.ledger[0]
    assert (line.version, line.previous, line.action, line.by) == (2, 1, "promoted", "retrain")
    assert line.episode == story.alarm.decision.episode
    assert line.gate is not None
    (episode,) = story.episodes
    assert (episode.state, episode.outcome) == ("done", story.outcome.said)


def test_it_is_over(story: Story) -> None:
    """The next pass watches the new champion, and asks for nothing; every pass has left its decision."""
    assert (story.after.check.version, story.after.requested.action) == (2, "nothing")
    assert story.after.decision.action in {"nothing", "cooling down"}
    # Two that look at the same in the same second are one check.
    assert {one.check for one in story.decisions} == {check.id for check in story.checks}
    assert len(story.decisions) == 5
    with closing(story.project.job().store()) as store:
        assert store.slots.get("tiny", story.after.decision.at) is None
