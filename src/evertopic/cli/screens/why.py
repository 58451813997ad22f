"""Decisions on a terminal: one line each, the last one with all that its triggers said."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from evertopic.cli.screens.parts import heading, line, pairs, table, word
from evertopic.records import Action, Decision, Episode, Evaluation
from evertopic.reporting.formats import count, harmless, moment, number, plural

SHOWN = 120
"""Characters of a reason in the list of all; the detail has the whole."""
DONE: Mapping[Action, str] = {
    "nothing": "nothing",
    "request": "asked for a retraining",
    "open": "one is open already",
    "cooling down": "waited, cooling down",
    "over budget": "waited, over budget",
    "backing off": "waited after a failure",
    "gave up": "gave up",
}


def why_screen(loop: str, decisions: Sequence[Decision], episodes: Mapping[str, Episode]) -> RenderableType:
    """All decisions, newest first; the newest in detail, and the last one that asked for a retraining.

    Args:
        loop: whose.
        decisions: newest first, one at least.
        episodes: by id, those that the decisions speak of.
    """
    newest = decisions[0]
    asked = next((decision for decision in decisions if decision.action == "request"), newest)
    told = [newest] if asked is newest else [newest, asked]
    span = f"{plural(len(decisions), 'decision')} since {moment(decisions[-1].at)} UTC"
    parts: list[RenderableType] = [Text(f"{loop}: {span}", style="bold"), _lines(decisions)]
    for decision in told:
        parts += _detail(decision, episodes.get(decision.episode or ""))
    return Group(*parts)


def alike(decisions: Sequence[Decision]) -> Iterator[list[Decision]]:
    """Decisions in a row that came to the same: what a quiet week is made of."""
    for _, row in groupby(decisions, lambda one: (one.action, one.episode, one.version, _fired(one))):
        yield list(row)


def _lines(decisions: Sequence[Decision]) -> Padding:
    made = table("from (UTC)", "to", "times", "version", "fired", "done", "why", right=("times", "version"))
    form = "%m-%d %H:%M" if decisions[-1].at.year == decisions[0].at.year else "%Y-%m-%d %H:%M"
    for row in alike(decisions):
        last, first = row[0], row[-1]
        when = (Text(f"{first.at:{form}}"), Text(f"{last.at:{form}}" if len(row) > 1 else ""))
        style = {"nothing": "dim", "request": "green"}.get(last.action, "yellow")
        done, why = Text(DONE[last.action], style), word(last.reason, SHOWN)
        made.add_row(*when, str(len(row)), str(last.version), _fired(last), done, why)
    return Padding(made, (0, 0, 0, 2))


def _detail(decision: Decision, episode: Episode | None) -> list[RenderableType]:
    title = f"{moment(decision.at)} UTC, version {decision.version}: {DONE[decision.action]}"
    parts: list[RenderableType] = [heading(title), line(decision.reason), _triggers(decision.evaluations)]
    if episode is not None:
        parts += [heading(f"The retraining of episode {episode.id}"), pairs(_about(episode))]
    return parts


def _triggers(evaluations: Sequence[Evaluation]) -> Padding:
    made = table("trigger", "fired", "found", "limit", "priority", "why", right=("found", "limit", "priority"))
    for one in sorted(evaluations, key=lambda one: (not one.fired, one.priority)):
        fired = Text("yes", "green") if one.fired else Text("no", "dim")
        limits = (_plain(one.value), _plain(one.threshold), str(one.priority))
        made.add_row(one.trigger, fired, *limits, Text(harmless(one.reason)))
    return Padding(made, (1, 0, 0, 2))


def _about(episode: Episode) -> list[tuple[str, str]]:
    said = [
        ("about", f"version {episode.version}, {', '.join(episode.triggers)}"),
        ("opened", f"{moment(episode.opened_at)} UTC"),
        ("attempts", str(episode.attempts)),
    ]
    said += [("Prefect run", episode.run)] if episode.run else []
    if episode.failed_at is not None and episode.state == "open":
        said.append(("last failed", f"{moment(episode.failed_at)} UTC"))
    ended = f"{moment(episode.closed_at)} UTC, {episode.state}" if episode.closed_at else "still open"
    return [*said, ("ended", ended), *([("outcome", episode.outcome)] if episode.outcome else [])]


def _plain(value: float | None) -> str:
    """Counts as counts, days with one decimal, shares with three."""
    if value is not None and value.is_integer():
        return count(int(value))
    return number(value, 1 if value is not None and abs(value) >= 10 else 3)


def _fired(decision: Decision) -> str:
    return ", ".join(one.trigger for one in decision.evaluations if one.fired)
