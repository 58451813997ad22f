"""From a YAML file to a LoopConfig, with every fault of the file at once."""

from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from evertopic.config.loop import LoopConfig
from evertopic.corpus.sources import Bundled
from evertopic.errors import BadConfig, BadInput

BUNDLED = "bundled:"
"""Before the name of documents that come with gensim, where a file could stand."""


def load_config(path: Path, root: Path) -> LoopConfig:
    """The loop that the YAML file at `path` describes; relative paths are taken from `root`.

    Raises:
        BadConfig: the file is missing, is not YAML, or has faults; all of them are listed.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        there = ", ".join(sorted(str(p.relative_to(root)) for p in (root / "configs").glob("*.yaml"))) or "none"
        raise BadConfig(f"There is no config {path}. Configs of this project: {there}.") from fault
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise BadConfig(f"{path} cannot be read as YAML: {fault}") from fault
    if not isinstance(content, dict):
        raise BadConfig(f"{path} holds {type(content).__name__}, expected keys such as name: and source:.")
    return parse_config(content, str(path), root)


def parse_config(content: dict[str, Any], label: str, root: Path) -> LoopConfig:
    """The loop that `content` describes; see `load_config`."""
    return _rooted(_validated(content, label), root)


def with_input(config: LoopConfig, given: str | Path) -> LoopConfig:
    """The same loop reading its documents from a file, by the kind its ending names, or those that come along.

    Args:
        config: the loop.
        given: the path of a file, or `bundled:NAME`.

    Raises:
        BadConfig: no kind of source reads such files.
        BadInput: no bundled documents have that name.
    """
    if str(given).startswith(BUNDLED):
        return config.model_copy(update={"source": _bundled(str(given).removeprefix(BUNDLED))})
    path = Path(given)
    kinds = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise BadConfig(f"{path} ends in '{path.suffix}', expected one of {', '.join(kinds)}.")
    settings: dict[str, Any] = {"kind": kind, "path": str(path.resolve())}
    if config.source.kind == kind:
        settings = {**config.source.model_dump(), **settings}
    if path.suffix.lower() == ".tsv":
        settings["delimiter"] = "\t"
    return _validated({**config.model_dump(), "source": settings}, f"--input {path}")


def with_trials(config: LoopConfig, trials: int) -> LoopConfig:
    """The same loop searching at most so many trials.

    Raises:
        BadConfig: not at least one.
    """
    search = {**config.search.model_dump(), "trials": trials}
    return _validated({**config.model_dump(), "search": search}, f"--trials {trials}")


def _bundled(name: str) -> Bundled:
    names = get_args(Bundled.model_fields["name"].annotation)
    if name not in names:
        raise BadInput(f"There are no bundled documents {name!r}: there are {', '.join(names)}.")
    return Bundled.model_validate({"name": name})


def _validated(content: dict[str, Any], label: str) -> LoopConfig:
    try:
        return LoopConfig.model_validate(content)
    except ValidationError as fault:
        lines = "\n".join(f"  {_where(error['loc'])}: {_what(error)}" for error in fault.errors())
        raise BadConfig(f"{label} has {_counted(fault.error_count())}:\n{lines}") from fault


def _rooted(config: LoopConfig, root: Path) -> LoopConfig:
    changes: dict[str, Any] = {}
    path = getattr(config.source, "path", None)
    if path is not None and "://" not in path and not Path(path).is_absolute():
        changes["source"] = config.source.model_copy(update={"path": str((root / path).resolve())})
    model = getattr(config.embed, "model", "")
    if model.startswith(("./", "../")):  # it goes into the model, which is loaded from any folder
        changes["embed"] = config.embed.model_copy(update={"model": str((root / model).resolve())})
    return config.model_copy(update=changes)


def _counted(faults: int) -> str:
    return "1 fault" if faults == 1 else f"{faults} faults"


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "(top level)"


def _what(error: Any) -> str:
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return "is not a known key"
    if error["type"] == "value_error" and isinstance(error["input"], dict):
        return str(error["ctx"]["error"])  # a rule of a whole section says itself what it found
    if isinstance(error["input"], dict) or {"url", "headers"} & set(error["loc"]):
        return str(error["msg"])  # a password may stand there
    found = repr(error["input"])
    return f"{error['msg']}, found {found if len(found) <= 60 else found[:57] + '...'}"
