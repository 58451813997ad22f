"""Asking Prefect for a retraining: again on every pass, and still only one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from prefect import flow, get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelled, Cancelling, Completed, Crashed, Failed, Paused, Pending, Running, State

from evertopic.records import Decision, Episode
from evertopic.storage.store import Store, open_store
from evertopic.storage.store.slots import Slot
from tasks.deciding import decide_on
from tasks.job import Job
from tasks.requesting import Requested, request_retraining
from tasks.retrain_runs import LIMIT_SAID, episode_tag, runs_of
from tasks.slot import this_process
from tests.unit.tasks.loops import Watch, job
from tests.unit.triggers.situations import DAY, report, situation, verdict


class Loop:
    """A loop that has drifted, and the deployment that retrains it; nobody works on what is asked for."""

    def __init__(self, job: Job, store: Store, client: SyncPrefectClient) -> None:
        self.job, self.store, self.client = job, store, client
        self.watch = Watch(datetime.now(UTC))
        self.name = uuid4().hex

    def deploy(self) -> None:
        """Make the deployment retrain/NAME."""
        flow = self.client.create_flow_from_name("retrain")
        self.client.create_deployment(flow, self.name, entrypoint="flows.retrain.retrain")

    def check(self) -> tuple[Decision, Requested]:
        """One pass of the monitor: decide, then request."""
        now = self.watch.now
        drifted = situation(now=now, trained_at=now - DAY, drift=(report(verdict("drift")),))
        decision = decide_on(self.job.config, self.store, drifted, None)
        return decision, request_retraining.fn(self.job, decision, f"configs/{self.name}.yaml", clock=self.watch)

    def runs(self) -> list[FlowRun]:
        """What Prefect was asked for, newest first."""
        found = runs_of(self.client, self.episode().id)
        return [self.client.read_flow_run(run.id) for run in found]  # type: ignore[arg-type]

    def becomes(self, state: State[None]) -> None:
        """The last run gets this state, as a worker or a person would give it."""
        self.client.set_flow_run_state(self.runs()[0].id, state, force=True)

    def episode(self) -> Episode:
        """The last one."""
        return self.store.episodes.list("news")[0]


@pytest.fixture
def loop(prefect_server: None, tmp_path: Path) -> Iterator[Loop]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store = open_store(url)
    with get_client(sync_client=True) as client:
        made = Loop(job(tmp_path, url), store, client)
        made.deploy()
        yield made
    store.close()


def test_three_passes_one_run(loop: Loop) -> None:
    """The first pass asks, the next ones find it waiting: one run, with its reasons, its episode and its tags."""
    actions = [loop.check()[1].action for _ in range(3)]
    assert actions == ["requested", "active", "active"]
    (run,) = loop.runs()
    own = loop.episode()
    assert run.parameters == {"config": f"configs/{loop.name}.yaml", "why": own.reasons[0], "episode": own.id}
    assert {"retrain", "loop:news", episode_tag(own.id), "trigger:drift"} <= set(run.tags)
    assert run.parent_task_run_id is None
    assert (own.attempts, own.run) == (1, str(run.id))
    reasons = [decision.reason for decision in loop.store.decisions.list("news")]
    assert sum(f"Prefect run {run.id} was asked for" in reason for reason in reasons) == 1


def test_fifty_triggers_one_retraining(loop: Loop) -> None:
    """Fifty checks at once decide and ask: Prefect has one run, the episode one attempt."""
    start = Barrier(50)

    def come(_: int) -> str:
        start.wait()
        return loop.check()[1].action

    with ThreadPoolExecutor(50) as pool:
        actions = set(pool.map(come, range(50)))
    assert "requested" in actions <= {"requested", "active"}
    assert (len(loop.runs()), loop.episode().attempts) == (1, 1)
    assert len(loop.store.decisions.list("news")) == 50


@pytest.mark.parametrize("state", [Crashed(message="out of memory"), Failed(message="no text")])
def test_a_failure_is_tried_again(loop: Loop, state: State[None]) -> None:
    """After the back-off the next attempt is asked for, under another key; the last one is given up."""
    loop.check()
    for attempts, wait in ((1, 10), (2, 20)):
        loop.becomes(state)
        assert loop.check()[1].action == "backing off"
        assert loop.episode().outcome == f"run {loop.episode().run} is {state.name}: {state.message}"
        loop.watch.on(minutes=wait)
        assert [request.action for _, request in (loop.check(), loop.check())] == ["requested", "active"]
        assert (len(loop.runs()), loop.episode().attempts) == (attempts + 1, attempts + 1)
    loop.becomes(state)
    assert loop.check()[1].action == "gave up"
    assert loop.episode().state == "gave up"
    assert [loop.check()[0].action, loop.check()[1].action] == ["gave up", "nothing"]
    assert len(loop.runs()) == 3


def test_a_person_cancels(loop: Loop) -> None:
    """What a person cancelled is not asked for again: the episode is over, and says who ended it."""
    loop.check()
    loop.becomes(Cancelled(message="not now"))
    assert loop.check()[1].action == "cancelled"
    assert loop.episode().state == "done"
    assert "a person cancelled run" in str(loop.episode().outcome)
    assert (loop.check()[0].action, len(loop.runs())) == ("cooling down", 1)


def test_a_limit_cancels(loop: Loop) -> None:
    """What the limit of the deployment cancelled is asked for again, and was no attempt."""
    loop.check()
    loop.becomes(Cancelled(message=LIMIT_SAID))
    assert loop.check()[1].action == "requested"
    assert len(loop.runs()) == 2
    assert loop.episode().attempts == 1


def test_completed(loop: Loop) -> None:
    """A run that completed and did not close its episode is closed by the next pass."""
    loop.check()
    loop.becomes(Completed())
    assert loop.check()[1].action == "completed"
    assert (loop.episode().state, loop.episode().outcome) == ("done", "completed")


def test_the_server_is_away(loop: Loop) -> None:
    """The check goes on and says so; the episode stays open, and the next pass catches up."""
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        decision, requested = loop.check()
    assert requested.action == "unreachable"
    assert "Prefect's server did not answer" in requested.said
    kept = loop.store.decisions.get(decision.id)
    assert kept is not None
    assert kept.reason.endswith("The next check asks again.")
    assert (loop.episode().state, loop.episode().attempts) == ("open", 0)
    decision, requested = loop.check()
    assert (decision.action, requested.action) == ("open", "requested")


def test_no_such_deployment(loop: Loop) -> None:
    """A deployment that is not there yet is said by name, and asked again later."""
    loop.name = f"missing-{loop.name}"
    assert f"no deployment retrain/{loop.name}" in loop.check()[1].said
    loop.deploy()
    assert loop.check()[1].action == "requested"


def test_nothing_to_ask_for(loop: Loop) -> None:
    """A decision without an episode asks for nothing."""
    decision = decide_on(loop.job.config, loop.store, situation(), None)
    assert request_retraining.fn(loop.job, decision, "configs/a.yaml") == Requested("nothing", None, None, "")


def test_somebody_retrains_already(loop: Loop) -> None:
    """While a process that Prefect knows nothing of holds the slot, nothing is asked for."""
    slot = this_process("news", None, loop.watch.now)
    loop.store.slots.take(slot)
    assert loop.check()[1].action == "active"
    assert loop.runs() == []
    loop.store.slots.release(slot)
    assert loop.check()[1].action == "requested"


def test_a_dead_run_is_reaped(loop: Loop) -> None:
    """Prefect takes a run for running whose process is gone: it is Crashed at once, and its attempt has failed."""
    _, requested = loop.check()
    loop.becomes(Running())
    own = this_process("news", loop.episode().id, loop.watch.now)
    loop.store.slots.take(
        Slot(own.loop, str(requested.run), own.host, own.pid, own.pid_started + 1, *[own.taken_at] * 2, own.episode)
    )
    assert loop.check()[1].action == "backing off"
    assert loop.runs()[0].state_name == "Crashed"
    assert "is gone" in str(loop.episode().outcome)


def test_a_run_on_a_lost_host_is_reaped(loop: Loop) -> None:
    """Five minutes after its last beat, and not before."""
    _, requested = loop.check()
    loop.becomes(Running())
    now = loop.watch.now
    loop.store.slots.take(Slot("news", str(requested.run), "another machine", 1, 1.0, now, now, None))
    loop.watch.on(minutes=5)
    assert loop.check()[1].action == "active"
    loop.watch.on(seconds=1)
    assert loop.check()[1].action == "backing off"
    assert loop.runs()[0].state_name == "Crashed"


def test_a_run_without_a_slot_is_reaped_later(loop: Loop) -> None:
    """One that has just begun may still take its slot; after ten minutes it never will."""
    loop.check()
    loop.becomes(Running())
    assert loop.check()[1].action == "active"
    loop.watch.on(minutes=11)
    assert loop.check()[1].action == "requested"  # its end is of Prefect's clock, eleven minutes ago
    assert loop.runs()[-1].state_name == "Crashed"
    assert "does not hold the slot" in str(loop.runs()[-1].state.message)  # type: ignore[union-attr]


@pytest.mark.parametrize("state", [Pending(), Paused(timeout_seconds=86_400)])
def test_a_run_that_its_worker_left(loop: Loop, state: State[None]) -> None:
    """A worker that dies before a run begins, or while it waits for a person, leaves it so for ever: it is reaped."""
    loop.check()
    loop.becomes(state)
    assert loop.check()[1].action == "active"
    loop.watch.on(minutes=11)
    assert loop.check()[1].action in {"backing off", "requested"}
    assert loop.runs()[-1].state_name == "Crashed"
    loop.watch.on(minutes=11)
    loop.check()
    assert (len(loop.runs()), loop.episode().attempts) == (2, 2)


def test_a_paused_run_of_a_dead_process(loop: Loop) -> None:
    """One that waited for a person when its process died is Crashed at once, as its slot tells of it."""
    _, requested = loop.check()
    loop.becomes(Paused(timeout_seconds=86_400))
    own = this_process("news", loop.episode().id, loop.watch.now)
    loop.store.slots.take(replace(own, holder=str(requested.run), pid_started=own.pid_started + 1))
    assert loop.check()[1].action == "backing off"
    assert loop.runs()[0].state_name == "Crashed"


def test_a_cancellation_that_nobody_carries_out(loop: Loop) -> None:
    """A run that a person cancelled when its worker was gone is Cancelled in the end, and not asked for again."""
    loop.check()
    loop.becomes(Running())
    loop.client.update_flow_run(UUID(str(loop.runs()[0].id)), infrastructure_pid="a machine:1")
    loop.becomes(Cancelling())
    assert loop.check()[1].action == "active"
    loop.watch.on(minutes=11)
    assert loop.check()[1].action == "cancelled"
    assert (loop.runs()[0].state_name, loop.episode().state) == ("Cancelled", "done")


def test_an_old_run_is_deleted(loop: Loop) -> None:
    """Somebody tidies up in Prefect: the next attempt is a new run, not an old one that bears its number."""
    loop.check()
    for minutes in (10, 20):
        loop.becomes(Failed())
        loop.check()
        loop.watch.on(minutes=minutes)
        if minutes == 10:
            loop.check()
    first, last = loop.runs()[-1], loop.runs()[0]
    loop.client.delete_flow_run(first.id)
    _, requested = loop.check()
    assert requested.action == "requested"
    assert requested.run not in {str(first.id), str(last.id)}


def test_a_run_that_prefect_forgot(loop: Loop) -> None:
    """Where Prefect's database was lost, the attempt has failed, and the next one is asked for."""
    loop.check()
    loop.client.delete_flow_run(loop.runs()[0].id)
    assert loop.check()[1].action == "backing off"
    assert "Prefect does not know run" in str(loop.episode().outcome)
    loop.watch.on(minutes=10)
    assert loop.check()[1].action == "requested"
    assert loop.episode().attempts == 2


def test_in_a_flow(loop: Loop) -> None:
    """Asked for by a task of a flow, the run is none of that flow's own: it would be cancelled with it."""
    now = loop.watch.now
    decision = decide_on(loop.job.config, loop.store, situation(now=now, asked="now"), None)

    @flow(validate_parameters=False)
    def monitor() -> Requested:
        return request_retraining(loop.job, decision, f"configs/{loop.name}.yaml")

    requested = monitor()
    assert (requested.action, requested.state) == ("requested", "Scheduled")
    assert loop.runs()[0].parent_task_run_id is None


def test_a_request_of_a_person_does_not_wait(loop: Loop) -> None:
    """The back-off is over when somebody asks."""
    loop.check()
    loop.becomes(Crashed())
    assert loop.check()[1].action == "backing off"
    now = loop.watch.now
    asked = situation(now=now, trained_at=now - timedelta(days=1), asked="I have fixed it")
    decision = decide_on(loop.job.config, loop.store, asked, None)
    requested = request_retraining.fn(loop.job, decision, f"configs/{loop.name}.yaml", clock=loop.watch)
    assert (decision.action, requested.action, len(loop.runs())) == ("request", "requested", 2)
