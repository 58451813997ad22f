"""The quality of a model as people read it."""

import math

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from evertopic.cli.screens.parts import bar, heading, line, pairs, table, word
from evertopic.cli.screens.topics import title
from evertopic.records import Coverage, Interval, ModelVersion, Parity, Scorecard, TrainingCard
from evertopic.reporting.formats import between, number, share
from evertopic.reporting.measures import MEASURES, Measure, measured


def quality_screen(
    version: ModelVersion, card: TrainingCard, now: Scorecard, coverage: Coverage, parity: Parity
) -> RenderableType:
    """What was measured now on the held-out documents; stability and recurrence are those of the training."""
    kept = "Stability was measured when the model was trained (it needs further fits); the rest was measured now."
    return Group(
        title(version),
        heading(f"Quality on {now.documents:,} held-out documents, with 95 % intervals"),
        measures_table(now, card.scorecard.stability),
        line(kept, "dim"),
        heading("Outlier budget"),
        line(budget_line(coverage)),
        heading("What coverage costs in precision"),
        coverage_table(coverage),
        heading("Loaded again"),
        line(parity_line(parity)),
        heading("Topic by topic"),
        per_topic_table(card, now),
    )


def measures_table(card: Scorecard, stability: Interval | None) -> Padding:
    """Every measure of the scorecard with its interval and its meaning; what was not measured is left out."""
    made = table("measure", "value", "95 % interval", "what it says", right=("value",))
    for measure in MEASURES:
        found = stability if measure.name == "stability" else measured(card, measure)
        if found is not None:
            made.add_row(measure.title, _value(found.value, measure), _ends(found, measure), Text(measure.meaning))
    return Padding(made, (0, 0, 0, 2))


def budget_line(coverage: Coverage) -> str:
    """Target and what documents got that did not set the thresholds."""
    reached, ends = coverage.reached, between(coverage.reached, as_share=True)
    fits = "within chance of it" if reached.low <= coverage.target <= reached.high else "off it by more than chance"
    return f"Asked for {share(coverage.target)} unassigned, new documents get {share(reached.value)} ({ends}): {fits}."


def coverage_table(coverage: Coverage) -> Padding:
    """How often the topic is confirmed when only the surest share of documents is answered."""
    made = table("answered", f"confirmed by {coverage.confirmed_by}", "", right=("answered",))
    for point in coverage.curve:
        made.add_row(share(point.coverage), share(point.precision), bar(point.precision, 20))
    return Padding(made, (0, 0, 0, 2))


def parity_line(parity: Parity) -> str:
    """How alike the reloaded model answers."""
    return (
        f"{share(parity.equal)} of {parity.documents:,} documents get the answer of the model as it was trained; "
        f"{share(parity.required)} is required."
    )


def quality_lines(card: Scorecard) -> Padding:
    """Every measure with its interval on one line."""
    rows = []
    for measure in MEASURES:
        found = measured(card, measure)
        if found is not None and math.isfinite(found.value):
            ends = _ends(found, measure)
            rows.append((measure.title, _value(found.value, measure) + (f"  ({ends})" if ends else "")))
    return pairs(rows)


def per_topic_table(card: TrainingCard, now: Scorecard) -> Padding:
    """Coherences of each topic now, and its recurrence under other seeds as the training found it."""
    figures = ("documents", "c_v", "NPMI", "u_mass", "recurrence")
    made = table("key", "name", *figures, right=figures)
    for topic, quality in zip(card.topics, now.per_topic, strict=True):
        values = (quality.c_v, quality.npmi, quality.u_mass, topic.quality.recurrence)
        made.add_row(topic.key, word(topic.name), f"{topic.documents:,}", *(number(value, 2) for value in values))
    return Padding(made, (0, 0, 0, 2))


def _value(value: float, measure: Measure) -> str:
    return share(value) if measure.as_share else number(value)


def _ends(found: Interval, measure: Measure) -> str:
    return between(found, as_share=measure.as_share)
