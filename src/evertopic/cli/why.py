"""`evertopic why`: why a loop was retrained, and why it was not."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from evertopic.cli.consoles import show, show_json
from evertopic.cli.project import Project
from evertopic.cli.screens.why import why_screen
from evertopic.config import load_config
from evertopic.errors import BadInput
from evertopic.records import Decision, Episode
from evertopic.storage.store import Store, open_store

EXAMPLES = """Examples:

evertopic why

evertopic why demo --at 2026-03-10

evertopic why demo --days 30 --json"""
MOST = 10_000


def why(
    loop: Annotated[
        str | None, typer.Argument(metavar="[LOOP]", help="A name or a path; the only config there is.")
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="As it was on that day, or at that minute (UTC)."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How far back.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Show why a loop was retrained or not: every decision, and what each trigger found and expected."""
    project = Project.around(Path.cwd(), os.environ)
    name = load_config(project.config(loop), project.root).name
    until = datetime.now(UTC) if at is None else _end_of(at)
    since = until - timedelta(days=days)
    store = open_store(project.place.store_url)
    try:
        decisions = store.decisions.list(name, since=since, until=until, limit=MOST)
        episodes = _episodes(store, decisions)
    finally:
        store.close()
    if not decisions:
        raise BadInput(
            f"Nothing was decided about {name} from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC: look further "
            f"back with --days, or make the first decision with `evertopic monitor {loop or ''}`."
        )
    if as_json:
        show_json({"loop": name, "since": since, "until": until, "decisions": decisions, "episodes": episodes})
    else:
        show(why_screen(name, decisions, {episode.id: episode for episode in episodes}))


def _end_of(at: datetime) -> datetime:
    """The end of the day or minute that was asked about."""
    moment = at.replace(tzinfo=UTC)
    midnight = (at.hour, at.minute) == (0, 0)
    return moment + (timedelta(days=1) if midnight else timedelta(minutes=1))


def _episodes(store: Store, decisions: tuple[Decision, ...]) -> tuple[Episode, ...]:
    """The episodes that the decisions speak of, newest first."""
    named = dict.fromkeys(decision.episode for decision in decisions if decision.episode is not None)
    return tuple(episode for id_ in named if (episode := store.episodes.get(id_)) is not None)
