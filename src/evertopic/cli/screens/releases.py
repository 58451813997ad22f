"""Releases on the terminal: the gate, what came of it, the ledger."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from evertopic.cli.screens.parts import addresses, heading, line, table, word
from evertopic.records import Approval, GateReport, Outcome, Release
from evertopic.reporting.formats import harmless, moment, number

if TYPE_CHECKING:
    from evertopic.prediction.rollback import Rollback

SIGNS = {"passed": ("✓", "green"), "failed": ("✗", "yellow"), "skipped": ("–", "dim")}


def outcome_screen(outcome: Outcome) -> RenderableType:
    """What came of it, and every check."""
    title = "Released" if outcome.released is not None else "Not released"
    return Group(Text(title, style="bold"), line(outcome.said), *_gate(outcome.gate))


def gate_screen(report: GateReport, page: str) -> RenderableType:
    """What the gate would say, the measures, and where the page is."""
    title = f"{report.model}: version {report.champion} → {report.challenger}"
    return Group(Text(title, style="bold"), line(report.reason), *_gate(report), Text(), addresses([("page", page)]))


def rollback_screen(done: "Rollback") -> RenderableType:
    """Which version answers again, how fast, and what asking has shown."""
    title = f"{done.line.model}: version {done.line.previous} → {done.line.version}"
    said = [f"The first answer of version {done.line.version} after {done.seconds:.1f} s.", f"{done.verdict.said}."]
    return Group(Text(title, style="bold"), *(line(one[0].upper() + one[1:]) for one in said))


def releases_screen(
    loop: str, lines: Sequence[Release], waiting: Sequence[Approval], at: datetime | None
) -> RenderableType:
    """The ledger, newest first, and what waits for an answer."""
    if at is not None and lines:
        said = f"At {moment(at)} version {lines[0].version} of {lines[0].model} answered."
    elif at is not None:
        said = f"At {moment(at)} nothing was released in the loop {loop} yet."
    else:
        said = f"Releases of the loop {loop}"
    parts: list[RenderableType] = [Text(harmless(said), style="bold"), *([_ledger(lines)] if lines else [])]
    for one in waiting:
        until = moment(one.until)
        parts.append(line(f"Version {one.version} waits for `evertopic approve {loop}` until {until}.", "yellow"))
    return Group(*parts)


def _gate(report: GateReport) -> list[RenderableType]:
    made = table("", "check", "value", "threshold", "found", right=("value", "threshold"))
    for check in report.checks:
        sign, style = SIGNS[check.verdict]
        made.add_row(
            Text(sign, style),
            Text(check.name),
            number(check.value),
            number(check.threshold),
            Text(harmless(check.said)),
        )
    parts: list[RenderableType] = [heading("Checks"), Padding(made, (0, 0, 0, 2))]
    return (
        [*parts, heading("Quality, the mean of the measures below it"), _measures(report)] if report.measures else parts
    )


def _measures(report: GateReport) -> Padding:
    columns = (f"version {report.champion}", f"version {report.challenger}", "difference", "95 %")
    made = table("measure", *columns, right=columns)
    for one in report.measures:
        between = f"{number(one.difference.low)} to {number(one.difference.high)}"
        made.add_row(one.name, number(one.before), number(one.after), number(one.difference.value), between)
    return Padding(made, (0, 0, 0, 2))


def _ledger(lines: Sequence[Release]) -> Padding:
    made = table("at", "version", "before", "what", "by", "why", "asked afterwards")
    for one in lines:
        before = "–" if one.previous is None else str(one.previous)
        made.add_row(
            Text(moment(one.at)),
            Text(str(one.version)),
            Text(before),
            Text(one.action),
            word(one.by, 20),
            word(one.why, 80),
            word(one.verified or "not asked", 60),
        )
    return Padding(made, (0, 0, 0, 2))
