"""Where the recent documents go when one model takes the place of another."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evertopic.records import Flow
from evertopic.reporting.figures.canvas import canvas
from evertopic.reporting.formats import clip, count, in_plot
from evertopic.reporting.palette import UNASSIGNED_COLOUR, look_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_TOPICS = 20
"""On each side; the smaller ones are drawn as one."""
OTHERS = "…"
MOVES, STAYS, LOOSE = "rgba(213,94,0,0.62)", "rgba(125,135,145,0.20)", "rgba(125,135,145,0.38)"


def release_flows(flows: Sequence[Flow]) -> "Figure":
    """A Sankey figure: topics of the old version left, those of the new one right, moves in orange; empty for none."""
    sides = (
        _places(Counter({_of(flow.source): 0 for flow in flows}), [(_of(f.source), f.documents) for f in flows]),
        _places(Counter({_of(flow.target): 0 for flow in flows}), [(_of(f.target), f.documents) for f in flows]),
    )
    nodes = [(side, key) for side, places in enumerate(sides) for key in places]
    figure = canvas(120 + 34 * max(map(len, sides), default=0))
    if not nodes:
        return figure
    links = _links(flows, sides)
    index = {node: at for at, node in enumerate(nodes)}
    names = _names(flows)
    figure.add_sankey(
        arrangement="snap",
        node={
            "label": [in_plot(clip(names.get(node, "other topics"), 44)) for node in nodes],
            "color": _colours(nodes),
            "pad": 14,
            "thickness": 16,
            "line": {"width": 0},
            "hovertemplate": "%{label}: %{value:,} documents<extra></extra>",
        },
        link={
            "source": [index[0, source] for source, _ in links],
            "target": [index[1, target] for _, target in links],
            "value": list(links.values()),
            "color": [_colour(source, target) for source, target in links],
            "customdata": [count(documents) for documents in links.values()],
            "hovertemplate": "%{source.label} → %{target.label}: %{customdata} documents<extra></extra>",
        },
    )
    figure.update_layout(margin={"l": 8, "r": 8, "t": 36, "b": 16})
    return figure


def _of(key: str | None) -> str:
    return key or ""


def _places(start: Counter[str], sizes: Sequence[tuple[str, int]]) -> list[str]:
    """The keys of one side, largest first, the unassigned last; the smallest of many are one."""
    for key, documents in sizes:
        start[key] += documents
    topics = [key for key, _ in start.most_common() if key]
    shown = topics[:MOST_TOPICS] + ([OTHERS] if len(topics) > MOST_TOPICS else [])
    return shown + ([""] if "" in start else [])


def _links(flows: Sequence[Flow], sides: tuple[list[str], list[str]]) -> dict[tuple[str, str], int]:
    links: Counter[tuple[str, str]] = Counter()
    for flow in flows:
        source, target = _of(flow.source), _of(flow.target)
        links[source if source in sides[0] else OTHERS, target if target in sides[1] else OTHERS] += flow.documents
    return dict(links)


def _names(flows: Sequence[Flow]) -> dict[tuple[int, str], str]:
    names = {(0, _of(flow.source)): flow.source_name for flow in flows}
    return names | {(1, _of(flow.target)): flow.target_name for flow in flows}


def _colours(nodes: Sequence[tuple[int, str]]) -> list[str]:
    """The same topic has the same colour on both sides."""
    order = {key: at for at, key in enumerate(dict.fromkeys(key for _, key in nodes if key not in ("", OTHERS)))}
    return [look_of(order[key])[0] if key in order else UNASSIGNED_COLOUR for _, key in nodes]


def _colour(source: str, target: str) -> str:
    if source == target:
        return STAYS
    return MOVES if source and target else LOOSE
