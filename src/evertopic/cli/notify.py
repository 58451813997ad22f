"""`evertopic notify`: whether people would hear, and what they heard."""

import os
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from evertopic.cli.consoles import aside, show, show_json
from evertopic.cli.project import Project
from evertopic.cli.screens.parts import line, table, word
from evertopic.config import load_config
from evertopic.errors import BadConfig, Unavailable
from evertopic.notifying import read_receivers, send
from evertopic.records import Delivery, Notice, NoticeLine
from evertopic.storage.store import open_store

TEST = """Example:

EVERTOPIC_NOTIFY='mailtos://me:secret@example.org json://127.0.0.1:8099/hook' evertopic notify test"""
LIST = """Example:

evertopic notify list demo --json"""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Loop = Annotated[str | None, typer.Argument(metavar="[LOOP]", help="A name (demo is configs/demo.yaml) or a path.")]

notify = typer.Typer(
    no_args_is_help=True,
    help="Try the delivery of notices, and list those of the past.",
    epilog="Addresses come from EVERTOPIC_NOTIFY, parted by blanks: https://github.com/caronc/apprise/wiki lists them.",
)


@notify.command("test", epilog=TEST)
def try_(config: Loop = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Deliver a test message to every address and say which arrived; addresses are told by position and scheme."""
    project = Project.around(Path.cwd(), os.environ)
    loop = load_config(project.config(config), project.root).name
    receivers = read_receivers(project.place.notify)
    if not receivers:
        raise BadConfig(
            "EVERTOPIC_NOTIFY names no address: set it to one or several, parted by blanks, such as "
            "json://127.0.0.1:8099/hook or mailtos://USER:PASSWORD@example.org."
        )
    with aside().status(f"Delivering to {len(receivers)} addresses"):
        sent = send(receivers, _message(loop))
    if as_json:
        show_json({"loop": loop, "deliveries": sent})
    else:
        show(_deliveries(sent))
    if not all(one.arrived for one in sent):
        raise Unavailable(f"{sum(not one.arrived for one in sent)} of {len(sent)} did not take the test message.")


@notify.command("list", epilog=LIST)
def list_(
    config: Loop = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many at most, the newest.")] = 30,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List what people were told, newest first, and what they were not told because they knew already."""
    project = Project.around(Path.cwd(), os.environ)
    loop = load_config(project.config(config), project.root).name
    with closing(open_store(project.place.store_url)) as store:
        found = store.notices.list(loop, limit=limit)
    if as_json:
        show_json({"loop": loop, "notices": [asdict(one) for one in found]})
    else:
        show(_screen(loop, found))


def _message(loop: str) -> Notice:
    body = f"Notices of the loop {loop} arrive here. Nothing happened: `evertopic notify test` sent this."
    return Notice(loop, "monitor failed", "test", "info", "A test message", body)


def _deliveries(sent: tuple[Delivery, ...]) -> RenderableType:
    listed = table("address", "scheme", "arrived", right=("address",))
    for one in sent:
        listed.add_row(str(one.position), word(one.scheme), "yes" if one.arrived else "no")
    return listed


def _screen(loop: str, found: tuple[NoticeLine, ...]) -> RenderableType:
    if not found:
        return line(f"Nobody was told anything of {loop} yet. `evertopic notify test` tries the delivery.")
    listed = table("at", "event", "severity", "outcome", "title")
    for one in found:
        at = one.at.strftime("%Y-%m-%d %H:%M")
        listed.add_row(at, one.event, one.severity, one.outcome, word(one.title, 80))
    return listed
