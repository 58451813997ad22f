"""`evertopic serve`: the API of one loop, until told to stop."""

import os
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Annotated

import typer

from evertopic.cli.consoles import aside
from evertopic.cli.models import registry_at
from evertopic.cli.project import Project, set_defaults
from evertopic.config import LoopConfig, load_config
from evertopic.errors import BadConfig, BadInput, EvertopicError, Unavailable

QUIET = {"TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}

EXAMPLES = """Examples:

evertopic serve

evertopic serve demo --port 8080 --model-version 3

evertopic keys make "the website" --role predictor && evertopic serve demo --host 0.0.0.0"""


def serve(
    config: Annotated[
        str | None,
        typer.Argument(
            metavar="[LOOP]", help="A name (demo is configs/demo.yaml) or a path; the only config there is."
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Where to listen; beyond this machine callers need a key.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: any that is free.")] = 8000,
    choice: Annotated[
        str, typer.Option("--model-version", help="An alias, which is followed when it moves, or a version's number.")
    ] = "champion",
    wait: Annotated[bool, typer.Option("--wait", help="Without a model, wait for one.")] = False,  # noqa: FBT002
) -> None:
    """Serve the model of one loop over HTTP: predictions, topics, explanations, feedback, history."""
    project = Project.around(Path.cwd(), os.environ)
    loop = load_config(_config(project, config), project.root)
    set_defaults(QUIET | ({"HF_HUB_OFFLINE": "1"} if getattr(loop.embed, "model", "bundled") == "bundled" else {}))
    with aside().status("Looking for the model"):
        require_model(
            lambda: _missing(project, loop, choice), (lambda: sleep(loop.serve.poll_seconds)) if wait else None
        )
    serving = project.borrow("serving.run")
    code: int = serving.serve(loop, project.place, host, port, choice)
    if code:
        raise typer.Exit(code)


def _config(project: Project, given: str | None) -> Path:
    """The config that is meant.

    Raises:
        BadConfig: none was given, and there is not exactly one.
    """
    if given is not None:
        return project.config(given)
    found = sorted((project.root / "configs").glob("*.yaml"))
    if len(found) != 1:
        listed = ", ".join(path.stem for path in found) or "none"
        raise BadConfig(f"Say which loop to serve: `evertopic serve LOOP`. Configs of this project: {listed}.")
    return found[0]


def require_model(missing: Callable[[], EvertopicError | None], wait: Callable[[], None] | None) -> None:
    """Passes when there is something to serve: better said now than after everything else has started.

    Args:
        missing: asks why there is no model; None when there is.
        wait: called before it is asked again, until there is one; None: it is asked once.

    Raises:
        EvertopicError: what was missing, where nobody waits.
    """
    while (fault := missing()) is not None:
        if wait is None:
            raise fault
        wait()


def _missing(project: Project, loop: LoopConfig, choice: str) -> EvertopicError | None:
    """Why there is nothing to serve; None when there is."""
    name = loop.model_name
    try:
        registry = registry_at(project.place.tracking_uri, project.place.artifacts_url)
        registry.resolve(f"{name}/{choice}" if choice.isdecimal() else f"{name}@{choice}")
    except BadInput as fault:
        return BadInput(f"{fault} `evertopic train {loop.name}` makes a model of this loop.")
    except Unavailable as fault:
        return fault
    return None
