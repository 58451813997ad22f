"""`evertopic approve`: the last word of a person before a release."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from evertopic.cli.consoles import show
from evertopic.cli.releasing import LOOP_HELP, loop_of, who
from evertopic.cli.screens.parts import line
from evertopic.errors import BadInput
from evertopic.storage.store import Store, open_store

EXAMPLES = """Examples:

evertopic approve demo

evertopic approve demo --version 4 --why "the new topic is real"

evertopic approve demo --no --why "two topics were better kept apart" """


def approve(
    loop: Annotated[str | None, typer.Argument(help=LOOP_HELP)] = None,
    version: Annotated[int | None, typer.Option(min=1, help="Without it, the one that waits.")] = None,
    no: Annotated[bool, typer.Option("--no", help="Refuse it.")] = False,  # noqa: FBT002
    why: Annotated[str | None, typer.Option(help="A word on it, for the ledger.")] = None,
    by: Annotated[str | None, typer.Option(help="Who says so; without it, the user of this machine.")] = None,
) -> None:
    """Say whether a version that passed the gate may be released; the run that waits for the answer goes on."""
    found, now = loop_of(loop), datetime.now(UTC)
    name, store = found.config.name, open_store(found.project.place.store_url)
    try:
        number = version if version is not None else _waiting(store, name, now)
        said = store.approvals.decide(name, number, approved=not no, by=who(by), comment=why, at=now)
    finally:
        store.close()
    verb = "refused" if no else "approved"
    goes_on = "The run that waits goes on within seconds; if it was stopped, `evertopic promote` takes the answer up."
    show(line(f"Version {number} of {name} is {verb} by {said.by}. {goes_on}"))


def _waiting(store: Store, loop: str, now: datetime) -> int:
    waiting = store.approvals.open(loop, now)
    if len(waiting) != 1:
        listed = ", ".join(str(one.version) for one in waiting) or "none"
        raise BadInput(f"Say which version of {loop} is meant by --version; waiting for an answer: {listed}.")
    return waiting[0].version
