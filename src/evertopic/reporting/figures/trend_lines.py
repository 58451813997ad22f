"""Topic shares over time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evertopic.records import Trend, TrendTopic
from evertopic.reporting.figures.canvas import canvas
from evertopic.reporting.formats import clip, in_plot
from evertopic.reporting.palette import CHOSEN, QUIET, look_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_LINES = 8
"""As many as there are colours."""
DASHES = {True: "dot", False: "solid"}


def colours_of(trend: Trend) -> dict[str | None, str]:
    """A colour for each topic that is drawn: the largest have one each, the others share none.

    One such mapping serves several figures, so that a topic has one colour on the page.
    """
    topics = [topic for topic in trend.topics if topic.key is not None]
    return {topic.key: look_of(at)[0] for at, topic in enumerate(topics[:MOST_LINES])}


def trend_lines(trend: Trend, colours: Mapping[str | None, str]) -> "Figure":
    """A line for each topic that has a colour and for the unassigned, and an upright where the model changed."""
    figure = canvas(380)
    if not trend.starts:
        return figure
    drawn = [topic for topic in trend.topics if topic.key in colours or topic.key is None]
    for topic in drawn:
        _draw(figure, trend, topic, colours.get(topic.key, QUIET))
    _mark_changes(figure, trend)
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": -0.16, "yanchor": "top"},
        margin={"t": 44, "b": 8},
        hovermode="closest",
    )
    figure.update_xaxes(type="date", showgrid=False, range=_range(trend))
    figure.update_yaxes(title_text="share of answers", tickformat=".0%", rangemode="tozero")
    return figure


def _draw(figure: "Figure", trend: Trend, topic: TrendTopic, colour: str) -> None:
    counts: Sequence[str] = [f"{part:,} of {whole:,}" for part, whole in zip(topic.answers, trend.answers, strict=True)]
    figure.add_scatter(
        x=[start.isoformat() for start in trend.starts],
        y=list(trend.shares(topic)),
        name=in_plot(clip(topic.name, 44)),
        mode="lines+markers" if len(trend.starts) <= 62 else "lines",
        line={"color": colour, "width": 2, "dash": DASHES[topic.key is None]},
        marker={"size": 5},
        customdata=counts,
        hovertemplate="%{x}<br>%{fullData.name}: %{y:.1%}, %{customdata} answers<extra></extra>",
    )


def _mark_changes(figure: "Figure", trend: Trend) -> None:
    for at, version in trend.changes:
        moment = at.replace(tzinfo=None).isoformat(timespec="seconds")
        figure.add_shape(
            type="line",
            x0=moment,
            x1=moment,
            y0=0,
            y1=1,
            yref="paper",
            line={"color": CHOSEN, "width": 1, "dash": "dash"},
        )
        figure.add_annotation(
            x=moment, y=1, yref="paper", yanchor="bottom", text=f"version {version}", showarrow=False, font={"size": 12}
        )


def _range(trend: Trend) -> list[str] | None:
    """From the first period to the last; a single one is left to plotly."""
    first, last = trend.starts[0], trend.starts[-1]
    return None if first == last else [first.isoformat(), last.isoformat()]
