"""Topic shares over time on a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from evertopic.cli.screens.parts import heading, line, pairs, table, word
from evertopic.records import Trend
from evertopic.reporting import edges_of
from evertopic.reporting.formats import count, moment, plural, share

BARS = 40
"""Periods drawn at most, the latest."""
LEVELS = "▁▂▃▄▅▆▇█"


def trends_screen(trend: Trend) -> RenderableType:
    """Each topic with its share in all, at the start and at the end, and small bars in between."""
    told = "as served" if trend.version is None else f"as version {trend.version} says"
    title = Text(f"{trend.loop}: topic shares by {trend.period}, {told}", style="bold")
    if not trend.starts:
        return Group(title, line("Nothing was answered in this time."))
    return Group(title, pairs(_about(trend)), heading(plural(len(trend.topics), "key")), _topics(trend), *_hints(trend))


def small_bars(shares: Sequence[float | None], highest: float) -> str:
    """One character a share, as high as it is; a blank where nothing is known.

    >>> small_bars([0, 0.25, None, 0.5], 0.5)
    '▁▅ █'
    """
    top = highest or 1.0
    return "".join(" " if part is None else LEVELS[min(int(part / top * 8), 7)] for part in shares)


def _about(trend: Trend) -> list[tuple[str, str]]:
    span = f"{moment_of(trend, 0)} to {moment_of(trend, -1)}"
    changes = [("model", f"version {version} since {moment(at)} UTC") for at, version in trend.changes]
    return [
        (f"{trend.period}s", f"{span}, {count(len(trend.starts))}"),
        ("answers", count(sum(trend.answers))),
        *changes,
    ]


def moment_of(trend: Trend, at: int) -> str:
    """The first day of a period, in words."""
    start = trend.starts[at]
    return f"{start.day} {start:%B %Y}"


def _topics(trend: Trend) -> Padding:
    made = table("key", "name", "answers", "share", "first", "last", "", right=("answers", "share", "first", "last"))
    for topic in trend.topics:
        edges, shares = edges_of(trend, topic), trend.shares(topic)[-BARS:]
        drawn = Text(small_bars(shares, max((part for part in shares if part is not None), default=0)), style="cyan")
        numbers = (count(edges.answers), share(edges.share), share(edges.first), share(edges.last))
        style = "dim" if topic.key is None else ""
        made.add_row(Text(topic.key or ""), word(topic.name, 40), *numbers, drawn, style=style)
    return Padding(made, (0, 0, 0, 2))


def _hints(trend: Trend) -> list[RenderableType]:
    told: list[str] = []
    if trend.changes and trend.version is None:
        told.append("The model changed: --restated shows shares in the words of the champion alone.")
    if sum(trend.waiting):
        waiting = plural(sum(trend.waiting), "answer")
        told.append(f"{waiting} of other versions are not among them: `evertopic trends restate` restates the latest.")
    if sum(trend.without_text):
        lost = plural(sum(trend.without_text), "answer")
        told.append(f"{lost} cannot be restated: only the digest of the text was kept.")
    return [line(hint, "yellow") for hint in told]
