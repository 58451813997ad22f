"""`evertopic lineage`: what became of the topics from model to model."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from evertopic.cli.consoles import show, show_json
from evertopic.cli.project import Project
from evertopic.cli.screens.lineage import alive_screen, lineage_screen, topic_screen
from evertopic.config import load_config
from evertopic.errors import BadInput
from evertopic.identity.ledger import alive
from evertopic.storage.store import open_store

EXAMPLES = """Examples:

evertopic lineage

evertopic lineage t8s7g0x

evertopic lineage --as-of 2026-03-01 --json"""


def lineage(
    key: Annotated[str | None, typer.Argument(help="A topic; without one, all of the loop.")] = None,
    loop: Annotated[str | None, typer.Option(help="A name or a path; without one, the only config there is.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="The topics as they were then (UTC)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Show what became of the topics from model to model, with the evidence."""
    project = Project.around(Path.cwd(), os.environ)
    name = load_config(project.config(loop), project.root).name
    moment = as_of.replace(tzinfo=UTC) if as_of else None
    store = open_store(project.place.store_url)
    try:
        generations = store.lineage.generations(name, until=moment)
        events = store.lineage.events(name, key, until=moment)
    finally:
        store.close()
    if not generations:
        raise BadInput(
            f"The loop {name} has no lineage{f' before {moment:%Y-%m-%d %H:%M}' if moment else ''}: train it."
        )
    if not events:
        raise BadInput(f"The loop {name} never had a topic {key}: `evertopic lineage` lists all it had.")
    if as_json:
        show_json({"loop": name, "generations": generations, "events": events})
    elif key is not None:
        show(topic_screen(key, generations, events))
    elif moment is not None:
        show(alive_screen(generations[-1], alive(events, generations[-1].number)))
    else:
        show(lineage_screen(generations, events))
