"""`evertopic monitor`: one check of what came in lately, now."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from evertopic.cli.border import be_wordy, wordy
from evertopic.cli.consoles import show, show_json
from evertopic.cli.releasing import LOOP_HELP, loop_of, run_flow
from evertopic.cli.screens.monitor import monitor_screen

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
EXAMPLES = """Examples:

evertopic monitor demo

evertopic monitor demo --input bundled:lee

evertopic monitor demo --since 2026-03-01 --until 2026-03-08 --json"""


def monitor(
    ctx: typer.Context,
    loop: Annotated[str | None, typer.Argument(help=LOOP_HELP)] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=FORMATS, help="Look at what came in later than this (UTC).")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=FORMATS, help="Look at what came in up to this (UTC).")
    ] = None,
    input_file: Annotated[
        str | None,
        typer.Option("--input", help="CSV, JSONL or Parquet file, or bundled:NAME, to ingest first."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
    verbose: Annotated[bool, typer.Option("--verbose", help="Show Prefect's log, and tracebacks.")] = False,  # noqa: FBT002
) -> None:
    """Look for drift in what came in lately, measure how the champion does, decide whether to retrain.

    Everything is kept, also when nothing happened: `evertopic why` tells it later.
    """
    if verbose:
        be_wordy(ctx)
    found = loop_of(loop, verbose=wordy(ctx))
    asked = {
        "since": _in_utc(since),
        "until": _in_utc(until),
        "documents": found.project.input(input_file),
    }
    passed = run_flow(found, "flows.monitor", "monitor", silent=as_json, verbose=wordy(ctx), **asked)
    if as_json:
        show_json(passed)
    else:
        show(monitor_screen(passed.check, passed.decision, passed.requested.said, found.project.place.lake_url))


def _in_utc(given: datetime | None) -> datetime | None:
    return None if given is None else given.replace(tzinfo=UTC)
