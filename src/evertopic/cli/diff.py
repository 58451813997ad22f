"""`evertopic diff`: what a release would change."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evertopic.cli.consoles import aside, show, show_json
from evertopic.cli.models import ask_on_terminal, find_model, registry_at
from evertopic.cli.project import Project, defaults, set_defaults
from evertopic.cli.screens.diff import diff_screen
from evertopic.errors import BadInput, Unavailable
from evertopic.records import ModelVersion
from evertopic.storage.cards import read_card
from evertopic.storage.lake import Lake
from evertopic.storage.registry import CHALLENGER

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

EXAMPLES = """Examples:

evertopic diff

evertopic diff demo@champion demo@challenger

evertopic diff demo/3 --documents 500 --json"""


def diff(
    model: Annotated[
        str | None, typer.Argument(help="NAME, NAME@ALIAS or NAME/VERSION; without one, the champion.")
    ] = None,
    other: Annotated[
        str | None,
        typer.Argument(help="What would be released. Without it the champion is compared with the first one."),
    ] = None,
    documents: Annotated[int, typer.Option(min=0, help="How many of the newest documents both answer.")] = 2_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Show what would change if one version took the place of another: topics, documents, people's edits at risk."""
    project = Project.around(Path.cwd(), os.environ)
    place = project.place
    set_defaults(defaults(place, bundled=False, verbose=False))
    registry = registry_at(place.tracking_uri, place.artifacts_url)
    before, after = pair_of(registry, model, other)
    lake = Lake(place.lake_url)
    card = read_card(lake, after.digest)
    if card is None:
        raise Unavailable(
            f"The lake {place.lake_url} does not hold what {after.name} {after.version} was trained on: "
            "compare it where it was trained, or point EVERTOPIC_LAKE there."
        )
    tasks = project.borrow("tasks.release")
    with aside().status("Asking both versions about the newest documents"):
        ref = tasks.compared(place, registry, card.loop, before, after, card.documents, documents)
    found, page = tasks.read_diff(lake, ref), f"{place.lake_url}/{ref.key}/{tasks.PAGE}"
    if as_json:
        show_json({"before": before, "after": after, "page": page, "diff": found})
    else:
        show(diff_screen(found, page))


def pair_of(registry: "Registry", model: str | None, other: str | None) -> tuple[ModelVersion, ModelVersion]:
    """The two versions that are meant, the one that answers now first.

    Raises:
        BadInput: there is no such version, they are of different models, or both are the same.
    """
    if other is None:
        given = find_model(registry, model, ask_on_terminal)
        named = model is not None and ("@" in model or "/" in model)
        before = registry.resolve(given.name)
        after = given if named else registry.resolve(f"{given.name}@{CHALLENGER}")
    else:
        before, after = find_model(registry, model, ask_on_terminal), registry.resolve(other)
    if before.name != after.name:
        raise BadInput(f"{before.name} and {after.name} are different models: compare two versions of one.")
    if before.version == after.version:
        raise BadInput(
            f"Version {before.version} of {before.name} is both: there is nothing to compare. "
            f"`evertopic diff {before.name}/1 {before.name}/2` compares any two."
        )
    return before, after
