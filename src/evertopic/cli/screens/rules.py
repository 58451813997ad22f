"""What override rules would do, as people read it."""

from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from evertopic.cli.screens.parts import heading, line, pairs, table, word
from evertopic.prediction.rule_report import CategoryReport, Excerpt, RulesReport
from evertopic.records import ModelVersion
from evertopic.reporting.formats import clip, count, harmless, plural, quoted, share

SHOWN = 8
"""Patterns of a rule that the screen names."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The rules of one loop, checked on one source."""

    loop: str
    source: str
    left_out: int
    """Rows without a text."""
    version: ModelVersion | None
    """The champion whose answers were looked at; None without one."""
    in_force: bool | None
    """Whether that version answers with these very rules."""
    report: RulesReport


def rules_screen(checked: Checked) -> RenderableType:
    """Where each rule fires, decides and changes an answer, by which patterns, with examples and warnings."""
    report = checked.report
    rules = plural(len(report.categories), "rule")
    return Group(
        Text(f"{checked.loop}: {rules} on {plural(report.documents, 'document')}", style="bold"),
        pairs(_about(checked)),
        heading("Where they fire"),
        _fires(report),
        heading("By which pattern"),
        _patterns(report),
        *_examples(report),
        *_warned(checked),
    )


def warnings(checked: Checked) -> list[str]:
    """One sentence for each rule that fires suspiciously often or can never speak."""
    report, told = checked.report, []
    for each in report.categories:
        if each.suspicious:
            pattern, times = max(each.patterns, key=lambda pair: pair[1])
            told.append(
                f"{each.name} fires on {share(each.fires / report.documents)} of the documents, "
                f"{quoted(pattern)} alone on {count(times)}: is so common a word meant?"
            )
        if each.silent and checked.version is not None:
            model = f"{checked.version.name}/{checked.version.version}"
            told.append(
                f"{each.name} means the topic {each.key}, which {model} does not have: it never speaks. "
                f"`evertopic topics {model}` shows the keys."
            )
    return told


def _about(checked: Checked) -> list[tuple[str, str]]:
    left = [("left out", f"{plural(checked.left_out, 'row')} without a text")] if checked.left_out else []
    if checked.version is None:
        model = f"none: this is only what would fire, until `evertopic train {checked.loop}` makes one"
    else:
        state = (
            "answers with these rules" if checked.in_force else "answers with others; these come with the next training"
        )
        model = f"{checked.version.name}/{checked.version.version}, champion, {state}"
    return [("source", checked.source), *left, ("model", model)]


def _fires(report: RulesReport) -> Padding:
    figures = ("fires on", "share") if report.changes is None else ("fires on", "share", "decides", "changes")
    made = table("rule", "answer", *figures, right=figures)
    for each in report.categories:
        made.add_row(word(each.name, 40), word(each.key, 40), *_figures(each.fires, report, each.decides, each.changes))
    decides = None if report.changes is None else sum(each.decides or 0 for each in report.categories)
    made.add_row(Text("any of them"), "", *_figures(report.fires, report, decides, report.changes), style="dim")
    return Padding(made, (0, 0, 0, 2))


def _figures(fires: int, report: RulesReport, decides: int | None, changes: int | None) -> list[str]:
    return [
        count(fires),
        share(fires / report.documents),
        *(count(value) for value in (decides, changes) if value is not None),
    ]


def _patterns(report: RulesReport) -> Padding:
    made = table("rule", "documents")
    for each in report.categories:
        made.add_row(word(each.name, 40), line(_listed(each)).renderable)
    return Padding(made, (0, 0, 0, 2))


def _listed(category: CategoryReport) -> str:
    often = sorted(category.patterns, key=lambda pair: -pair[1])
    rest = len(often) - SHOWN
    more = f" and {plural(rest, 'other')}" if rest > 0 else ""
    return ", ".join(f"{quoted(pattern)} {count(times)}" for pattern, times in often[:SHOWN]) + more


def _examples(report: RulesReport) -> list[RenderableType]:
    made = table("rule", "")
    made.show_header = False
    for each in report.categories:
        for at, example in enumerate(each.examples):
            made.add_row(word("" if at else each.name, 40), _excerpt(example))
    return [heading("For example"), Padding(made, (0, 0, 0, 2))] if made.row_count else []


def _excerpt(example: Excerpt) -> Text:
    return Text.assemble(_flat(example.before), (_flat(example.words), "bold"), _flat(example.after))


def _flat(text: str) -> str:
    """On one line, blanks at the ends kept: they part the words from what is around them."""
    inner = clip(harmless(text), len(text) + 1)
    return f"{' ' * text[:1].isspace()}{inner}{' ' * (len(text) > 1 and text[-1:].isspace())}"


def _warned(checked: Checked) -> list[RenderableType]:
    told = warnings(checked)
    return [heading("Look again"), *(line(sentence, "yellow") for sentence in told)] if told else []
