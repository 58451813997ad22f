"""`evertopic topics`: what a registered model knows."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group

from evertopic.cli.consoles import show, show_json
from evertopic.cli.models import ask_on_terminal, find_model, registry_at
from evertopic.cli.project import Project
from evertopic.cli.screens.edits import edited_lines
from evertopic.cli.screens.topics import bare_topics_screen, topics_screen
from evertopic.prediction.bundle import TopicMeta, read_bundle
from evertopic.records import Edit, ModelVersion
from evertopic.storage.cards import read_card
from evertopic.storage.lake import Lake
from evertopic.storage.store import open_store

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

EXAMPLES = """Examples:

evertopic topics

evertopic topics demo@champion --words 5

evertopic topics demo/3 --json"""

MODEL_HELP = "NAME (its champion), NAME@ALIAS or NAME/VERSION; without one, the only model there is."


def topics(
    model: Annotated[str | None, typer.Argument(help=MODEL_HELP)] = None,
    words: Annotated[int, typer.Option(min=1, help="How many words of each topic to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Show the topics of a registered model, and how people have edited them since."""
    place = Project.around(Path.cwd(), os.environ).place
    registry = registry_at(place.tracking_uri, place.artifacts_url)
    version = find_model(registry, model, ask_on_terminal)
    card = read_card(Lake(place.lake_url), version.digest)
    if card is not None:
        shown, edits = tuple(card.topics), _edits(place.store_url, card.loop)
        if as_json:
            show_json({"model": version, "documents": card.documents.documents, "topics": shown, "edits": edits})
        else:
            show(Group(topics_screen(version, shown, card.documents.documents, words), *edited_lines(edits)))
        return
    bare = _topics_of_bundle(registry, version)
    if as_json:
        listed = [topic.model_dump(mode="json") for topic in bare]
        show_json({"model": version, "documents": None, "topics": listed})
    else:
        show(bare_topics_screen(version, bare, words))


def _edits(store_url: str, loop: str) -> tuple[Edit, ...]:
    store = open_store(store_url)
    try:
        return store.edits.list(loop)
    finally:
        store.close()


def _topics_of_bundle(registry: "Registry", version: ModelVersion) -> tuple[TopicMeta, ...]:
    with TemporaryDirectory() as temporary:
        return read_bundle(registry.fetch(version.model_uri, Path(temporary) / "bundle")).meta.topics
