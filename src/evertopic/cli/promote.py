"""`evertopic promote`: the challenger into the champion's place, if the gate lets it pass."""

from typing import Annotated

import typer

from evertopic.cli.border import be_wordy, wordy
from evertopic.cli.consoles import show, show_json
from evertopic.cli.releasing import BY_HELP, LOOP_HELP, WHY_HELP, loop_of, run_flow, who
from evertopic.cli.screens.releases import outcome_screen
from evertopic.errors import Refusal

EXAMPLES = """Examples:

evertopic promote

evertopic promote demo --why "topic names were reviewed"

evertopic promote demo --version 4"""


def promote(
    ctx: typer.Context,
    loop: Annotated[str | None, typer.Argument(help=LOOP_HELP)] = None,
    version: Annotated[int | None, typer.Option(min=1, help="Of the model; without it, the challenger.")] = None,
    why: Annotated[str, typer.Option(help=WHY_HELP)] = "A person asked for it.",
    by: Annotated[str | None, typer.Option(help=BY_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
    verbose: Annotated[bool, typer.Option("--verbose", help="Show Prefect's log, and tracebacks.")] = False,  # noqa: FBT002
) -> None:
    """Release a new version, if it passes the gate: both are measured now, on the same documents.

    There is no way around the gate: who thinks otherwise changes its thresholds in the config. Ends with 4 when it is
    held.
    """
    if verbose:
        be_wordy(ctx)
    found = loop_of(loop, verbose=wordy(ctx))
    asked = {"version": version, "why": why, "by": who(by)}
    outcome = run_flow(found, "flows.promote", "promote", silent=as_json, verbose=wordy(ctx), **asked)
    if as_json:
        show_json(outcome)
    else:
        show(outcome_screen(outcome))
    if outcome.released is None:
        raise Refusal(outcome.said)
