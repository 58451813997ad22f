"""The report of one training."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evertopic.records import LineageKind, Topic, Trial
from evertopic.reporting import figures
from evertopic.reporting.data import bars, data_context, data_figures
from evertopic.reporting.measures import MEASURES, measured, telling_pair, value_of
from evertopic.reporting.page import render_page
from evertopic.reporting.story import TrainingStory
from evertopic.reporting.tracks import track_of
from evertopic.reporting.words import baseline_of, criteria_of, shares_of_topics, summarise

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SECTIONS = (
    ("summary", "Summary"),
    ("data", "Data"),
    ("search", "Search"),
    ("topics", "Topics"),
    ("lineage", "Lineage"),
    ("map", "Map"),
    ("hierarchy", "Hierarchy"),
    ("quality", "Quality"),
    ("provenance", "Provenance"),
    ("time", "Time"),
)

FATES = {
    "kept": "goes on",
    "born": "is new",
    "split": "split off",
    "revived": "is back",
    "merged": "merged into",
    "retired": "is no more",
}
WHAT: dict[LineageKind, str] = {
    "born": "new",
    "split": "split off another",
    "revived": "back after models without it",
    "merged": "merged into another",
    "retired": "no more",
}


def render_training(story: TrainingStory) -> str:
    """The report of one training as one HTML page that needs no network."""
    return render_page(
        "training.html",
        training_figures(story),
        title=f"{story.model}: what was learned",
        loop=story.loop,
        story=story,
        sections=[section for section in SECTIONS if section[0] != "lineage" or story.lineage],
        findings=summarise(story),
        cards=[_card(topic, part) for topic, part in zip(story.topics, shares_of_topics(story), strict=True)],
        drawn=min(len(story.map), figures.MOST_POINTS),
        provenance=story.provenance,
        total=sum(spent for _, spent in story.seconds),
        **_lineage_context(story),
        **_search_context(story),
        **_quality_context(story),
        **data_context(story.batch, story.corpus),
    )


def training_figures(story: TrainingStory) -> dict[str, "Figure"]:
    """All figures of a training by name; a figure with nothing to show is left out."""
    drawn = data_figures(story.corpus)
    if pair := telling_pair(story.trials, story.criteria):
        drawn["search"] = figures.pareto_picture(story.trials, story.choice, pair)
    if len(story.map):
        drawn["map"] = figures.document_map(story.map, story.topics)
    if len(story.topics) > 1:
        drawn["hierarchy"] = figures.topic_hierarchy(np.asarray(story.linkage), story.topics)
    if story.coverage.curve:
        drawn["coverage"] = figures.coverage_curve(story.coverage)
    if story.seconds:
        drawn["seconds"] = figures.step_seconds(story.seconds)
    return drawn


def _card(topic: Topic, part: float) -> dict[str, Any]:
    words = bars(list(zip(topic.words, topic.weights, strict=False)), 10)
    return {"topic": topic, "share": part, "words": words}


def _lineage_context(story: TrainingStory) -> dict[str, Any]:
    counts = Counter(event.kind for event in story.lineage)
    told = [(WHAT[kind], counts[kind]) for kind in WHAT if counts[kind]]
    return {"lineage": story.lineage, "kept": counts["kept"], "tallied": told, "fates": FATES}


def _search_context(story: TrainingStory) -> dict[str, Any]:
    names = list(dict.fromkeys(name for trial in story.trials for name, _ in trial.settings))
    rows = [dict(trial.settings) for trial in story.trials]
    constant = {name: values[0] for name in names if len(values := _values_of(name, rows)) == 1 and len(rows) > 1}
    return {
        "varied": [name for name in names if name not in constant],
        "constant": tuple(constant.items()),
        "columns": criteria_of(story) or MEASURES[:4],
        "rows": [_row(index, trial, story) for index, trial in enumerate(story.trials, 1)],
        "pair": telling_pair(story.trials, story.criteria),
        "measured": measured,
    }


def _values_of(name: str, rows: Sequence[dict[str, str | int | float]]) -> list[str | int | float]:
    """The different values of a setting among the trials that have it."""
    return list(dict.fromkeys(row[name] for row in rows if name in row))


def _row(index: int, trial: Trial, story: TrainingStory) -> dict[str, Any]:
    return {
        "index": index,
        "trial": trial,
        "settings": dict(trial.settings),
        "chosen": trial.candidate.digest == story.choice.candidate.digest,
        "baseline": trial.candidate.kind == "nmf",
    }


def _quality_context(story: TrainingStory) -> dict[str, Any]:
    baseline = baseline_of(story)
    rows = []
    for measure in MEASURES:
        found = measured(story.scorecard, measure)
        theirs = value_of(baseline.scorecard, measure) if baseline else math.nan
        if found is not None:
            decides = measure.name in story.criteria
            track = track_of(found, theirs, measure.scale)
            rows.append({"measure": measure, "found": found, "theirs": theirs, "decides": decides, "track": track})
    return {"quality": rows, "baseline": baseline}
