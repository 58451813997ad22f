"""`evertopic rollback`: the version before answers again, within seconds."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from evertopic.cli.consoles import aside, show, show_json
from evertopic.cli.releasing import BY_HELP, LOOP_HELP, WHY_HELP, Loop, loop_of, who
from evertopic.cli.screens.releases import rollback_screen
from evertopic.errors import Unavailable
from evertopic.records import Notice
from evertopic.storage.releasing import Wish
from evertopic.storage.store import open_store

EXAMPLES = """Examples:

evertopic rollback

evertopic rollback demo --why "answers about sport are wrong"

evertopic rollback demo --to 3"""


def rollback(
    loop: Annotated[str | None, typer.Argument(help=LOOP_HELP)] = None,
    to: Annotated[int | None, typer.Option(min=1, help="This version, instead of the one before.")] = None,
    why: Annotated[str, typer.Option(help=WHY_HELP)] = "A person asked for it.",
    by: Annotated[str | None, typer.Option(help=BY_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,  # noqa: FBT002
) -> None:
    """Let the version before answer again, and ask whether it does.

    Rolling back twice goes back twice; only --to leads forward again.
    """
    found = loop_of(loop)
    from evertopic.prediction.canary import askable
    from evertopic.prediction.rollback import go_back

    place, config = found.project.place, found.config
    wish = Wish(config.name, config.model_name, who(by), why)
    registry, store = found.registry(), open_store(place.store_url)
    try:
        with aside().status("Going back"):
            rows, _ = store.predictions.page(config.name, limit=max(config.canary.texts, 1))
            kept = [row.text for row in rows if row.text is not None]
            texts = askable(kept, config.serve.max_characters, config.serve.max_batch)
            done = go_back(place, registry, store, wish, to, texts, config.canary, lambda: datetime.now(UTC))
    finally:
        store.close()
    _tell(found, done.line.version, done.line.previous, why)
    if as_json:
        show_json(done)
    else:
        show(rollback_screen(done))
    if done.verdict.state == "wrong":
        raise Unavailable(f"Version {done.line.version} is the champion again, but {done.verdict.said}.")


def _tell(found: Loop, version: int, former: int | None, why: str) -> None:
    """People are told after the old version answers: nothing that they do not need stands before that."""
    job, telling = found.project.borrow("tasks.job"), found.project.borrow("tasks.telling")
    now, name = datetime.now(UTC), found.config.name
    title = f"{name}: rolled back to version {version}"
    notice = Notice(name, "rolled back", f"{found.config.model_name}/{former}", "critical", title, why)
    outcome, said = telling.tell(job.Job(found.config, found.project.place, now), notice, now)
    if outcome == "failed":
        aside().print(f"Nobody was told: {said}")
