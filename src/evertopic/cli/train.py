"""`evertopic train`: the flow, run in this process, and what came of it."""

import os
import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer

from evertopic.cli.border import be_wordy, wordy
from evertopic.cli.consoles import aside, show, show_json
from evertopic.cli.progress import watching
from evertopic.cli.project import Project, defaults, set_defaults, use_running_server
from evertopic.cli.screens.training import training_screen
from evertopic.config import LoopConfig, load_config
from evertopic.embedding import NamedModel
from evertopic.errors import Unavailable
from evertopic.records import ModelVersion, TrainingCard
from evertopic.storage.cards import read_card
from evertopic.storage.lake import Lake

STARTING = "Starting Prefect's temporary server, 8 to 20 seconds (`make up` keeps one running)"
JOINING = "Asking the Prefect server at {}"

EXAMPLES = """Examples:

evertopic train demo

evertopic train demo --input bundled:lee

evertopic train configs/news.yaml --input data/today.csv

evertopic train demo --trials 4 --json"""


def train(
    ctx: typer.Context,
    config: Annotated[str, typer.Argument(help="A name (demo is configs/demo.yaml) or a path.")],
    input_file: Annotated[
        str | None,
        typer.Option(
            "--input",
            help="CSV, JSONL or Parquet file, or bundled:NAME, to read instead of the config's source; it joins what "
            "the loop has.",
        ),
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Trials of the search, instead of the config's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
    verbose: Annotated[bool, typer.Option("--verbose", help="Show Prefect's log, and tracebacks.")] = False,  # noqa: FBT002
) -> None:
    """Train, explain and register the model of one loop."""
    if verbose:
        be_wordy(ctx)
    project = Project.around(Path.cwd(), os.environ)
    path, documents = project.config(config), project.input(input_file)
    loop = load_config(path, project.root)
    set_defaults(defaults(project.place, bundled=_bundled(loop), verbose=wordy(ctx)))
    started = monotonic()
    version = _run(project, project.shown(path), documents, trials, silent=as_json, verbose=wordy(ctx))
    card, report = _card(project, version)
    took = monotonic() - started
    if as_json:
        show_json({"model": version, "seconds": round(took, 3), "report": report, "training": card})
    else:
        show(training_screen(version, card, report, took))


def _run(
    project: Project, config: str, documents: str | None, trials: int | None, *, silent: bool, verbose: bool
) -> ModelVersion:
    """The version that the flow makes. Whatever it prints goes to stderr: stdout belongs to the answer."""
    opening = JOINING.format(os.environ["PREFECT_API_URL"]) if use_running_server() else STARTING
    console = aside()
    bars = console.is_terminal and not verbose
    with nullcontext() if silent else console.status("Loading Prefect"), redirect_stdout(sys.stderr):
        # First: while it is imported, Prefect takes every listener off its loggers.
        flow: Any = project.borrow("flows.train").train
    with nullcontext() if silent else watching(console, opening, bars=bars), redirect_stdout(sys.stderr):
        version: ModelVersion = flow(config, documents, trials)
    return version


def _card(project: Project, version: ModelVersion) -> tuple[TrainingCard, str]:
    lake = Lake(project.place.lake_url)
    card = read_card(lake, version.digest)
    if card is None:
        raise Unavailable(
            f"{version.name} {version.version} is registered, but the lake {project.place.lake_url} holds no card of "
            "it: its training ran against another lake. Run where that one is, or look at `evertopic topics`."
        )
    return card, report_address(lake, card)


def report_address(lake: Lake, card: TrainingCard) -> str:
    """Where a browser finds the report."""
    key = f"{card.report}/report.html"
    file = lake.place.local_file(key)
    return f"{lake.url.rstrip('/')}/{key}" if file is None else file.resolve().as_uri()


def _bundled(loop: LoopConfig) -> bool:
    return not isinstance(loop.embed, NamedModel) or loop.embed.model == "bundled"
