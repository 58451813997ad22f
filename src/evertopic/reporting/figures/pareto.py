"""The search in one picture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evertopic.records import Choice, Trial
from evertopic.reporting.figures.canvas import canvas
from evertopic.reporting.formats import clip, in_plot, number
from evertopic.reporting.measures import Measure, measured, value_of
from evertopic.reporting.palette import ACCENT, CHOSEN, INK, QUIET

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

GROUPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("tried", {"color": QUIET, "size": 8, "opacity": 0.75}),
    ("on the front", {"color": ACCENT, "size": 11, "line": {"width": 1, "color": "white"}}),
    ("baseline (NMF)", {"color": INK, "size": 12, "symbol": "diamond"}),
    ("chosen", {"color": CHOSEN, "size": 17, "symbol": "star", "line": {"width": 1, "color": "white"}}),
)


def pareto_picture(trials: Sequence[Trial], choice: Choice, pair: tuple[Measure, Measure]) -> "Figure":
    """All trials by two measures: the front, the baseline and the chosen one marked.

    The front is of all criteria, so a trial may be on it and look beaten in these two.
    """
    figure = canvas(430)
    for name, marker in GROUPS:
        members = [(i, trial) for i, trial in enumerate(trials, 1) if _group_of(trial, choice) == name]
        _add_group(figure, name, marker, members, pair)
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}, margin={"t": 40}
    )
    x, y = pair
    figure.update_xaxes(title_text=_axis_title(x), tickformat=".0%" if x.as_share else None)
    figure.update_yaxes(title_text=_axis_title(y), tickformat=".0%" if y.as_share else None)
    return figure


def _group_of(trial: Trial, choice: Choice) -> str:
    if trial.candidate.digest == choice.candidate.digest:
        return "chosen"
    if trial.candidate.kind == "nmf":
        return "baseline (NMF)"
    return "on the front" if trial.on_front else "tried"


def _axis_title(measure: Measure) -> str:
    ends = {"higher": f"{measure.title}  → better", "lower": f"better ←  {measure.title}"}
    return ends.get(measure.better, measure.title)


def _add_group(
    figure: "Figure",
    name: str,
    marker: dict[str, Any],
    members: Sequence[tuple[int, Trial]],
    pair: tuple[Measure, Measure],
) -> None:
    if not members:
        return
    x, y = pair
    bars = {}
    if name in {"chosen", "baseline (NMF)"}:
        bars = {"error_x": _bars(members, x, marker["color"]), "error_y": _bars(members, y, marker["color"])}
    figure.add_scatter(
        x=[_or_none(value_of(trial.scorecard, x)) for _, trial in members],
        y=[_or_none(value_of(trial.scorecard, y)) for _, trial in members],
        mode="markers",
        name=name,
        marker=marker,
        text=[_hover(i, trial, pair) for i, trial in members],
        hovertemplate="%{text}<extra></extra>",
        **bars,
    )


def _or_none(value: float) -> float | None:
    return value if value == value else None  # noqa: PLR0124  (nan differs from itself)


def _bars(members: Sequence[tuple[int, Trial]], measure: Measure, colour: str) -> dict[str, Any]:
    found = [measured(trial.scorecard, measure) for _, trial in members]
    up = [_or_none(interval.high - interval.value) if interval else None for interval in found]
    down = [_or_none(interval.value - interval.low) if interval else None for interval in found]
    look = {"thickness": 1, "width": 3, "color": colour}
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, **look}


def _hover(index: int, trial: Trial, pair: tuple[Measure, Measure]) -> str:
    settings = [in_plot(clip(f"{name}: {value}", 60)) for name, value in trial.settings]
    scores = [f"{measure.title}: {number(value_of(trial.scorecard, measure))}" for measure in pair]
    head = f"<b>Trial {index}</b>, {in_plot(clip(trial.candidate.kind, 40))}, {trial.scorecard.topics} topics"
    return "<br>".join([head, *scores, *settings])
