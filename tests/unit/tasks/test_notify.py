"""People are told, and a notifier that fails fails nothing else."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect import flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.settings import PREFECT_UI_URL, temporary_settings
from prefect.states import Cancelled, Crashed, Failed
from pydantic import SecretStr

from demos.inbox import inbox
from evertopic.config import LoopConfig
from evertopic.errors import BadInput, Unavailable
from evertopic.notifying import NotifyRule
from evertopic.records import Notice, NoticeLine
from tasks.job import Job
from tasks.notify import notify, told_monitor_failed, told_retraining_failed
from tasks.telling import tell
from tests.projects import Project

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTICE = Notice("tiny", "promoted", "version 4", "info", "Version 4 answers", "Better.")


def job(project: Project, addresses: str | None, rule: NotifyRule | None = None) -> Job:
    made = project.job()
    config: LoopConfig = made.config.model_copy(update={"notify": rule or NotifyRule()})
    notify = None if addresses is None else SecretStr(addresses)
    return replace(made, config=config, place=replace(made.place, notify=notify))


def kept(of: Job) -> tuple[NoticeLine, ...]:
    with closing(of.store()) as store:
        return store.notices.list()


def test_told_once(project: Project) -> None:
    """The first is delivered and kept so; the same a moment later is suppressed, and says how long."""
    with inbox() as box:
        asked = job(project, box.url())
        assert tell(asked, NOTICE, NOW) == ("delivered", "All 1 receivers took it.")
        outcome, said = tell(asked, NOTICE, NOW)
    assert (outcome, said) == ("suppressed", "The same was told less than 1:00:00 ago (notify.cool_down).")
    assert len(box.messages) == 1
    assert sorted(line.outcome for line in kept(asked)) == ["delivered", "suppressed"]


def test_a_receiver_that_is_away(project: Project) -> None:
    """It is kept as failed, the receiver named by its position; the next one is tried again and heard."""
    with inbox() as box:
        box.status = 500
        asked = job(project, box.url())
        outcome, said = tell(asked, NOTICE, NOW)
        box.status = 200
        again = tell(asked, NOTICE, NOW)
    assert (outcome, said) == ("failed", "Of 1 receivers in EVERTOPIC_NOTIFY, number 1 (json) did not take it.")
    assert again[0] == "delivered"


@pytest.mark.parametrize(
    ("addresses", "outcome", "said"),
    [(None, "no receiver", "names no address"), ("sesame", "failed", "knows no service for number 1")],
)
def test_nobody_to_tell(project: Project, addresses: str | None, outcome: str, said: str) -> None:
    """No address, or one that is none: kept, said, never raised, never shown."""
    asked = job(project, addresses)
    found = tell(asked, NOTICE, NOW)
    assert found[0] == outcome
    assert said in found[1]
    assert "sesame" not in found[1]
    assert [line.outcome for line in kept(asked)] == [outcome]


def test_not_asked_for(project: Project) -> None:
    """What the config does not ask for is kept as suppressed, and goes nowhere."""
    with inbox() as box:
        asked = job(project, box.url(), NotifyRule(least_severity="critical"))
        assert tell(asked, NOTICE, NOW)[0] == "suppressed"
    assert not box.messages


def test_the_store_is_away(project: Project, tmp_path: Path) -> None:
    """People hear of it all the same, as who should tell them else; the outcome says what is not known."""
    (tmp_path / "file").write_text("no folder")
    with inbox() as box:
        asked = job(project, box.url())
        away = replace(asked, place=replace(asked.place, store=SecretStr(f"sqlite:///{tmp_path}/file/store.db")))
        outcome, said = tell(away, NOTICE, NOW)
    assert outcome == "delivered"
    assert "Whether it was told already is not known" in said
    assert len(box.messages) == 1


def test_the_task(project: Project) -> None:
    """The task of flows is the same, by name of the event."""
    with inbox() as box:
        told = notify.fn(
            job(project, box.url()),
            "gate held",
            subject="version 5",
            title="Held",
            body="Not better.",
            severity="warning",
        )
    assert told == "delivered"
    assert box.messages[0]["title"] == "[tiny] Held"
    assert box.messages[0]["type"] == "warning"


@flow(name="monitor")
def monitor(config: str = "configs/tiny.yaml") -> None:
    """A flow that takes a config."""


@flow(name="retrain")
def retrain(config: str = "configs/tiny.yaml") -> None:
    """Another one."""


def hooked(
    project: Project, monkeypatch: pytest.MonkeyPatch, hook: Any, of: Any, *states: State[Any], **parameters: Any
) -> tuple[list[dict[str, Any]], tuple[NoticeLine, ...]]:
    """What the local receiver got, and what is kept, after the hook was called for a run in each state."""
    with inbox() as box, monkeypatch.context() as surroundings:
        surroundings.chdir(project.root)
        surroundings.setenv("EVERTOPIC_HOME", str(project.home))
        surroundings.setenv("EVERTOPIC_NOTIFY", box.url())
        with temporary_settings({PREFECT_UI_URL: "http://127.0.0.1:4200"}):
            for state in states:
                run = FlowRun(id=uuid4(), flow_id=uuid4(), name="a run", parameters=parameters)
                hook(flow=of, flow_run=run, state=state)  # as Prefect's worker calls it for a run that was killed
    return box.messages, kept(project.job())


@pytest.mark.parametrize(
    ("state", "event", "kind", "title"),
    [
        (Failed(data=ValueError("x"), message="Flow run failed: x"), "retraining failed", "failure", "failed"),
        (Failed(data=Unavailable("MLflow is away.")), "retraining failed", "failure", "failed"),
        (Failed(data=BadInput("No column.")), "data refused", "warning", "refused its documents"),
        (Crashed(message="no heartbeat"), "retraining failed", "failure", "crashed"),
        (Cancelled(message="by Ann"), "retraining failed", "warning", "was cancelled"),
    ],
)
def test_a_retraining_that_fails_is_told(
    project: Project, monkeypatch: pytest.MonkeyPatch, state: State[Any], event: str, kind: str, title: str
) -> None:
    """Failed, crashed, cancelled, refused: each in its own words, with the reason, once."""
    messages, lines = hooked(project, monkeypatch, told_retraining_failed, retrain, state, config="configs/tiny.yaml")
    assert [message["title"] for message in messages] == [f"[tiny] The retraining of tiny {title}"]
    assert messages[0]["type"] == kind
    reason = {"MLflow is away.", "No column.", "no heartbeat", "by Ann", "Flow run failed: x"}
    assert messages[0]["message"].splitlines()[0] in reason
    assert [(line.event, line.outcome) for line in lines] == [(event, "delivered")]


def test_a_monitor_that_keeps_failing_is_told_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every pass of it is another run, and one message an hour is enough; the config may be the flow's own."""
    broken = [Failed(data=Unavailable("The registry is away.")) for _ in range(3)]
    messages, lines = hooked(project, monkeypatch, told_monitor_failed, monitor, *broken)
    assert len(messages) == 1
    assert sorted(line.outcome for line in lines) == ["delivered", "suppressed", "suppressed"]


def test_retrainings_are_told_one_by_one(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two retrainings that fail are two messages, however close."""
    messages, _ = hooked(project, monkeypatch, told_retraining_failed, retrain, Crashed(), Crashed())
    assert len(messages) == 2


def test_a_config_that_cannot_be_read_raises_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook has nobody to raise to."""
    messages, _ = hooked(project, monkeypatch, told_monitor_failed, monitor, Crashed(), config="configs/none.yaml")
    assert messages == []


def test_the_message_leads_to_the_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link is that of the run in Prefect's UI."""
    messages, _ = hooked(project, monkeypatch, told_monitor_failed, monitor, Crashed(message="gone"))
    assert "\nrun: http://127.0.0.1:4200/runs/flow-run/" in messages[0]["message"]
