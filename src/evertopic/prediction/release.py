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
BEGINNINGS, ENDS = ("born", "split", "revived"), ("merged", "gone")
Pair = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions."""

    version: int
    predictor: Predictor
    generation: int | None = None
    """It was made of; None: it is in no lineage."""

    @property
    def own(self) -> Mapping[str, tuple[str, int]]:
        """Name and number of trained documents of the model's own topics by key."""
        return {topic.key: (topic.name, topic.documents) for topic in self.predictor.bundle.meta.topics}

    @property
    def topics(self) -> Mapping[str, tuple[str, int]]:
        """The same of the topics that answers name: what people merged, divided, hid or named among them."""
        return {topic.key: (topic.name, topic.documents) for topic in self.predictor.topics}


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
        texts: recent documents, newest first; both are asked about each, edits and rules included.
        events: the lineage of the loop, oldest first.
        edits: what people decided and nobody has undone.
    """
    answers = old.predictor.predict(texts), new.predictor.predict(texts)
    before, after = ([answer.key for answer in side] for side in answers)
    flows = _flows(texts, *answers)
    found = parentage(events, old.own, new.own, (old.generation, new.generation))
    topics = _topics(old.topics, new.topics, Counter(before), Counter(after), found)
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
        at_risk=_at_risk(edits, found, {key: name for key, (name, _) in {**old.own, **old.topics}.items()}),
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
    changes = []
    for key in {**old, **new}:
        told = _told(found.get(key), was=key in old, stays=key in new)
        change = TopicChange(
            fate=told.fate,
            key=key,
            other=told.other if told.other in old or told.other in new else None,
            before=old[key][0] if key in old else None,
            after=new[key][0] if key in new else None,
            trained_before=old[key][1] if key in old else 0,
            trained_after=new[key][1] if key in new else 0,
            recent_before=before.get(key, 0),
            recent_after=after.get(key, 0),
            score=told.score,
        )
        changes.append(change)
    return tuple(sorted(changes, key=_weight))


def _told(found: Parentage | None, *, was: bool, stays: bool) -> Parentage:
    """What became of a topic that answers name; the lineage knows nothing of what edits hide, merge and make."""
    if was and stays:
        return found if found and found.fate == "same" else Parentage("same")
    if found is None or found.fate not in (ENDS if was else BEGINNINGS):
        return Parentage("gone" if was else "born")
    return found


def _weight(change: TopicChange) -> tuple[bool, int, str]:
    return change.fate == "same", -max(change.trained_before, change.trained_after), change.key


def _at_risk(edits: Sequence[Edit], found: Mapping[str, Parentage], names: Mapping[str, str]) -> tuple[EditAtRisk, ...]:
    """Edits whose topic is divided, merged or gone; an edit of two topics may be there twice."""
    divided = {told.other for told in found.values() if told.fate == "split"}
    risky: dict[str, tuple[str, Literal["split", "merged", "gone"]]] = {}
    for key, told in found.items():
        ends = _end_of(told.fate, divided=key in divided)
        if ends and key in names:
            risky[key] = (names[key], ends)
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
