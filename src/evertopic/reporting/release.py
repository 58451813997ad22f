"""The page a person reads before a new model is released."""

from typing import TYPE_CHECKING, Any

from evertopic.records import Flow, ReleaseDiff, Score
from evertopic.reporting import figures
from evertopic.reporting.page import render_page
from evertopic.reporting.release_words import FATES, danger_of, name_of, summarise_release

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

FLOWS_SHOWN = 12
"""With examples, largest first."""


def render_release(diff: ReleaseDiff) -> str:
    """What changes between two versions, as one HTML page that needs no network."""
    moving = [flow for flow in diff.flows if flow.source != flow.target]
    names = {topic.key: name_of(topic) for topic in diff.topics}
    return render_page(
        "release.html",
        release_figures(diff),
        title=f"{diff.model} {diff.after}: what a release would change",
        loop=diff.loop,
        diff=diff,
        sections=_sections(diff),
        findings=summarise_release(diff),
        changed=sum(topic.fate != "same" for topic in diff.topics),
        fates=FATES,
        names=names,
        moves=[_move(flow, diff) for flow in moving[:FLOWS_SHOWN]],
        more=max(len(moving) - FLOWS_SHOWN, 0),
        risks=[(risk, danger_of(risk)) for risk in diff.at_risk],
        evidence=[(topic, _weighed(topic.score)) for topic in diff.topics if topic.score],
    )


def release_figures(diff: ReleaseDiff) -> dict[str, "Figure"]:
    """The figures of a release by name; none without recent documents."""
    return {"flows": figures.release_flows(diff.flows)} if diff.flows else {}


def _sections(diff: ReleaseDiff) -> list[tuple[str, str]]:
    people = [("people", "People's edits")] if diff.at_risk else []
    return [("summary", "Summary"), ("topics", "Topics"), ("flows", "Flows"), ("moves", "Documents"), *people]


def _move(flow: Flow, diff: ReleaseDiff) -> dict[str, Any]:
    before = sum(one.documents for one in diff.flows if one.source == flow.source)
    return {"flow": flow, "part": flow.documents / before, "before": before}


def _weighed(score: Score | None) -> list[tuple[str, float | None]]:
    """The evidence in columns; what was not measured is None."""
    if score is None:
        return []
    return [
        ("chance of being the same", score.probability),
        ("centres", score.cosine),
        ("words", score.words),
        ("shared anchors", score.anchors),
    ]
