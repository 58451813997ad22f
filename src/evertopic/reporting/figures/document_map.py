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
NAMED_ON_MAP = 16
NAME_LENGTH = 26
NAME_AREA = 560
"""Pixels the dots take up in height, about."""


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
    """The largest topics whose names fit without covering one another."""
    scale = min(NAME_AREA / max(float(np.ptp(axis)), 1e-9) for axis in (layout.x, layout.y)) if len(layout) else 0.0
    placed: list[tuple[float, float, int]] = []
    named: list[int] = []
    for topic in sorted(range(len(topics)), key=lambda i: -topics[i].documents):
        centre = _centre(layout, topic)
        if centre is None or len(named) == NAMED_ON_MAP:
            continue
        box = (centre[0] * scale, centre[1] * scale, len(clip(topics[topic].name, NAME_LENGTH)))
        if not any(_covers(box, other) for other in placed):
            placed.append(box)
            named.append(topic)
    return named


def _covers(one: tuple[float, float, int], other: tuple[float, float, int]) -> bool:
    """Do two names (x, y in pixels, letters) touch? A bold letter is about 7.5 pixels wide, a line 18 high."""
    return abs(one[0] - other[0]) < 7.5 * (one[2] + other[2]) / 2 and abs(one[1] - other[1]) < 18


def _centre(layout: DocumentMap, topic: int) -> tuple[float, float] | None:
    rows = np.asarray(layout.topic) == topic
    return (float(np.median(layout.x[rows])), float(np.median(layout.y[rows]))) if rows.any() else None


def _add_name(figure: "Figure", layout: DocumentMap, topic: int, topics: Sequence[Topic]) -> None:
    """A label above the dots; a text trace would lie below what WebGL draws. The page hides it with its topic."""
    centre = _centre(layout, topic)
    if centre is None:
        return
    figure.add_annotation(
        x=centre[0],
        y=centre[1],
        text=f"<b>{in_plot(clip(topics[topic].name, NAME_LENGTH))}</b>",
        name=str(topic),
        showarrow=False,
        font={"size": 12},
        bgcolor="rgba(255,255,255,0.6)",
        borderpad=0,
    )
