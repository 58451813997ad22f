"""`evertopic version`: what is installed and where things are."""

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from evertopic import __version__
from evertopic.cli.consoles import show, show_json
from evertopic.cli.project import Project
from evertopic.cli.screens.parts import addresses
from evertopic.corpus.sources.base import public_name
from evertopic.environment import Environment
from evertopic.errors import BadConfig

PACKAGES = ("prefect", "mlflow", "bertopic", "umap-learn", "hdbscan", "sentence-transformers", "torch", "evidently")

EXAMPLES = """Examples:

evertopic version

evertopic version --json"""


def version(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Show versions, and where this project keeps its things."""
    installed = versions()
    try:
        places = places_of(Project.around(Path.cwd(), os.environ).place)
    except BadConfig as fault:
        if as_json:
            show_json({"versions": installed, "places": None})
        else:
            show(addresses([*installed.items(), ("project", str(fault))]))
        return
    if as_json:
        show_json({"versions": installed, "places": places})
    else:
        show(addresses([*installed.items(), *places.items()]))


def versions() -> dict[str, str]:
    """The version of this package, of Python, and of the packages that decide results."""
    return {"evertopic": __version__, "python": platform.python_version()} | {name: _found(name) for name in PACKAGES}


def places_of(place: Environment) -> dict[str, str]:
    """Where things are, without passwords."""
    return {
        "project": str(place.root),
        "home": str(place.home),
        "lake": public_name(place.lake_url),
        "vectors": public_name(place.vectors_url),
        "store": without_password(place.store_url),
        "tracking": without_password(place.tracking_uri),
        "artifacts": public_name(place.artifacts_url),
    }


def without_password(address: str) -> str:
    """The address with its password hidden.

    >>> without_password("postgresql://ann:secret@host/db")
    'postgresql://ann:***@host/db'
    """
    try:
        return make_url(address).render_as_string(hide_password=True)
    except ArgumentError:
        return public_name(address)


def _found(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
