"""`evertopic ui`: Prefect and MLflow in the browser, with a worker, until Ctrl-C."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from rich.console import Console

from evertopic.cli.consoles import aside, show
from evertopic.cli.project import Project, defaults, set_defaults
from evertopic.cli.screens.parts import addresses
from evertopic.cli.services import HOST, Service, await_health, require_free
from evertopic.environment import Environment
from evertopic.errors import Unavailable

POOL = "evertopic"
PREFECT = ("-m", "prefect", "--no-prompt")
START_S = 180.0
STOP_S = 20.0

EXAMPLES = """Examples:

evertopic ui

evertopic ui --no-worker --prefect-port 4300 --mlflow-port 5300

Then, in another shell:

PREFECT_API_URL=http://127.0.0.1:4200/api prefect deployment run train/demo --param trials=4"""


def ui(
    prefect_port: Annotated[int, typer.Option(min=1, max=65_535, help="Where Prefect's UI and API answer.")] = 4200,
    mlflow_port: Annotated[int, typer.Option(min=1, max=65_535, help="Where MLflow's UI answers.")] = 5000,
    worker: Annotated[bool, typer.Option(help="Start a worker, which runs the deployments.")] = True,  # noqa: FBT002
) -> None:
    """Start Prefect and MLflow for the browser, deploy prefect.yaml and run a worker, until Ctrl-C."""
    project = Project.around(Path.cwd(), os.environ)
    require_free(prefect_port, "Prefect", "--prefect-port")
    served = not project.place.tracking_uri.startswith("http")
    if served:
        require_free(mlflow_port, "MLflow", "--mlflow-port")
    set_defaults(defaults(project.place, bundled=False, verbose=True))
    variables = children_variables(os.environ, project.place, prefect_port, mlflow_port)
    services: list[Service] = []
    with _until_told() as told, aside().status("Starting") as status:
        try:
            _start(services, project.place, variables, told, status.update, worker=worker, served=served)
            if not told.is_set():
                status.stop()
                show(addresses(_addresses(project.place, variables, worker=worker)))
                _watch(services, told)
        finally:
            _stop(services, aside())


def children_variables(
    variables: Mapping[str, str], place: Environment, prefect_port: int, mlflow_port: int
) -> dict[str, str]:
    """The environment of everything that is started: one API, one project, one MLflow.

    The backend's address travels here and not on a command line, which anybody on the machine can read.
    """
    served = place.tracking_uri.startswith("http")
    own = {
        "PREFECT_API_URL": f"http://{HOST}:{prefect_port}/api",
        # Unset, each worker would fall back on a folder of the user that other projects share.
        "EVERTOPIC_ROOT": str(place.root),
        "EVERTOPIC_HOME": str(place.home),
        "EVERTOPIC_MLFLOW_UI": place.tracking_uri if served else f"http://{HOST}:{mlflow_port}",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_BACKEND_STORE_URI": place.tracking_uri,
        "MLFLOW_DEFAULT_ARTIFACT_ROOT": place.artifacts_url,
    }
    return {**variables, **own}


def _start(
    services: list[Service],
    place: Environment,
    variables: Mapping[str, str],
    told: Event,
    say: Callable[[str], None],
    *,
    worker: bool,
    served: bool,
) -> None:
    """Starts everything in order; `services` grows as it does, so that the caller can stop what there is."""
    logs, api = place.home / "logs", variables["PREFECT_API_URL"]
    port = api.removesuffix("/api").rpartition(":")[2]
    say("Starting Prefect's server and MLflow (10 to 30 seconds)")
    server = Service.start(
        "prefect-server", [*PREFECT, "server", "start", "--host", HOST, "--port", port], variables, place.root, logs
    )
    services.append(server)
    if served:
        services.append(_mlflow(variables, place, logs))
    for service, address in zip(
        services, (f"{api}/health", f"{variables['EVERTOPIC_MLFLOW_UI']}/health"), strict=False
    ):
        if not await_health(service, address, START_S, told.is_set):
            return
    say("Deploying prefect.yaml")
    _once(["work-pool", "create", POOL, "--type", "process", "--overwrite"], variables, place.root)
    _once(["deploy", "--all"], variables, place.root)
    if worker:
        command = [*PREFECT, "worker", "start", "--pool", POOL, "--type", "process", "--name", "evertopic-ui"]
        services.append(Service.start("prefect-worker", command, variables, place.root, logs))


def _mlflow(variables: Mapping[str, str], place: Environment, logs: Path) -> Service:
    port = variables["EVERTOPIC_MLFLOW_UI"].rpartition(":")[2]
    place.home.mkdir(parents=True, exist_ok=True)
    command = ["-m", "mlflow", "server", "--host", HOST, "--port", port, "--workers", "1"]
    return Service.start("mlflow-server", command, variables, place.root, logs)


def _once(command: list[str], variables: Mapping[str, str], cwd: Path) -> None:
    """Runs one command of Prefect to its end.

    Raises:
        Unavailable: it failed; the message holds what it wrote.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and modules
        [sys.executable, *PREFECT, *command],
        cwd=cwd,
        env=dict(variables),
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        told = (done.stderr or done.stdout).strip()
        raise Unavailable(f"`prefect {' '.join(command)}` failed:\n{told}")


def _watch(services: list[Service], told: Event) -> None:
    """Waits until told to stop.

    Raises:
        Unavailable: one of the programs ended by itself.
    """
    while not told.wait(0.5):
        ended = next((service for service in services if not service.running()), None)
        if ended is not None:
            raise ended.ended()


def _stop(services: list[Service], console: Console) -> None:
    """Stops the last first: a worker must still reach the server to report."""
    for service in reversed(services):
        console.print(f"Stopping {service.name}")
        service.stop(STOP_S)


@contextmanager
def _until_told() -> Iterator[Event]:
    """An event that Ctrl-C and SIGTERM set.

    The handlers also give children back the default answer to SIGINT: a shell that starts us with `&` has it
    ignored, and a Prefect worker that inherits this cannot be stopped by SIGTERM.
    """
    told = Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: told.set()) for number in numbers]
    try:
        yield told
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _addresses(place: Environment, variables: Mapping[str, str], *, worker: bool) -> list[tuple[str, str]]:
    api = variables["PREFECT_API_URL"]
    base = api.removesuffix("/api")
    return [
        ("Prefect", f"{base}    runs, parameters, schedules; artifacts: {base}/v2/artifacts"),
        ("MLflow", f"{variables['EVERTOPIC_MLFLOW_UI']}    models, trials, reports"),
        ("worker", f"runs deployments of pool {POOL}" if worker else "none: deployments wait until one is started"),
        ("try", f"PREFECT_API_URL={api} prefect deployment run train/demo"),
        ("logs", str(place.home / "logs")),
        ("end", "Ctrl-C stops everything"),
    ]
