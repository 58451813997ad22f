"""Which model is meant, and what is known of it."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from evertopic.errors import BadInput
from evertopic.records import ModelVersion
from evertopic.storage.registry import open_registry

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

FIRST = "No model is registered yet: `evertopic train demo` makes the first one."


def registry_at(tracking_uri: str, artifacts_url: str) -> "Registry":
    """The registry, which must be there already.

    Raises:
        BadInput: it is an SQLite file that does not exist; looking must not create it.
    """
    file = _sqlite_file(tracking_uri)
    if file is not None and not file.exists():
        raise BadInput(FIRST)
    return open_registry(tracking_uri, artifacts_url)


def find_model(registry: "Registry", reference: str | None, ask: Callable[[tuple[str, ...]], str]) -> ModelVersion:
    """The version that `reference` means; without one that of the only model there is, of several the one asked for.

    Raises:
        BadInput: there is no such model.
    """
    if reference is not None:
        return registry.resolve(reference)
    names = registry.names()
    if not names:
        raise BadInput(FIRST)
    return registry.resolve(names[0] if len(names) == 1 else ask(names))


def ask_on_terminal(names: tuple[str, ...]) -> str:
    """The name a person chooses.

    Raises:
        BadInput: nobody is there to choose; the message lists the names.
    """
    listed = ", ".join(names)
    if not sys.stdin.isatty():
        raise BadInput(f"There are several models, say which one: {listed}.")
    answer: str = typer.prompt(f"Which model? There are {listed}", err=True)
    return answer


def _sqlite_file(tracking_uri: str) -> Path | None:
    try:
        address = make_url(tracking_uri)
    except ArgumentError:
        return None
    return Path(address.database) if address.get_backend_name() == "sqlite" and address.database else None
