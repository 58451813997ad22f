"""What the commands of a release share: which loop is meant, who asks, and the flow run in this process."""

import getpass
import os
import sys
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evertopic.cli.consoles import aside
from evertopic.cli.models import registry_at
from evertopic.cli.progress import watching
from evertopic.cli.project import Project, defaults, set_defaults, use_running_server
from evertopic.config import LoopConfig, load_config
from evertopic.embedding import NamedModel

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

STARTING = "Starting Prefect's temporary server, 8 to 20 seconds (`make up` keeps one running)"
JOINING = "Asking the Prefect server at {}"
LOOP_HELP = "A loop: a name (demo is configs/demo.yaml) or a path; without one, the only one there is."
WHY_HELP = "Why, for the ledger."
BY_HELP = "Who wants it, for the ledger; without it, the user of this machine."


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop of this project."""

    project: Project
    path: Path
    config: LoopConfig

    def registry(self) -> "Registry":
        """The registry, which must be there already."""
        return registry_at(self.project.place.tracking_uri, self.project.place.artifacts_url)


def loop_of(given: str | None, *, verbose: bool = False) -> Loop:
    """The loop that is meant, everything set for a quiet run.

    Raises:
        BadConfig: there is no such config, or it has faults.
    """
    project = Project.around(Path.cwd(), os.environ)
    path = project.config(given)
    config = load_config(path, project.root)
    bundled = not isinstance(config.embed, NamedModel) or config.embed.model == "bundled"
    set_defaults(defaults(project.place, bundled=bundled, verbose=verbose))
    return Loop(project, path, config)


def who(given: str | None) -> str:
    """The name for the ledger."""
    return given or getpass.getuser()


def run_flow(loop: Loop, module: str, name: str, *, silent: bool, verbose: bool, **parameters: Any) -> Any:
    """What a flow gives, run in this process. Whatever it prints goes to stderr: stdout belongs to the answer."""
    opening = JOINING.format(os.environ["PREFECT_API_URL"]) if use_running_server() else STARTING
    console = aside()
    bars = console.is_terminal and not verbose
    with nullcontext() if silent else console.status("Loading Prefect"), redirect_stdout(sys.stderr):
        # First: while it is imported, Prefect takes every listener off its loggers.
        flow: Any = getattr(loop.project.borrow(module), name)
    with nullcontext() if silent else watching(console, opening, bars=bars), redirect_stdout(sys.stderr):
        return flow(config=loop.project.shown(loop.path), **parameters)
