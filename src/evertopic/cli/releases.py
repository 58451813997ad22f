"""`evertopic releases`: which version answered when, and why."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from evertopic.cli.consoles import show, show_json
from evertopic.cli.releasing import LOOP_HELP, loop_of
from evertopic.cli.screens.releases import releases_screen
from evertopic.storage.releasing import reconcile
from evertopic.storage.store import open_store

EXAMPLES = """Examples:

evertopic releases

evertopic releases demo --at 2026-03-01T12:00

evertopic releases demo --json"""


def releases(
    loop: Annotated[str | None, typer.Argument(help=LOOP_HELP)] = None,
    at: Annotated[datetime | None, typer.Option(help="What answered at this time (UTC).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Show which versions were released, when, by whom and why, or what answered at one moment."""
    found = loop_of(loop)
    name, registry, store = found.config.name, found.registry(), open_store(found.project.place.store_url)
    try:
        with store.releases.turn(name):
            reconcile(registry, store.releases, name, found.config.model_name, datetime.now(UTC))
        moment = at.replace(tzinfo=at.tzinfo or UTC) if at else None
        then = store.releases.serving_at(name, moment) if moment else None
        lines = store.releases.list(name) if moment is None else (then,) if then else ()
        waiting = store.approvals.open(name, datetime.now(UTC))
    finally:
        store.close()
    if as_json:
        show_json({"loop": name, "at": moment, "releases": lines, "waiting": waiting})
    else:
        show(releases_screen(name, lines, waiting, moment))
