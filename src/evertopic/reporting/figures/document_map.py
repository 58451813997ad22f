"""The documents as a landscape."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evertopic.records import UNASSIGNED, Topic
from evertopic.reporting.figures.canvas import canvas
from evertopic.reporting.formats import clip, in_plot
from evertopic.reporting.palette import look_of
from evertopic.reporting.story import DocumentMap

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_POINTS = 20_000
NAMED_ON_MAP = 14


def document_map(layout: DocumentMap, topics: Sequence[Topic]) -> "Figure":
    """One dot a document, coloured by topic, the largest topics named; at most 20,000 dots, always the same ones.

    Drawn with WebGL. Each topic is its own legend entry, which switches it off and on.
    """
    shown = sampled(len(layout))
    chosen = np.asarray(layout.topic)[shown]
    figure = canvas(640)
    for topic in [UNASSIGNED, *range(len(topics))]:
        rows = shown[chosen == topic]
        if len(rows):
            _add_topic(figure, layout, rows, topic, topics)
    for topic in _named(layout, topics):
        _add_name(figure, layout, topic, topics)
    bare = {"visible": False, "showgrid": False}
    figure.update_layout(
        showlegend=len(topics) > 0,
        legend={"itemsizing": "constant", "font": {"size": 12}, "tracegroupgap": 0, "y": 1, "x": 1.01},
        xaxis=bare,
        yaxis={**bare, "scaleanchor": "x"},
        dragmode="pan",
        margin={"t": 36},
    )
    return figure


def sampled(documents: int) -> NDArray[np.intp]:
    """The rows that are drawn: all, or 20,000 drawn at random with a fixed seed; ascending."""
    if documents <= MOST_POINTS:
        return np.arange(documents)
    return np.sort(np.random.default_rng(0).choice(documents, MOST_POINTS, replace=False))


def _add_topic(
    figure: "Figure", layout: DocumentMap, rows: NDArray[np.intp], topic: int, topics: Sequence[Topic]
) -> None:
    colour, symbol = look_of(topic)
    name = "unassigned" if topic == UNASSIGNED else topics[topic].name
    size = 4 if topic == UNASSIGNED else 6 if len(layout) < 5000 else 4
    figure.add_scattergl(
        # Three decimals are finer than a pixel and keep the page small.
        x=np.round(np.asarray(layout.x, dtype=np.float64)[rows], 3).tolist(),
        y=np.round(np.asarray(layout.y, dtype=np.float64)[rows], 3).tolist(),
        mode="markers",
        name=in_plot(clip(name, 34)),
        legendgroup=str(topic),
        legendrank=topic if topic >= 0 else len(topics),
        marker={"color": colour, "symbol": symbol, "size": size, "opacity": 0.45 if topic == UNASSIGNED else 0.8},
        text=[_snippet(layout.titles[row], layout.ids[row]) for row in rows],
        hovertemplate=f"<b>{in_plot(clip(name, 60)).replace('%', '&#37;')}</b><br>%{{text}}<extra></extra>",
    )


def _snippet(title: str, identity: str) -> str:
    lines = textwrap.wrap(clip(title, 150), 56)
    return "<br>".join(in_plot(line) for line in [*lines, clip(identity, 56)])


def _named(layout: DocumentMap, topics: Sequence[Topic]) -> list[int]:
    """The largest topics whose names fit without covering one another; boxes in shares of the map."""
    placed: list[tuple[float, float]] = []
    named: list[int] = []
    spread = [max(float(np.ptp(axis)), 1e-9) if len(axis) else 1.0 for axis in (layout.x, layout.y)]
    for topic in sorted(range(len(topics)), key=lambda i: -topics[i].documents):
        centre = _centre(layout, topic)
        if centre is None or len(named) == NAMED_ON_MAP:
            continue
        x, y = centre[0] / spread[0], centre[1] / spread[1]
        if all(abs(x - left) > 0.26 or abs(y - low) > 0.045 for left, low in placed):
            placed.append((x, y))
            named.append(topic)
    return named


def _centre(layout: DocumentMap, topic: int) -> tuple[float, float] | None:
    rows = np.asarray(layout.topic) == topic
    return (float(np.median(layout.x[rows])), float(np.median(layout.y[rows]))) if rows.any() else None


def _add_name(figure: "Figure", layout: DocumentMap, topic: int, topics: Sequence[Topic]) -> None:
    centre = _centre(layout, topic)
    if centre is None:
        return
    name = in_plot(clip(topics[topic].name, 26))
    figure.add_scatter(
        x=[centre[0]],
        y=[centre[1]],
        mode="text",
        text=[f"<b>{name}</b>"],
        textfont={"size": 12},
        legendgroup=str(topic),
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )
