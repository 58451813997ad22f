"""The project the command runs in, and what must be set before its flows are imported."""

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Self

from evertopic.config import BUNDLED
from evertopic.environment import Environment, find_root, read_environment
from evertopic.errors import BadConfig, BadInput

SERVER = "http://127.0.0.1:4200/api"
"""Where `evertopic up` puts Prefect's server."""


@dataclass(frozen=True, slots=True)
class Project:
    """The project around a working directory."""

    cwd: Path
    place: Environment

    @classmethod
    def around(cls, cwd: Path, variables: Mapping[str, str]) -> Self:
        """The project at or above `cwd`.

        Raises:
            BadConfig: there is none, or the variables have faults.
        """
        return cls(cwd, read_environment(variables, find_root(cwd)))

    @property
    def root(self) -> Path:
        """The folder that holds prefect.yaml."""
        return self.place.root

    def config(self, given: str | None) -> Path:
        """The config file that `given` means: a name (`demo`: configs/demo.yaml) or a path from here or the root.

        Raises:
            BadConfig: nothing is given, and there is not exactly one config that could be meant.
        """
        if given is None:
            return self._only_config()
        named = self.root / "configs" / f"{given}.yaml"
        if not Path(given).suffix and "/" not in given and named.is_file():
            return named
        return next((path for path in (self.cwd / given, self.root / given) if path.is_file()), self.root / given)

    def _only_config(self) -> Path:
        found = sorted((self.root / "configs").glob("*.yaml"))
        if len(found) != 1:
            listed = ", ".join(path.stem for path in found) or "none"
            raise BadConfig(f"Say which loop is meant. Configs of this project: {listed}.")
        return found[0]

    def shown(self, path: Path) -> str:
        """The path as the project calls it: relative to the root where it lies below."""
        path = path.resolve()
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def input(self, given: str | None) -> str | None:
        """The absolute path of a file of documents; `bundled:NAME` as it is.

        Raises:
            BadInput: there is no such file.
        """
        if given is None or given.startswith(BUNDLED):
            return given
        path = (self.cwd / Path(given).expanduser()).resolve()
        if not path.is_file():
            raise BadInput(f"There is no file {path}: give the path of a CSV, JSONL or Parquet file.")
        return str(path)

    def borrow(self, module: str) -> ModuleType:
        """A module of the project itself (`flows.train`), which no package holds; the process moves to the root.

        The flows find their project by the working directory.
        """
        os.chdir(self.root)
        if str(self.root) not in sys.path:
            sys.path.insert(0, str(self.root))
        return importlib.import_module(module)


def defaults(place: Environment, *, bundled: bool, verbose: bool) -> dict[str, str]:
    """Variables for a quiet run on this machine that asks nobody outside; the user's own settings win."""
    from evertopic.storage.registry import MLFLOW_DEFAULTS

    quiet = {
        **MLFLOW_DEFAULTS,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_HOME": str(place.home / "prefect"),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        # Its UI keeps every line; the terminal gets the one sentence of the command, not the tracebacks of each task.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO" if verbose else "CRITICAL",
        "PREFECT_LOGGING_HANDLERS_API_LEVEL": "INFO",
        # The steps shown while training are read off its log of task runs.
        "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "DEBUG",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
    }
    return quiet | ({"HF_HUB_OFFLINE": "1"} if bundled else {})


def set_defaults(values: Mapping[str, str]) -> None:
    """Puts variables into the environment of this process where they are not set."""
    for name, value in values.items():
        os.environ.setdefault(name, value)
    # Prefect makes its home only where the folder above is there, and cannot open its database otherwise.
    if "PREFECT_HOME" in os.environ:
        Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)


def use_running_server() -> bool:
    """True when flows will run against a server; the one of `evertopic up` is used where it answers."""
    if "PREFECT_API_URL" in os.environ:
        return True
    if answers(f"{SERVER}/health", seconds=0.3):
        os.environ["PREFECT_API_URL"] = SERVER
        return True
    return False


def answers(address: str, seconds: float) -> bool:
    """True when the address answers with success in time."""
    import httpx

    try:
        return httpx.get(address, timeout=seconds).is_success
    except httpx.HTTPError:
        return False
