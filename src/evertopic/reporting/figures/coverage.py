"""What it costs to answer more documents."""

from typing import TYPE_CHECKING

from evertopic.records import Coverage
from evertopic.reporting.figures.canvas import canvas
from evertopic.reporting.palette import ACCENT, CHOSEN

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def coverage_curve(coverage: Coverage) -> "Figure":
    """Share of assignments that are confirmed against share of documents assigned, the budget marked."""
    points = sorted(coverage.curve, key=lambda point: point.coverage)
    figure = canvas(300)
    figure.add_scatter(
        x=[point.coverage for point in points],
        y=[point.precision for point in points],
        mode="lines+markers",
        line={"color": ACCENT, "width": 2},
        marker={"size": 6},
        hovertemplate="%{x:.1%} assigned, %{y:.1%} of them confirmed<extra></extra>",
    )
    figure.add_vline(
        x=1 - coverage.target,
        line={"color": CHOSEN, "width": 1.5, "dash": "dash"},
        annotation={"text": "budget", "font": {"color": CHOSEN}, "xanchor": "right"},
    )
    figure.update_xaxes(title_text="documents that are given a topic", tickformat=".0%")
    figure.update_yaxes(title_text=f"confirmed by {coverage.confirmed_by}", tickformat=".0%")
    return figure
