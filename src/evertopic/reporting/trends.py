"""The page about topic shares over time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evertopic.records import Trend, TrendTopic
from evertopic.reporting import figures
from evertopic.reporting.formats import count, moment, plural
from evertopic.reporting.page import render_page
from evertopic.reporting.words import Finding

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True, slots=True)
class Edges:
    """How a topic began and how it ended."""

    topic: TrendTopic
    answers: int
    share: float | None
    """Of all answers of the span."""
    first: float | None
    """Share in the first period that has answers."""
    last: float | None
    """Share in the last period that has answers."""


def render_trends(served: Trend, restated: Trend | None) -> str:
    """Topic shares as served and, where given, as one version restates them, as one HTML page that needs no network."""
    main = restated if restated is not None and any(restated.answers) else served
    sections = [("summary", "Summary"), ("restated", "In one language"), ("served", "As served"), ("topics", "Topics")]
    return render_page(
        "trends.html",
        trend_figures(served, restated),
        title=f"{served.loop}: topics over time",
        loop=served.loop,
        sections=[part for part in sections if restated is not None or part[0] != "restated"],
        findings=summarise_trends(served, restated),
        served=served,
        restated=restated,
        main=main,
        edges=[edges_of(main, topic) for topic in main.topics],
    )


def trend_figures(served: Trend, restated: Trend | None) -> dict[str, "Figure"]:
    """The figures of trends by name; those with nothing to show are left out. A topic has one colour in both."""
    main = restated if restated is not None and any(restated.answers) else served
    colours = figures.colours_of(main)
    drawn = {"served": served, "restated": restated}
    return {
        name: figures.trend_lines(trend, colours if name != "served" or restated is None else _also(served, colours))
        for name, trend in drawn.items()
        if trend is not None and any(trend.answers)
    }


def summarise_trends(served: Trend, restated: Trend | None) -> tuple[Finding, ...]:
    """What to know about the trends of a loop."""
    if not served.starts:
        return (Finding("Answers", "Nothing was answered in this time.", "care"),)
    known = sum(topic.key is not None for topic in served.topics)
    told = f"{plural(sum(served.answers), 'answer')} since {moment_of(served)} name {plural(known, 'topic')}."
    found = [Finding("Answers", told, "plain")]
    if served.changes:
        listed = ", ".join(f"version {version} on {moment(at)} UTC" for at, version in served.changes)
        told = f"{listed}: what happens to shares as served on these days may be the model and not the world."
        found.append(Finding("Models", f"{told[0].upper()}{told[1:]}", "care"))
    if restated is not None:
        found += _restated(restated)
    return tuple(found)


def moment_of(trend: Trend) -> str:
    """The first day."""
    first: Any = trend.starts[0]
    return f"{first.day} {first:%B %Y}"


def edges_of(trend: Trend, topic: TrendTopic) -> Edges:
    """How much of everything a topic has, and where it began and ended."""
    total, answers = sum(trend.answers), sum(topic.answers)
    known = [share for share in trend.shares(topic) if share is not None]
    return Edges(
        topic, answers, answers / total if total else None, known[0] if known else None, known[-1] if known else None
    )


def _restated(trend: Trend) -> list[Finding]:
    waiting, lost = sum(trend.waiting), sum(trend.without_text)
    whole = sum(trend.answers) + waiting + lost
    done = f"Version {trend.version} speaks of {count(sum(trend.answers))} of {count(whole)} answers"
    found = [Finding("Restated", f"{done}, its own among them.", "plain" if waiting else "good")]
    if waiting:
        text = f"{plural(waiting, 'answer')} of other versions wait: “evertopic trends restate” restates the latest."
        found.append(Finding("Waiting", text, "care"))
    if lost:
        text = f"{plural(lost, 'answer')} cannot be restated: only the digest of the text was kept."
        found.append(Finding("Lost", text, "care"))
    return found


def _also(served: Trend, colours: dict[str | None, str]) -> dict[str | None, str]:
    """The colours of one figure, and of topics that the other alone has as far as there are any left."""
    more = figures.colours_of(served)
    free = [colour for colour in more.values() if colour not in colours.values()]
    fresh = [key for key in more if key not in colours]
    return colours | dict(zip(fresh, free, strict=False))
