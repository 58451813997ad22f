"""`evertopic retrain`: a new model now, because a person wants it."""

from typing import Annotated

import typer

from evertopic.cli.border import be_wordy, wordy
from evertopic.cli.consoles import show, show_json
from evertopic.cli.project import use_running_server
from evertopic.cli.releasing import LOOP_HELP, WHY_HELP, loop_of, run_flow
from evertopic.cli.screens.parts import line
from evertopic.cli.screens.releases import outcome_screen
from evertopic.errors import Refusal

EXAMPLES = """Examples:

evertopic retrain demo --why "the new product line is out"

evertopic retrain demo --here"""


def retrain(
    ctx: typer.Context,
    loop: Annotated[str | None, typer.Argument(help=LOOP_HELP)] = None,
    why: Annotated[str, typer.Option(help=WHY_HELP)] = "A person asked for it.",
    here: Annotated[  # noqa: FBT002
        bool, typer.Option("--here", help="In this process, also where a Prefect server with a worker runs.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
    verbose: Annotated[bool, typer.Option("--verbose", help="Show Prefect's log, and tracebacks.")] = False,  # noqa: FBT002
) -> None:
    """Ask for a retraining: of the worker where `evertopic up` runs, else in this process.

    The new model passes the gate or stays the challenger. Cool-down and weekly budget do not hold a person back, a
    retraining that is under way does. Ends with 4 when the gate holds it.
    """
    if verbose:
        be_wordy(ctx)
    found = loop_of(loop, verbose=wordy(ctx))
    away = use_running_server() and not here
    quiet = {"silent": as_json, "verbose": wordy(ctx)}
    asked = run_flow(found, "flows.ask", "ask", why=why, elsewhere=away, **quiet)
    if away:
        if as_json:
            show_json(asked)
        else:
            show(line(f"{asked.decision.reason} {asked.requested.said}"))
        return
    outcome = run_flow(found, "flows.retrain", "retrain", why=why, episode=asked.decision.episode, **quiet)
    if as_json:
        show_json(outcome)
    else:
        show(outcome_screen(outcome))
    if outcome.released is None:
        raise Refusal(outcome.said)
