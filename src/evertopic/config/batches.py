"""From a loop's config and what a person asks for to a batch that is ready to run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evertopic.config.loop import LoopConfig
from evertopic.config.reading import BUNDLED, with_input
from evertopic.corpus.sources import Csv, Source
from evertopic.errors import BadInput
from evertopic.prediction.batch import Batch, Delimited, FileTarget, Log, Query, TableTarget, Target, file_target
from evertopic.prediction.loading import Model


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What is asked for, in words that a command line and a schedule can hold."""

    output: str
    """A file, or the URL of a database."""
    documents: str | None = None
    """A file, the URL of a database, or `bundled:NAME`; None: the source of the config."""
    query: str | None = None
    """Asked of the database."""
    key: str | None = None
    """The column of the answer that tells its rows apart."""
    table: str | None = None
    """Written to in the database."""
    texts: tuple[str, ...] = ()
    """The columns that make the text; (): those of the config."""
    version: str = "champion"
    """An alias or a number."""


def batch_of(
    config: LoopConfig, request: BatchRequest, folder: Path, load: Callable[[str], Model], log: Log | None
) -> Batch:
    """The batch that `request` means.

    Args:
        config: of the loop whose model answers.
        request: what is asked for.
        folder: where relative paths begin.
        load: the model of a version or alias.
        log: where predictions are remembered; None: nowhere.

    Raises:
        BadInput: the parts of the request do not fit together.
        BadConfig: no kind of source reads such a file, a URL is none or names a variable that is not set.
    """
    documents = _documents(config, request, folder)
    target = _target(request, documents, folder)
    path = getattr(documents, "path", None)
    if isinstance(target, FileTarget) and path is not None and Path(path).resolve() == target.path.resolve():
        raise BadInput(f"{target.path} would take the place of its own input: name another output.")
    texts = request.texts or config.columns.texts
    return Batch(config.name, documents, texts, target, request.version, load, log)


def _documents(config: LoopConfig, request: BatchRequest, folder: Path) -> Source | Query:
    given = request.documents
    if request.query is not None or request.key is not None:
        if given is None or request.query is None or request.key is None:
            raise BadInput("A database is read by --input URL, --query 'select ...' and --key COLUMN together.")
        return Query(given, request.query, request.key)
    if given is None:
        return config.source
    if given.startswith(BUNDLED):
        return with_input(config, given).source
    if _is_url(given):
        raise BadInput(f"{given.partition(':')[0]}: is no file: for a database give --query and --key too.")
    return with_input(config, folder / Path(given).expanduser()).source


def _target(request: BatchRequest, documents: Source | Query, folder: Path) -> Target:
    if request.table is not None:
        return TableTarget(request.output, request.table)
    if _is_url(request.output):
        raise BadInput("The output is a database: give --table NAME too.")
    tabs = isinstance(documents, Csv) and documents.delimiter == "\t"
    if isinstance(documents, Csv) and not tabs:
        written = Delimited(documents.delimiter, documents.quotechar)
    else:
        written = Delimited()
    return file_target((folder / Path(request.output).expanduser()).resolve(), written)


def _is_url(given: str) -> bool:
    return "://" in given or given.startswith("${")
