"""`evertopic trends`: topic shares over time, and restating them in the words of one model."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from evertopic.cli.consoles import aside, show, show_json
from evertopic.cli.models import ask_on_terminal, find_model, registry_at
from evertopic.cli.project import Project, defaults, set_defaults
from evertopic.cli.screens.parts import line
from evertopic.cli.screens.trends import trends_screen
from evertopic.cli.topics import MODEL_HELP
from evertopic.config import LoopConfig, load_config
from evertopic.errors import BadInput
from evertopic.identity.edits import fold
from evertopic.prediction.batch import keeping
from evertopic.prediction.loading import load_model
from evertopic.prediction.restating import restate as restate_answers
from evertopic.records import ModelVersion, Period, Restated, Trend
from evertopic.reporting import render_trends
from evertopic.reporting.formats import moment, plural
from evertopic.storage.lake import Lake
from evertopic.storage.registry import CHAMPION
from evertopic.storage.store import open_store
from evertopic.storage.vectors import VectorStore

SHOW = """Examples:

evertopic trends

evertopic trends demo --period week --restated

evertopic trends --since 2026-03-01 --html trends.html"""
RESTATE = """Examples:

evertopic trends restate

evertopic trends restate demo/3 --days 90"""
DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]

AsRestated = Annotated[
    bool, typer.Option("--restated", help="All as the champion says, where it has restated what others answered.")
]


class ShowFirst(TyperGroup):
    """A group that shows the trends of a loop where its first word is none of its commands."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """What is left of the words."""
        asked = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if asked else ["show", *args])


trends = typer.Typer(cls=ShowFirst, help="Show topic shares over time; restate them in the words of one model.")


@trends.command("show", epilog=SHOW)
def show_trends(
    loop: Annotated[
        str | None, typer.Argument(metavar="[LOOP]", help="A name or a path; the only config there is.")
    ] = None,
    period: Annotated[Period, typer.Option(help="Of UTC; a week begins on Monday.")] = "day",
    since: Annotated[datetime | None, typer.Option(formats=DATES, help="From then on, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DATES, help="Before then, UTC.")] = None,
    restated: AsRestated = False,  # noqa: FBT002
    html: Annotated[Path | None, typer.Option(help="Write a page with figures of both readings to this file.")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show the share of each topic in what was answered, over time. This is what `evertopic trends LOOP` does."""
    project = Project.around(Path.cwd(), os.environ)
    config = load_config(project.config(loop), project.root)
    version = _champion(project, config, needed=restated) if restated or html else None
    served, told = _read(project, config, period, since, until, version)
    if html is not None:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(render_trends(served, told), encoding="utf-8")
    shown = told if restated and told is not None else served
    if as_json:
        show_json(_object(shown))
    else:
        show(trends_screen(shown))
    if html is not None:
        aside().print(line(f"page  {html.resolve()}"))


@trends.command(epilog=RESTATE)
def restate(
    model: Annotated[str | None, typer.Argument(help=MODEL_HELP)] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="How far back; without it, trends.restate_days of the config.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Answer again, by one model, what others answered lately: trends then do not jump where the model changed."""
    project = Project.around(Path.cwd(), os.environ)
    set_defaults(defaults(project.place, bundled=False, verbose=False))
    registry = registry_at(project.place.tracking_uri, project.place.artifacts_url)
    version = find_model(registry, model, ask_on_terminal)
    with aside().status("Loading the model") as status:
        done = _restate(project, version, days, lambda count: status.update(f"{count:,} answers restated"))
    if as_json:
        show_json({"model": version, "restated": done})
    else:
        lost = f" {plural(done.without_text, 'answer')} cannot be: only digests were kept." if done.without_text else ""
        by = f"{version.name} {version.version}"
        show(line(f"{plural(done.restated, 'answer')} since {moment(done.since)} UTC restated by {by}.{lost}"))


def _read(
    project: Project,
    config: LoopConfig,
    period: Period,
    since: datetime | None,
    until: datetime | None,
    version: int | None,
) -> tuple[Trend, Trend | None]:
    begin, end = since and since.replace(tzinfo=UTC), until and until.replace(tzinfo=UTC)
    store = open_store(project.place.store_url)
    try:
        names = {key: said.value for key, said in fold(store.edits.list(config.name)).names.items()}
        served = store.trends.shares(config.name, period, since=begin, until=end).named(names)
        if version is None:
            return served, None
        told = store.trends.shares(config.name, period, version=version, since=begin, until=end)
        return served, told.named(names)
    finally:
        store.close()


def _champion(project: Project, config: LoopConfig, *, needed: bool) -> int | None:
    """The version of the champion; None where there is none and it is not needed.

    Raises:
        BadInput: there is none, and it is needed.
    """
    registry = registry_at(project.place.tracking_uri, project.place.artifacts_url)
    version = registry.alias_version(config.model_name, CHAMPION)
    if version is None and needed:
        raise BadInput(f"{config.model_name} has no champion whose words could be used: leave --restated out.")
    return version


def _restate(project: Project, version: ModelVersion, days: int | None, tell: Callable[[int], None]) -> Restated:
    place, now = project.place, datetime.now(UTC)
    registry = registry_at(place.tracking_uri, place.artifacts_url)
    store = open_store(place.store_url)
    try:
        load = keeping(VectorStore(place.vectors_url))
        model = load_model(registry, Lake(place.lake_url), version.name, str(version.version), at=now, wrap=load)
        loop = model.predictor.bundle.meta.loop
        predictor = model.predictor.with_edits(store.edits.list(loop))
        since = now - timedelta(days=days or _restate_days(project, loop))
        return restate_answers(store.trends, predictor, loop, version.version, since, tell)
    finally:
        store.close()


def _restate_days(project: Project, loop: str) -> int:
    return load_config(project.config(loop), project.root).trends.restate_days


def _object(trend: Trend) -> dict[str, object]:
    """The trend with its shares."""
    topics: Sequence[object] = [
        {"key": topic.key, "name": topic.name, "answers": topic.answers, "shares": trend.shares(topic)}
        for topic in trend.topics
    ]
    fields = ("loop", "period", "version", "starts", "answers", "without_text", "waiting")
    changes = [{"at": at, "version": version} for at, version in trend.changes]
    return {name: getattr(trend, name) for name in fields} | {"topics": topics, "changes": changes}
