"""Where the time went."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evertopic.reporting.figures.canvas import canvas
from evertopic.reporting.formats import clip, duration, in_plot
from evertopic.reporting.palette import ACCENT

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def step_seconds(seconds: Sequence[tuple[str, float]]) -> "Figure":
    """One bar a step in the order they ran, first on top."""
    figure = canvas(80 + 30 * len(seconds))
    figure.add_bar(
        y=list(range(len(seconds))),
        x=[spent for _, spent in seconds],
        text=[duration(spent) for _, spent in seconds],
        orientation="h",
        marker={"color": ACCENT},
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    names = [in_plot(clip(step, 40)) + " " for step, _ in seconds]
    figure.update_yaxes(tickvals=list(range(len(seconds))), ticktext=names, autorange="reversed", showgrid=False)
    figure.update_xaxes(title_text="seconds", rangemode="tozero")
    figure.update_layout(bargap=0.35, margin={"r": 80})
    return figure
