"""`evertopic up`: the whole system on this machine, until Ctrl-C."""

import os
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from evertopic.cli.consoles import aside, show, tell
from evertopic.cli.keeping import stop_all
from evertopic.cli.project import Project, defaults, set_defaults
from evertopic.cli.screens.parts import addresses
from evertopic.cli.services import HOST, require_free, until_told
from evertopic.cli.starting import POOL, Plan, System
from evertopic.cli.surroundings import children_variables
from evertopic.config import load_config
from evertopic.notifying import read_receivers

TICK_S = 0.5

EXAMPLES = """Examples:

evertopic up

evertopic up --no-worker --prefect-port 4300 --mlflow-port 5300 --api-port 8300

Then, in another shell:

PREFECT_API_URL=http://127.0.0.1:4200/api prefect deployment run train/demo --param trials=4"""


def up(
    prefect_port: Annotated[int, typer.Option(min=1, max=65_535, help="Where Prefect's UI and API answer.")] = 4200,
    mlflow_port: Annotated[int, typer.Option(min=1, max=65_535, help="Where MLflow's UI answers.")] = 5000,
    api_port: Annotated[
        int, typer.Option(min=1, max=65_000, help="Where the API of the first loop answers; the others follow.")
    ] = 8000,
    worker: Annotated[bool, typer.Option(help="Start a worker, which runs the deployments.")] = True,  # noqa: FBT002
    api: Annotated[bool, typer.Option(help="Start the API of each loop, once it has a champion.")] = True,  # noqa: FBT002
) -> None:
    """Start Prefect, MLflow, a worker with the deployments of prefect.yaml, and the API, until Ctrl-C."""
    project = Project.around(Path.cwd(), os.environ)
    plan = _plan(project, prefect_port, mlflow_port, api_port, worker=worker, api=api)
    set_defaults(defaults(project.place, bundled=False, verbose=True))
    known = {loop: address for loop, _, address in plan.apis}
    variables = children_variables(os.environ, project.place, prefect_port, mlflow_port, known)
    system = System(plan, project.place, variables)
    with until_told() as told, aside().status("Starting") as status:
        try:
            if system.start(told, status.update):
                status.stop()
                show(addresses(_addresses(plan, variables, project.place.home)))
                while not told.wait(TICK_S):
                    system.look(monotonic(), tell)
        finally:
            status.stop()
            stop_all(system.kept, tell, system.after_stop)


def _plan(project: Project, prefect_port: int, mlflow_port: int, api_port: int, *, worker: bool, api: bool) -> Plan:
    """What is to be started.

    Raises:
        BadConfig: a config of the project, or an address in EVERTOPIC_NOTIFY, has faults.
        Unavailable: a port is taken.
    """
    read_receivers(project.place.notify)
    configs = sorted((project.root / "configs").glob("*.yaml")) if api else []
    apis = tuple(
        (load_config(path, project.root).name, project.shown(path), f"http://{HOST}:{api_port + at}")
        for at, path in enumerate(configs)
    )
    mlflow = not project.place.tracking_uri.startswith("http")
    require_free(prefect_port, "Prefect", "--prefect-port")
    if mlflow:
        require_free(mlflow_port, "MLflow", "--mlflow-port")
    for at in range(len(apis)):
        require_free(api_port + at, "the API", "--api-port")
    return Plan(prefect_port, mlflow_port if mlflow else None, apis, worker)


def _addresses(plan: Plan, variables: dict[str, str], home: Path) -> list[tuple[str, str]]:
    prefect = variables["PREFECT_API_URL"]
    base = prefect.removesuffix("/api")
    none = "none: deployments wait until one is started"
    return [
        ("Prefect", f"{base}    runs, parameters, schedules; artifacts: {base}/v2/artifacts"),
        ("MLflow", f"{variables['EVERTOPIC_MLFLOW_UI']}    models, trials, reports"),
        *((f"API {loop}", f"{at}/docs    answers once there is a champion") for loop, _, at in plan.apis),
        ("worker", f"runs deployments of pool {POOL}" if plan.worker else none),
        ("try", f"PREFECT_API_URL={prefect} prefect deployment run train/demo"),
        ("logs", str(home / "logs")),
        ("end", "Ctrl-C stops everything"),
    ]
