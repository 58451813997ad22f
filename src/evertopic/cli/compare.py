"""`evertopic compare`: two versions measured now by the same yardstick; nothing moves."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from evertopic.cli.consoles import aside, show, show_json
from evertopic.cli.diff import pair_of
from evertopic.cli.releasing import Loop, loop_of
from evertopic.cli.screens.releases import gate_screen

EXAMPLES = """Examples:

evertopic compare

evertopic compare demo@champion demo@challenger

evertopic compare demo/3 demo/5 --json"""


def compare(
    model: Annotated[
        str | None, typer.Argument(help="NAME, NAME@ALIAS or NAME/VERSION; without one, the champion.")
    ] = None,
    other: Annotated[str | None, typer.Argument(help="What would be released; without it the challenger.")] = None,
    loop: Annotated[
        str | None, typer.Option(help="Whose gate; without it the one that is called as the model.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Measure two versions on the same documents and show what the gate would say. No alias moves."""
    found = loop_of(loop if loop is not None or model is None else model.partition("@")[0].partition("/")[0])
    registry = found.registry()
    before, after = pair_of(registry, model or (found.config.model_name if other is None else None), other)
    gate = found.project.borrow("tasks.gate")
    job = _job(found)
    with aside().status("Measuring both versions on the same documents"):
        ref = gate.gated(job, registry, before, after, None, None)
    report, page = gate.read_gate(job.lake(), ref), f"{found.project.place.lake_url}/{ref.key}/{gate.PAGE}"
    if as_json:
        show_json({"before": before, "after": after, "page": page, "gate": report})
    else:
        show(gate_screen(report, page))


def _job(loop: Loop) -> Any:
    kind = loop.project.borrow("tasks.job").Job
    return kind(loop.config, loop.project.place, datetime.now(UTC))
