"""One YAML file is one loop: one text model in production. It parses into one frozen object."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from evertopic.corpus.cleaning import Cleaning
from evertopic.corpus.columns import Columns
from evertopic.corpus.contract import Contract
from evertopic.corpus.sources import Source
from evertopic.corpus.tokens import Tokenizer
from evertopic.embedding import Encoder, SentenceTransformerEncoder
from evertopic.errors import BadConfig
from evertopic.labelling import Keywords, Labeller
from evertopic.models.search import GridSearch, Search
from evertopic.models.space import BertopicSpace
from evertopic.quality.choice import ChoiceRule

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class AssignmentRule(BaseModel):
    """How documents get a topic."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unassigned: Annotated[float, Field(ge=0, lt=1)] = 0.05
    """The outlier budget: the share of new documents that may stay without a topic."""


class RegistryRule(BaseModel):
    """What a model must pass to be registered, and under which name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Name | None = None
    """Name of the registered model; None: the loop's."""
    parity: Annotated[float, Field(ge=0.5, le=1)] = 0.999
    """Least share of documents that the reloaded model must answer as the one in memory."""


class Runner(BaseModel):
    """Where the embeddings of the search are computed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["threads", "processes", "dask", "ray"] = "threads"
    workers: PositiveInt = 1
    address: str | None = None
    """Of a running Dask scheduler or Ray cluster; None starts a local one."""


class LoopConfig(BaseModel):
    """Everything one loop needs to know, and nothing about the machine it runs on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    source: Source
    columns: Columns = Columns()
    contract: Contract = Contract()
    cleaning: Cleaning = Cleaning()
    tokenizer: Tokenizer = Tokenizer()
    embed: Encoder = SentenceTransformerEncoder()
    model: BertopicSpace = BertopicSpace()
    search: Search = GridSearch()
    runner: Runner = Runner()
    choice: ChoiceRule = ChoiceRule()
    assignment: AssignmentRule = AssignmentRule()
    labelling: Labeller = Keywords()
    registry: RegistryRule = RegistryRule()
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 42

    @model_validator(mode="after")
    def _held_out_fits(self) -> Self:
        if self.assignment.unassigned and self.search.held_out < 0.05:
            raise ValueError("search.held_out is below 0.05: too few documents would set the outlier thresholds")
        return self

    @property
    def model_name(self) -> str:
        """The name under which models of this loop are registered."""
        return self.registry.model or self.name


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


def with_input(config: LoopConfig, path: Path) -> LoopConfig:
    """The same loop reading its documents from the file `path`, by the kind its ending names.

    Raises:
        BadConfig: no kind of source reads such files.
    """
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
