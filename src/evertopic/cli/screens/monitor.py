"""A check on a terminal: the verdicts, how the model does, what was decided."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from evertopic.cli.screens.parts import heading, line, pairs, table, word
from evertopic.cli.screens.why import DONE
from evertopic.records import Check, Decision, DriftVerdict, Interval, Measure
from evertopic.reporting.formats import harmless, moment, number, plural

STATES = {"drift": Text("drift", "bold red"), "none": Text("none", "green"), "refused": Text("too few", "dim")}
SHOWN = 3


def monitor_screen(check: Check, decision: Decision, asked: str, lake_url: str) -> RenderableType:
    """One pass of the monitor.

    Args:
        check: what was seen.
        decision: what was decided on it.
        asked: what came of asking for a retraining; empty: nobody asked.
        lake_url: where the page is.
    """
    window = check.window
    came = f"{plural(window.documents, 'document')}: {window.ingested} ingested, {window.served} asked"
    since = f"{moment(window.since)} to " if window.since else "up to "
    parts: list[RenderableType] = [
        Text(f"{check.loop}: version {check.version} watched on {came}", style="bold"),
        line(f"{since}{moment(window.until)} UTC", "dim"),
        heading("Drift"),
        _verdicts(check.drift.verdicts),
    ]
    for verdict in check.drift.verdicts:
        if verdict.drifted and (verdict.topics or verdict.documents):
            parts += [heading(f"What moved {verdict.detector}"), pairs(_moved(verdict))]
    if check.performance.measures:
        parts += [heading("How it does"), _measures(check.performance.measures)]
    parts += [heading(f"Decided: {DONE[decision.action]}"), line(decision.reason)]
    parts += [line(asked)] if asked else []
    parts += [heading("More"), pairs(_more(check, lake_url))]
    return Group(*parts)


def _verdicts(verdicts: Sequence[DriftVerdict]) -> Padding:
    made = table("detector", "about", "verdict", "level", "p", "limit", "found", right=("p", "limit"))
    for one in verdicts:
        p = "" if one.p is None else _chance(one.p)
        limit = "" if one.threshold is None else number(one.threshold, 5)
        made.add_row(one.detector, one.about, STATES[one.state], one.level, p, limit, word(one.said, 200))
    return Padding(made, (0, 0, 0, 2))


def _chance(p: float) -> str:
    if p < 0.00001:
        return "< 0.00001"
    return number(p, 2 if p >= 0.01 else 5)


def _moved(verdict: DriftVerdict) -> list[tuple[str, str]]:
    rows = [
        (harmless(shift.name), f"{shift.before:.1%} of the reference, {shift.now:.1%} now") for shift in verdict.topics
    ]
    listed = ", ".join(verdict.documents[:SHOWN])
    more = f" and {len(verdict.documents) - SHOWN} more" if len(verdict.documents) > SHOWN else ""
    return rows + ([("documents", listed + more)] if listed else [])


def _measures(measures: Sequence[Measure]) -> Padding:
    made = table("measure", "now", "at registration", "30 days", "documents", right=("documents",))
    for one in measures:
        then = "" if one.then is None else _interval(one.then)
        made.add_row(one.name, _interval(one.now), then, one.trend, str(one.documents))
    return Padding(made, (0, 0, 0, 2))


def _interval(found: Interval) -> str:
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def _more(check: Check, lake_url: str) -> list[tuple[str, str]]:
    page = f"{lake_url}/{check.page}" if check.page else "none, there were too few documents"
    return [("page", page), ("why", f"evertopic why {check.loop}"), ("check", check.id)]
