"""The programs of `evertopic up`: what is started, in which order, and what is asked of them."""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from time import monotonic

from evertopic.cli.keeping import Kept
from evertopic.cli.prefect_api import PrefectApi
from evertopic.cli.services import HOST, Service, await_health
from evertopic.environment import Environment
from evertopic.errors import Unavailable

POOL = "evertopic"
PREFECT = ("-m", "prefect", "--no-prompt")
OURSELVES = ("-c", "from evertopic.cli.main import main; main()")
WORKER = "prefect-worker"
NAME = "evertopic-up"
"""Of the worker, as Prefect knows it."""
AT_ONCE = 4
"""Runs of the worker: with more of them SQLite gets in the way."""
START_S = 180.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be started."""

    prefect_port: int
    mlflow_port: int | None
    """None: a tracking server is there already."""
    apis: tuple[tuple[str, str, str], ...]
    """(loop, config, address), one process each."""
    worker: bool


@dataclass(frozen=True, slots=True)
class System:
    """All of it. `kept` grows while it starts, so that the caller can stop what there is."""

    plan: Plan
    place: Environment
    variables: Mapping[str, str]
    kept: list[Kept] = field(default_factory=list)

    def start(self, told: Event, say: Callable[[str], None]) -> bool:
        """True once everything runs; False when told to stop before.

        Raises:
            Unavailable: a program ended or did not answer, or Prefect would never run a schedule.
        """
        say("Starting Prefect's server and MLflow (10 to 30 seconds)")
        waited = [(self._server(), f"{self.variables['PREFECT_API_URL']}/health")]
        if self.plan.mlflow_port is not None:
            waited.append((self._mlflow(self.plan.mlflow_port), f"{self.variables['EVERTOPIC_MLFLOW_UI']}/health"))
        if not all(await_health(service, address, START_S, told.is_set) for service, address in waited):
            return False
        say("Asking Prefect's scheduler for a run")
        self._prefect().require_schedules()
        self._prefect().crash_silent_runs()
        say("Deploying prefect.yaml")
        self._once(["work-pool", "create", POOL, "--type", "process", "--overwrite"])
        self._prefect().crash_dead_runs(POOL, NAME, "Its process was gone when `evertopic up` started.")
        self._once(["deploy", "--all"])
        for loop, config, address in self.plan.apis:
            port = address.rpartition(":")[2]
            self._keep(f"api-{loop}", [*OURSELVES, "serve", config, "--port", port, "--wait"])
        if self.plan.worker:
            limits = ["--type", "process", "--name", NAME, "--limit", str(AT_ONCE)]
            self._keep(WORKER, [*PREFECT, "worker", "start", "--pool", POOL, *limits])
        return not told.is_set()

    def look(self, now: float, say: Callable[[str], None]) -> None:
        """Starts again what ended by itself, in its time."""
        for one in self.kept:
            if one.look(now, say) and one.service.name == WORKER:
                self._free("Its worker ended, and it with it.", say)

    def after_stop(self, name: str) -> None:
        """Runs that the worker took with it are told to be over; Prefect itself would show them running for ever."""
        if name == WORKER:
            self._free("`evertopic up` was stopped.", lambda _: None)

    def _free(self, why: str, say: Callable[[str], None]) -> None:
        try:
            self._prefect().crash_dead_runs(POOL, NAME, why)
        except Unavailable as fault:
            say(f"{fault} Runs whose process is gone are set Crashed at the next start, or for want of a heartbeat.")

    def _prefect(self) -> PrefectApi:
        return PrefectApi(self.variables["PREFECT_API_URL"], self.variables.get("PREFECT_API_AUTH_STRING", ""))

    def _server(self) -> Service:
        return self._keep(
            "prefect-server", [*PREFECT, "server", "start", "--host", HOST, "--port", str(self.plan.prefect_port)]
        )

    def _mlflow(self, port: int) -> Service:
        self.place.home.mkdir(parents=True, exist_ok=True)
        return self._keep(
            "mlflow-server", ["-m", "mlflow", "server", "--host", HOST, "--port", str(port), "--workers", "1"]
        )

    def _keep(self, name: str, command: Sequence[str]) -> Service:
        start = partial(Service.start, name, command, self.variables, self.place.root, self.place.home / "logs")
        service = start()
        self.kept.append(Kept(partial(start, keep_log=True), service, monotonic()))
        return service

    def _once(self, command: list[str]) -> None:
        """Runs one command of Prefect to its end.

        Raises:
            Unavailable: it failed; the message holds what it wrote.
        """
        done = subprocess.run(  # noqa: S603 - our own interpreter and modules
            [sys.executable, *PREFECT, *command],
            cwd=self.place.root,
            env=dict(self.variables),
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        if done.returncode:
            told = (done.stderr or done.stdout).strip()
            raise Unavailable(f"`prefect {' '.join(command)}` failed:\n{told}")
