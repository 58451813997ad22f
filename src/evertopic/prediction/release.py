"""Two versions of one loop compared on the same recent documents: what a release would change."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evertopic.prediction.editing import UNASSIGNED_NAME
from evertopic.prediction.fates import Parentage, parentage
from evertopic.prediction.predictor import Predictor
from evertopic.quality.classification import wilson
from evertopic.records import (
    Edit,
    EditAtRisk,
    Fate,
    Flow,
    LineageEvent,
    Prediction,
    ReleaseDiff,
    TopicChange,
)

EXAMPLES = 3
Pair = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions."""

    version: int
    predictor: Predictor

    @property
    def topics(self) -> Mapping[str, tuple[str, int]]:
        """Name and number of trained documents by key."""
        return {topic.key: (topic.name, topic.documents) for topic in self.predictor.bundle.meta.topics}


def compare(
    model: str,
    old: Side,
    new: Side,
    texts: Sequence[str],
    events: Sequence[LineageEvent],
    edits: Sequence[Edit] = (),
) -> ReleaseDiff:
    """What changes when `new` takes the place of `old`.

    Args:
        model: the registered model's name.
        old: the version that answers now.
        new: the version that would answer.
        texts: recent documents, newest first; both are asked about each, rules included.
        events: the lineage of the loop, oldest first.
        edits: what people decided and nobody has undone.
    """
    answers = old.predictor.predict(texts), new.predictor.predict(texts)
    before, after = ([answer.key for answer in side] for side in answers)
    flows = _flows(texts, *answers)
    topics = _topics(old.topics, new.topics, Counter(before), Counter(after), parentage(events, old.topics, new.topics))
    return ReleaseDiff(
        loop=new.predictor.bundle.meta.loop,
        model=model,
        before=old.version,
        after=new.version,
        topics=topics,
        documents=len(texts),
        moved=wilson(sum(flow.documents for flow in flows if flow.moves), len(texts)),
        lost=sum(flow.documents for flow in flows if flow.source is not None and flow.target is None),
        found=sum(flow.documents for flow in flows if flow.source is None and flow.target is not None),
        flows=flows,
        at_risk=_at_risk(edits, topics),
    )


def _flows(texts: Sequence[str], old: Sequence[Prediction], new: Sequence[Prediction]) -> tuple[Flow, ...]:
    rows: dict[Pair, list[int]] = {}
    names: dict[Pair, tuple[str, str]] = {}
    for row, (one, other) in enumerate(zip(old, new, strict=True)):
        rows.setdefault((one.key, other.key), []).append(row)
        names.setdefault((one.key, other.key), (one.name, other.name))
    order = sorted(rows, key=lambda pair: (-len(rows[pair]), str(pair)))
    return tuple(
        Flow(
            source=pair[0],
            source_name=names[pair][0] if pair[0] else UNASSIGNED_NAME,
            target=pair[1],
            target_name=names[pair][1] if pair[1] else UNASSIGNED_NAME,
            documents=len(rows[pair]),
            examples=tuple(texts[row] for row in rows[pair][:EXAMPLES]) if pair[0] != pair[1] else (),
        )
        for pair in order
    )


def _topics(
    old: Mapping[str, tuple[str, int]],
    new: Mapping[str, tuple[str, int]],
    before: Mapping[str | None, int],
    after: Mapping[str | None, int],
    found: Mapping[str, Parentage],
) -> tuple[TopicChange, ...]:
    changes = [
        TopicChange(
            fate=found[key].fate,
            key=key,
            other=found[key].other,
            before=old[key][0] if key in old else None,
            after=new[key][0] if key in new else None,
            trained_before=old[key][1] if key in old else 0,
            trained_after=new[key][1] if key in new else 0,
            recent_before=before.get(key, 0),
            recent_after=after.get(key, 0),
            score=found[key].score,
        )
        for key in {**old, **new}
    ]
    return tuple(sorted(changes, key=_weight))


def _weight(change: TopicChange) -> tuple[bool, int, str]:
    return change.fate == "same", -max(change.trained_before, change.trained_after), change.key


def _at_risk(edits: Sequence[Edit], topics: Sequence[TopicChange]) -> tuple[EditAtRisk, ...]:
    """Edits whose topic is divided, merged or gone; an edit of two topics may be there twice."""
    divided = {topic.other for topic in topics if topic.fate == "split"}
    risky: dict[str, tuple[str, Literal["split", "merged", "gone"]]] = {}
    for topic in topics:
        ends = _end_of(topic.fate, divided=topic.key in divided)
        if ends and topic.before is not None:
            risky[topic.key] = (topic.before, ends)
    return tuple(
        EditAtRisk(edit, key, *risky[key])
        for edit in edits
        for key in dict.fromkeys((edit.key, edit.into))
        if key in risky
    )


def _end_of(fate: Fate, *, divided: bool) -> Literal["split", "merged", "gone"] | None:
    if fate == "merged" or fate == "gone":  # noqa: PLR1714 - so that the type is narrowed
        return fate
    return "split" if divided else None
