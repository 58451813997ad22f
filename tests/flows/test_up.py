"""What `evertopic up` asks of Prefect, asked of a real server."""

import os
import subprocess
import sys
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.settings import PREFECT_API_URL
from prefect.states import Running

from evertopic.cli.prefect_api import AUTOMATION, SELF_CHECK, PrefectApi


def api() -> PrefectApi:
    """The server of this session."""
    return PrefectApi(str(PREFECT_API_URL.value()))


def test_this_environment_runs_schedules(prefect_server: None) -> None:
    """The scheduler creates runs here, and the try leaves no flow, deployment or run behind."""
    api().require_schedules()
    with get_client(sync_client=True) as client:
        assert SELF_CHECK not in {flow.name for flow in client.read_flows()}
        assert SELF_CHECK not in {deployment.name for deployment in client.read_deployments()}


def test_silent_runs_crash(prefect_server: None) -> None:
    """The rule is made once, however often `up` starts, and waits a quarter of an hour for a sign of life."""
    assert api().crash_silent_runs()
    assert not api().crash_silent_runs()
    with get_client(sync_client=True) as client:
        (rule,) = client.read_automations_by_name(AUTOMATION)
        client.delete_automation(rule.id)
    assert rule.enabled
    assert rule.trigger.within.total_seconds() >= 900
    assert rule.trigger.after == {"prefect.flow-run.heartbeat"}
    assert rule.trigger.for_each == {"prefect.resource.id"}
    assert [action.state.value for action in rule.actions] == ["CRASHED"]


def test_runs_without_a_process_crash(prefect_server: None) -> None:
    """A run whose process is gone is Crashed at once; one that lives, and one that nobody's worker began, stay."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead, alive = begun("p1", gone.pid), begun("p1", os.getpid())
    elsewhere = begun("p2", gone.pid)
    assert len(api().crash_dead_runs("p1", "evertopic-up", "gone")) == 1
    with get_client(sync_client=True) as client:
        found = {run: client.read_flow_run(run).state for run in (dead, alive, elsewhere)}
    assert (found[dead].name, found[dead].message) == ("Crashed", "gone")
    assert found[alive].name == found[elsewhere].name == "Running"


def begun(pool: str, pid: int) -> UUID:
    """A run of a deployment of this pool, under way in this process."""
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"), overwrite=True)
        flow = client.create_flow_from_name("begun")
        deployment = client.create_deployment(flow, f"in-{pool}", work_pool_name=pool)
        run = client.create_flow_run_from_deployment(deployment).id
        client.update_flow_run(run, infrastructure_pid=str(pid))
        client.set_flow_run_state(run, Running(), force=True)
    return run
