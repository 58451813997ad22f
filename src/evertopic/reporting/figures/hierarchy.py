"""Which topics are close to each other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evertopic.records import Topic
from evertopic.reporting.figures.canvas import canvas
from evertopic.reporting.formats import clip, in_plot
from evertopic.reporting.palette import INK, QUIET, look_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def topic_hierarchy(linkage: NDArray[np.floating], topics: Sequence[Topic]) -> "Figure":
    """A lying dendrogram, topic names at the left, joined further right the less alike; empty for one topic.

    `linkage` is scipy's (k - 1, 4) matrix whose leaf i is `topics[i]`.
    """
    figure = canvas(90 + 26 * max(len(topics), 1))
    if len(topics) < 2:
        return figure
    leaves = leaf_order(linkage)
    _draw_branches(figure, linkage, leaves)
    _name_leaves(figure, leaves, topics)
    return figure


def leaf_order(linkage: NDArray[np.floating]) -> list[int]:
    """The leaves from bottom to top such that no branches cross.

    >>> leaf_order(np.array([[0, 2, 0.1, 2], [1, 3, 0.5, 3]]))
    [1, 0, 2]
    """
    k = len(linkage) + 1
    waiting, order = [2 * k - 2], []
    while waiting:
        node = waiting.pop()
        if node < k:
            order.append(node)
        else:
            left, right = (int(child) for child in linkage[node - k, :2])
            waiting += [right, left]
    return order


def _draw_branches(figure: "Figure", linkage: NDArray[np.floating], leaves: Sequence[int]) -> None:
    """All branches as one line with gaps: one trace instead of k - 1."""
    k = len(leaves)
    place: dict[int, tuple[float, float]] = {leaf: (0.0, float(row)) for row, leaf in enumerate(leaves)}
    xs: list[float | None] = []
    ys: list[float | None] = []
    for step, (one, other, distance) in enumerate(linkage[:, :3].tolist()):
        (x1, y1), (x2, y2) = place[int(one)], place[int(other)]
        xs += [x1, distance, distance, x2, None]
        ys += [y1, y1, y2, y2, None]
        place[k + step] = (distance, (y1 + y2) / 2)
    joints = [place[k + step] for step in range(k - 1)]
    figure.add_scatter(x=xs, y=ys, mode="lines", line={"color": QUIET, "width": 1.5}, hoverinfo="skip")
    figure.add_scatter(
        x=[x for x, _ in joints],
        y=[y for _, y in joints],
        mode="markers",
        marker={"color": INK, "size": 5, "opacity": 0.6},
        hovertemplate="joined at distance %{x:.3f}<extra></extra>",
    )


def _name_leaves(figure: "Figure", leaves: Sequence[int], topics: Sequence[Topic]) -> None:
    looks = [look_of(leaf) for leaf in leaves]
    places = list(range(len(leaves)))
    figure.add_scatter(
        x=[0] * len(leaves),
        y=places,
        mode="markers",
        marker={"color": [colour for colour, _ in looks], "symbol": [symbol for _, symbol in looks], "size": 10},
        text=[in_plot(", ".join(clip(word, 30) for word in topics[leaf].words[:6])) for leaf in leaves],
        hovertemplate="%{text}<extra></extra>",
        cliponaxis=False,
    )
    names = [in_plot(clip(topics[leaf].name, 36)) + "  " for leaf in leaves]
    figure.update_yaxes(tickvals=places, ticktext=names, showgrid=False, range=[-0.7, len(leaves) - 0.3])
    figure.update_xaxes(title_text="distance", rangemode="tozero")
