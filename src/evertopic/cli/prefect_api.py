"""What `evertopic up` asks of its Prefect server, over HTTP: the library never imports Prefect."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import requires, version
from typing import Any

import httpx
from tenacity import retry, stop_after_attempt, wait_fixed

from evertopic.errors import Unavailable

SELF_CHECK = "evertopic-self-check"
AUTOMATION = "crash-silent-runs"
SILENT_S = 15 * 60
"""Longer than a server may be away: a healthy run that could not report for so long would be taken for dead."""
PINNED = ("prefect", "sqlalchemy", "fastapi")
STATES = (
    "heartbeat", "Completed", "Failed", "Cancelled", "Crashed", "Cancelling", "Suspended", "Paused", "AwaitingRetry",
)  # fmt: skip
SILENT = "prefect.flow-run."


@dataclass(frozen=True, slots=True)
class PrefectApi:
    """One server. Every method raises `Unavailable` when it does not answer as it should."""

    url: str
    auth: str = ""
    """`USER:PASSWORD` where PREFECT_API_AUTH_STRING asks for them."""
    pause_s: float = 2.0
    """Before a request is tried again: a busy SQLite, too, is answered 503."""

    def require_schedules(self) -> None:
        """Passes when the scheduler of this environment creates runs; what it took is deleted again.

        With some versions of its dependencies Prefect starts, runs what is asked for, and never runs a schedule.

        Raises:
            Unavailable: it creates none; the message names the versions there are, and those that are needed.
        """
        with self._client() as client:
            flow = _json(client.post("/flows/", json={"name": SELF_CHECK}))["id"]
        try:
            again = retry(stop=stop_after_attempt(3), wait=wait_fixed(self.pause_s), reraise=True)
            runs = again(self._scheduled)(flow)
        except Unavailable as fault:
            raise Unavailable(f"Prefect takes no schedule: {fault} {_pins()}") from fault
        finally:
            # On a connection of its own: a request that failed inside the server takes its connection with it.
            with self._client() as client:
                client.delete(f"/flows/{flow}")
        if not runs:
            raise Unavailable(f"Prefect's scheduler creates no runs. {_pins()}")

    def _scheduled(self, flow: str) -> int:
        """Runs that are created for a deployment that runs every minute."""
        every_minute = {"schedule": {"cron": "* * * * *", "timezone": "UTC"}, "active": True}
        made = {"name": SELF_CHECK, "flow_id": flow, "schedules": [every_minute]}
        with self._client() as client:
            deployment = _json(client.post("/deployments/", json=made))["id"]
            _need(client.post(f"/deployments/{deployment}/schedule", json={}))
            counted = {"deployments": {"id": {"any_": [deployment]}}}
            return int(_json(client.post("/flow_runs/count", json=counted)))

    def crash_silent_runs(self) -> bool:
        """True when the rule by which runs without a heartbeat become Crashed is new; one that is there is left."""
        with self._client() as client:
            if _json(client.post("/automations/filter", json={"automations": {"name": {"any_": [AUTOMATION]}}})):
                return False
            _need(client.post("/automations/", json=_automation()))
            return True

    def crash_dead_runs(self, pool: str, worker: str, why: str) -> tuple[str, ...]:
        """The names of the runs whose process on this machine is gone, set Crashed: their slots are free at once.

        To be called while the worker does not run: what it was about to start is taken for gone, too. Prefect knows
        the number of a process and not its machine, so this is done only where `worker` has been the only one of its
        pool; elsewhere the silence of a dead run tells.
        """
        asked = {
            "flow_runs": {"state": {"type": {"any_": ["RUNNING", "CANCELLING", "PENDING"]}}},
            "work_pools": {"name": {"any_": [pool]}},
            "limit": 200,
        }
        with self._client() as client:
            workers = _json(client.post(f"/work_pools/{pool}/workers/filter", json={}))
            if {one["name"] for one in workers} - {worker}:
                return ()
            dead = [run for run in _json(client.post("/flow_runs/filter", json=asked)) if _is_dead(run)]
            for run in dead:
                state = {"type": "CRASHED", "name": "Crashed", "message": why}
                _need(client.post(f"/flow_runs/{run['id']}/set_state", json={"state": state}))
        return tuple(run["name"] for run in dead)

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        user, _, password = self.auth.partition(":")
        try:
            with httpx.Client(base_url=self.url, auth=(user, password) if user else None, timeout=30) as client:
                yield client
        except httpx.HTTPError as fault:
            raise Unavailable(f"Prefect's server at {self.url} does not answer: {fault}.") from fault


def _need(answer: httpx.Response) -> httpx.Response:
    """The answer, if it is one of success."""
    if not answer.is_success:
        raise Unavailable(f"{answer.request.method} {answer.url.path} was answered {answer.status_code}.")
    return answer


def _json(answer: httpx.Response) -> Any:
    return _need(answer).json()


def _automation() -> Mapping[str, Any]:
    return {
        "name": AUTOMATION,
        "description": f"A run whose process or host is gone says nothing for {SILENT_S // 60} minutes.",
        "enabled": True,
        "trigger": {
            "type": "event",
            "posture": "Proactive",
            "match": {"prefect.resource.id": [f"{SILENT}*"]},
            "after": [f"{SILENT}heartbeat"],
            "expect": [f"{SILENT}{state}" for state in STATES],
            "for_each": ["prefect.resource.id"],
            "threshold": 1,
            "within": SILENT_S,
        },
        "actions": [
            {"type": "change-flow-run-state", "state": "CRASHED", "name": "Crashed", "message": "no heartbeat"}
        ],
    }


def _is_dead(run: Mapping[str, Any]) -> bool:
    """True when the run had a process, and it is gone; or never got one."""
    pid = str(run.get("infrastructure_pid") or "")
    if not pid.isdecimal():
        return bool(run["state_type"] == "PENDING")
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # it is there, and somebody else's
    return False


def _pins() -> str:
    """Which versions are here, and which the project asks for."""
    asked = [line.partition(";")[0] for line in requires("evertopic") or ()]
    wanted = [line for line in asked if re.match(rf"({'|'.join(PINNED)})(?![\w-])", line)]
    there = ", ".join(f"{name} {version(name)}" for name in PINNED)
    return f"Here are {there}; evertopic asks for {', '.join(sorted(wanted))}: install these (`make setup` does)."
