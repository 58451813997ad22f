"""`evertopic keys`: who may call the API."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from evertopic.cli.consoles import aside, show, show_json
from evertopic.cli.project import Project
from evertopic.cli.screens.parts import line, table, word
from evertopic.records import ApiKey, Role
from evertopic.storage.store import Store, open_store

PREFIX = "evt_"
"""By which a key that leaked is found in a log or a repository."""
BYTES = 32
ONCE = (
    "It is shown this once. A running API knows it within seconds; callers send it as `Authorization: Bearer evt_...`."
)

MAKE = """Example:

evertopic keys make "nightly job" --role predictor"""
LIST = """Example:

evertopic keys list --json"""
REVOKE = """Example:

evertopic keys revoke key-1f0c2a9b77de"""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]

keys = typer.Typer(
    no_args_is_help=True,
    help="Make, list and revoke the keys by which callers of the API are known.",
    epilog="Roles: viewer reads; predictor also predicts; labeller also gives feedback; admin also reloads the model.",
)


@keys.command(epilog=MAKE)
def make(
    name: Annotated[str, typer.Argument(help="Whose it is, in words.")],
    role: Annotated[Role, typer.Option(help="What it may do; each role may do what the ones before it may.")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Make a key and print it, once."""
    secret = PREFIX + token_urlsafe(BYTES)
    with _store() as store:
        made = store.api_keys.make(name, role, at=datetime.now(UTC), secret=secret)
    if as_json:
        show_json({"key": made, "secret": secret})
    else:
        show(Text(secret, no_wrap=True, overflow="ignore"))
        aside().print(line(f"{made.id}, {role}. {ONCE}"))  # not on stdout: KEY=$(evertopic keys make ...) must work


@keys.command("list", epilog=LIST)
def list_(as_json: AsJson = False) -> None:  # noqa: FBT002
    """List all keys, the revoked ones too; the secrets themselves are kept nowhere."""
    with _store() as store:
        found = store.api_keys.all()
    if as_json:
        show_json({"keys": found})
    else:
        show(_screen(found))


@keys.command(epilog=REVOKE)
def revoke(
    id: Annotated[str, typer.Argument(help="Of the key, as `evertopic keys list` shows it.")],  # noqa: A002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Revoke a key: a running API turns it away within seconds."""
    with _store() as store:
        revoked = store.api_keys.revoke(id, datetime.now(UTC))
    if as_json:
        show_json({"key": revoked})
    else:
        show(line(f"{revoked.id} ({revoked.name}) opens nothing any more."))


@contextmanager
def _store() -> Iterator[Store]:
    store = open_store(Project.around(Path.cwd(), os.environ).place.store_url)
    try:
        yield store
    finally:
        store.close()


def _screen(found: tuple[ApiKey, ...]) -> RenderableType:
    if not found:
        return line("There are no keys: the API answers its own machine only. `evertopic keys make` makes one.")
    listed = table("id", "name", "role", "made", "revoked")
    for key in found:
        made, revoked = (at.strftime("%Y-%m-%d %H:%M") if at else "" for at in (key.created_at, key.revoked_at))
        listed.add_row(key.id, word(key.name), key.role, made, revoked)
    return listed
