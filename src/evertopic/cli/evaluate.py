"""`evertopic evaluate`: a registered model, measured again."""

import os
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evertopic.cli.consoles import aside, show, show_json
from evertopic.cli.models import ask_on_terminal, find_model, registry_at
from evertopic.cli.project import Project, defaults, set_defaults
from evertopic.cli.screens.quality import quality_screen
from evertopic.cli.topics import MODEL_HELP
from evertopic.errors import Unavailable
from evertopic.records import ModelVersion, TrainingCard
from evertopic.storage.cards import read_card
from evertopic.storage.lake import Lake

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

EXAMPLES = """Examples:

evertopic evaluate

evertopic evaluate demo@challenger

evertopic evaluate demo/3 --json"""


def evaluate(
    model: Annotated[str | None, typer.Argument(help=MODEL_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Measure a registered model again on the documents its training held out."""
    project = Project.around(Path.cwd(), os.environ)
    set_defaults(defaults(project.place, bundled=False, verbose=False))
    registry = registry_at(project.place.tracking_uri, project.place.artifacts_url)
    version = find_model(registry, model, ask_on_terminal)
    lake = Lake(project.place.lake_url)
    card = read_card(lake, version.digest)
    if card is None:
        raise Unavailable(
            f"The lake {project.place.lake_url} does not hold what {version.name} {version.version} was trained on: "
            "evaluate it where it was trained, or point EVERTOPIC_LAKE there."
        )
    with aside().status("Measuring the model on its held-out documents"):
        now = _rescored(project, registry, version, lake, card)
    if as_json:
        # Not measured now: they need the fits with other seeds, and are those of the training.
        scorecard = replace(now.scorecard, stability=card.scorecard.stability)
        show_json(
            {
                "model": version,
                "scorecard": scorecard,
                "coverage": now.coverage,
                "parity": now.parity,
                "from_training": ["stability"],
            }
        )
    else:
        show(quality_screen(version, card, now.scorecard, now.coverage, now.parity))


def _rescored(project: Project, registry: "Registry", version: ModelVersion, lake: Lake, card: TrainingCard) -> Any:
    rescore = project.borrow("tasks.rescore").rescore
    with TemporaryDirectory() as temporary:
        return rescore(lake, card, registry.fetch(version.model_uri, Path(temporary) / "bundle"))
