"""Deployments and flows: what Prefect would ignore in silence, and the order of the walk on one page."""

import ast
import importlib
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.cli.deploy._models import DeploymentConfig
from prefect.client.orchestration import get_client
from prefect.client.schemas.schedules import CronSchedule
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.settings import PREFECT_API_URL

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
PROJECT = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
DEPLOYMENTS: list[dict[str, Any]] = PROJECT["deployments"]
FLOWS = sorted(path for path in (ROOT / "flows").glob("*.py") if path.name != "__init__.py")
ASK = "see what changed, and if it was meant, write it into the golden file"


def named(thing: Any) -> str:
    """The name of a flow, or of a deployment as Prefect calls it: FLOW/NAME."""
    return thing.stem if isinstance(thing, Path) else f"{thing['entrypoint'].rpartition('.')[2]}/{thing['name']}"


def flow_functions(path: Path) -> list[ast.FunctionDef]:
    module = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in module.body if isinstance(node, ast.FunctionDef)]


def drawn() -> str:
    """Every flow as its ordered calls: `what comes out = step(what goes in)`."""
    parts = []
    for path in FLOWS:
        for flow in flow_functions(path):
            lines = [line for statement in flow.body if not _is_docstring(statement) for line in _lines(statement)]
            parts.append("\n".join([f"{path.stem}({', '.join(_parameters(flow))})", *lines]))
    return "\n\n".join(parts) + "\n"


def _parameters(flow: ast.FunctionDef) -> list[str]:
    defaults = dict(zip(reversed(flow.args.args), reversed(flow.args.defaults), strict=False))
    return [f"{a.arg}={ast.unparse(defaults[a])}" if a in defaults else a.arg for a in flow.args.args]


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _lines(statement: ast.stmt, depth: int = 1) -> list[str]:
    """The statement as lines; what a `with` holds stands deeper."""
    if isinstance(statement, ast.With):
        head = f"with {', '.join(map(ast.unparse, statement.items))}"
        return ["  " * depth + head, *(line for part in statement.body for line in _lines(part, depth + 1))]
    return ["  " * depth + _line(statement)]


def _line(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign):
        return f"{ast.unparse(statement.targets[0])} = {ast.unparse(statement.value)}"
    if isinstance(statement, ast.Return) and statement.value:
        return f"-> {ast.unparse(statement.value)}"
    return ast.unparse(statement)


def deployed() -> str:
    """Every deployment with what decides when, where and with what it runs."""
    return yaml.safe_dump({named(d): deepcopy({k: v for k, v in d.items() if k != "name"}) for d in DEPLOYMENTS})


def test_dag() -> None:
    """The order of the walk is the one that was agreed on."""
    assert drawn() == (GOLDEN / "dag.txt").read_text(encoding="utf-8"), ASK


def test_declared() -> None:
    """The deployments are those that were agreed on, with their schedules, limits and parameters."""
    assert deployed() == (GOLDEN / "deployments.yaml").read_text(encoding="utf-8"), ASK


@pytest.mark.parametrize("path", FLOWS, ids=named)
def test_flows_are_order_and_nothing_else(path: Path) -> None:
    """A flow calls tasks one after the other: no loop, branch, arithmetic, comprehension or table of its own.

    What it holds meanwhile (`with holding_slot(...)`) is one call of a step that it imports, and only one.
    """
    thinking = (
        ast.For, ast.While, ast.If, ast.IfExp, ast.Try, ast.BinOp, ast.BoolOp, ast.Compare, ast.Lambda,
        ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Subscript, ast.JoinedStr,
    )  # fmt: skip
    body = [statement for flow in flow_functions(path) for statement in flow.body]
    assert [ast.unparse(node) for part in body for node in ast.walk(part) if isinstance(node, thinking)] == []
    module = ast.parse(path.read_text(encoding="utf-8"))
    held = [node for part in body for node in ast.walk(part) if isinstance(node, ast.With)]
    assert len(held) <= 1
    assert [ast.unparse(one) for node in held for one in node.items if not _is_step(one.context_expr)] == []
    imports = {
        node.module.split(".")[0] for node in ast.walk(module) if isinstance(node, ast.ImportFrom) and node.module
    }
    assert not any(isinstance(node, ast.Import) for node in ast.walk(module))
    assert imports <= {"prefect", "flows", "tasks", "evertopic", "datetime"}


def _is_step(called: ast.expr) -> bool:
    return isinstance(called, ast.Call) and isinstance(called.func, ast.Name)


@pytest.mark.parametrize("path", FLOWS, ids=named)
def test_one_flow_a_file(path: Path) -> None:
    """A file holds one flow, named as the file and as people read it in the UI."""
    assert [flow.name for flow in flow_functions(path)] == [path.stem]
    flow = getattr(importlib.import_module(f"flows.{path.stem}"), path.stem)
    assert isinstance(flow, Flow)
    assert flow.name == path.stem
    assert flow.description


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=named)
def test_no_key_is_a_typo(deployment: dict[str, Any]) -> None:
    """Every key of a deployment is one that Prefect knows; it ignores others in silence."""
    assert set(deployment) <= set(DeploymentConfig.model_fields)
    known = {"cron", "interval", "rrule", "timezone", "active", "parameters", "slug", "anchor_date", "day_or"}
    assert all(set(schedule) <= known for schedule in deployment.get("schedules", []))
    limit = deployment.get("concurrency_limit", {})
    assert isinstance(limit, int) or set(limit) <= {"limit", "collision_strategy", "grace_period_seconds"}


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=named)
def test_entrypoint_loads(deployment: dict[str, Any]) -> None:
    """An entrypoint is a module path, loads, and takes the parameters as they are declared; so does every config."""
    assert "/" not in deployment["entrypoint"]
    assert ":" not in deployment["entrypoint"]
    flow = load_flow_from_entrypoint(deployment["entrypoint"])
    flow.validate_parameters(deployment.get("parameters", {}))
    assert set(deployment.get("parameters", {})) <= set(flow.parameters.properties)
    assert (ROOT / deployment["parameters"]["config"]).is_file()


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=named)
def test_schedule_parses(deployment: dict[str, Any]) -> None:
    """Every schedule is a cron line in a time zone there is, and has a slug so that it can be changed."""
    for schedule in deployment.get("schedules", []):
        assert schedule["slug"]
        CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])


def test_deploy(prefect_server: None) -> None:
    """`prefect deploy --all` creates all of them, with their parameters, and leaves the checkout to each worker."""
    surroundings = {**os.environ, "PREFECT_API_URL": str(PREFECT_API_URL.value())}

    def prefect(*arguments: str) -> None:
        command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
        ran = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    prefect("work-pool", "create", "evertopic", "--type", "process", "--overwrite")
    prefect("deploy", "--all")
    with get_client(sync_client=True) as client:
        for declared in DEPLOYMENTS:
            flow = load_flow_from_entrypoint(declared["entrypoint"])
            made = client.read_deployment_by_name(f"{flow.name}/{declared['name']}")
            assert made.parameters == declared["parameters"]
            assert made.work_pool_name == "evertopic"
            assert [one.active for one in made.schedules] == [one["active"] for one in declared["schedules"]]
            assert "EVERTOPIC_ROOT" in str(made.pull_steps)
