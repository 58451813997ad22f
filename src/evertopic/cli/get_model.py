"""`evertopic get-model`: the files of a registered model, checked."""

import os
from pathlib import Path
from typing import Annotated

import typer

from evertopic.cli.consoles import show, show_json
from evertopic.cli.models import ask_on_terminal, find_model, registry_at
from evertopic.cli.project import Project, defaults, set_defaults
from evertopic.cli.screens.parts import addresses
from evertopic.prediction.manifest import check_manifest

EXAMPLES = """Examples:

evertopic get-model demo@champion ./model

evertopic get-model demo/3 /srv/models/demo"""


def get_model(
    model: Annotated[str, typer.Argument(help="NAME (its champion), NAME@ALIAS or NAME/VERSION.")],
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Fetch the files of a model into a folder; every file is what its manifest says."""
    project = Project.around(Path.cwd(), os.environ)
    set_defaults(defaults(project.place, bundled=False, verbose=False))
    registry = registry_at(project.place.tracking_uri, project.place.artifacts_url)
    version = find_model(registry, model, ask_on_terminal)
    place = registry.fetch(version.model_uri, folder.resolve())
    check_manifest(place)
    files = sorted(path for path in place.rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in files)
    if as_json:
        show_json({"model": version, "folder": place, "files": len(files), "bytes": size})
    else:
        rows = [
            ("model", f"{version.name} {version.version}"),
            ("digest", version.digest),
            ("files", f"{len(files)}, {size / 1e6:.1f} MB, as the manifest says"),
            ("folder", str(place)),
        ]
        show(addresses(rows))
