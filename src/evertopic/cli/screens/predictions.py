"""Answers as people and machines read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from evertopic.cli.screens.parts import bar, heading, line, pairs, table, word
from evertopic.prediction.batch import Outcome
from evertopic.prediction.loading import Model
from evertopic.records import Prediction
from evertopic.reporting.formats import count, moment, number, plural, share

REMARKS = {
    "empty": "Cleaning leaves nothing of the text.",
    "no words": "There is no word in the text.",
    "short": "The text has fewer words than any the model learned from.",
}


def answer_object(identity: str | None, prediction: Prediction, model: Model, at: datetime) -> dict[str, Any]:
    """One answer with where it comes from; the API answers with the same names."""
    names = {topic.key: topic.name for topic in model.predictor.topics}
    others = [{"key": key, "name": names[key], "probability": chance} for key, chance in prediction.alternatives]
    return {
        "id": identity,
        "key": prediction.key,
        "name": prediction.name,
        "words": prediction.words,
        "strength": prediction.strength,
        "alternatives": others,
        "remark": prediction.remark,
        "rule": prediction.overruled.rule if prediction.overruled else None,
        "edit": prediction.overruled.edit if prediction.overruled else None,
        "overruled": prediction.overruled,
        "model": {"name": model.version.name, "version": model.version.version, "alias": model.alias},
        "at": at,
    }


def answer_screen(answer: Mapping[str, Any]) -> RenderableType:
    """The topic, how sure the model is, what comes next, and who says so."""
    model, own = answer["model"], answer["overruled"]
    alias = f", {model['alias']}" if model["alias"] else ""
    remark = [line(REMARKS[answer["remark"]], "yellow")] if answer["remark"] else []
    rows = [
        ("key", answer["key"] or "–"),
        ("words", ", ".join(answer["words"]) or "–"),
        ("strength", number(answer["strength"])),
        *([("rule", own.rule)] if own and own.rule else []),
        *([("edit", own.edit)] if own and own.edit else []),
        *([("model says", f"{own.name}, {number(own.strength)}")] if own else []),
        ("model", f"{model['name']} {model['version']}{alias}"),
        *([("prediction", answer["id"])] if answer["id"] else []),
    ]
    return Group(word(answer["name"]), pairs(rows), *remark, _alternatives(answer["alternatives"]))


def outcome_object(outcome: Outcome) -> dict[str, Any]:
    """What became of a batch; the topics largest first, the unassigned rows under the key null."""
    tally = outcome.tally
    largest = sorted(tally.topics.items(), key=lambda one: -one[1][1])
    return {
        "output": outcome.output,
        "rows": outcome.rows,
        "earlier": outcome.earlier,
        "model": {"name": outcome.model, "version": outcome.version, "alias": outcome.alias},
        "at": outcome.at,
        "columns": outcome.columns,
        "topics": [{"key": key or None, "name": name, "rows": rows} for key, (name, rows) in largest],
        "remarks": tally.remarks,
        "ruled": tally.ruled,
        "errors": tally.errors,
    }


def outcome_screen(outcome: Outcome) -> RenderableType:
    """What became of a batch: where it is, by which model, and the topics of its rows."""
    alias = f" ({outcome.alias})" if outcome.alias else ""
    earlier = f", {count(outcome.earlier)} of them before this run was interrupted" if outcome.earlier else ""
    tally = outcome.tally
    rows = [
        ("output", outcome.output),
        ("rows", f"{count(outcome.rows)}{earlier}"),
        ("model", f"{outcome.model} {outcome.version}{alias}, {moment(outcome.at)} UTC"),
        *([("decided by rules", count(tally.ruled))] if tally.ruled else []),
        *[(f"remark: {remark}", count(times)) for remark, times in sorted(tally.remarks.items())],
        *([("errors", f"{count(tally.errors)}: see the column {outcome.columns[-1]}")] if tally.errors else []),
    ]
    topics = heading(f"{plural(outcome.rows, 'row')} predicted")
    return Group(topics, pairs(rows), _topics(outcome))


def _alternatives(others: list[dict[str, Any]]) -> RenderableType:
    if not others:
        return Text()
    made = table("next best", "key", "probability", right=("probability",))
    for one in others:
        made.add_row(word(one["name"]), Text(one["key"]), number(one["probability"]))
    return Padding(made, (1, 0, 0, 2))


def _topics(outcome: Outcome) -> Padding:
    made = table("key", "name", "rows", "share", "", right=("rows", "share"))
    largest = max((size for _, size in outcome.tally.topics.values()), default=0) or 1
    for key, (name, size) in sorted(outcome.tally.topics.items(), key=lambda one: (not one[0], -one[1][1])):
        made.add_row(Text(key), word(name), count(size), share(size / outcome.rows), bar(size / largest))
    return Padding(made, (1, 0, 0, 2))
