"""The common look of all figures: no frame, faint grid, no title (the page has one), transparent ground."""

from typing import TYPE_CHECKING

from evertopic.reporting.palette import ACCENT, GRID, INK, QUIET

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def canvas(height: int) -> "Figure":
    """An empty figure with the house's look, `height` pixels tall and as wide as the page lets it."""
    from plotly.graph_objects import Figure

    figure = Figure()
    axis = {"gridcolor": GRID, "zeroline": False, "linecolor": GRID, "automargin": True, "title": {"standoff": 10}}
    figure.update_layout(
        template="none",
        height=height,
        autosize=True,
        margin={"l": 8, "r": 12, "t": 32, "b": 8},
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"align": "left", "font": {"family": FONT, "size": 13}, "namelength": -1},
        xaxis=axis,
        yaxis=axis,
        showlegend=False,
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": QUIET, "activecolor": ACCENT},
    )
    return figure
