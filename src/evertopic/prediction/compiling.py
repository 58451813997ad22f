"""The edits in force, made ready for one model."""

from collections.abc import Mapping, Sequence

import numpy as np

from evertopic.corpus.cleaning import clean
from evertopic.digests import digest_text
from evertopic.embedding import Encodes
from evertopic.identity.edits import Changes, Made, Said, fold
from evertopic.prediction.bundle import Bundle, TopicMeta
from evertopic.prediction.editing import Edited, Place, keys_of
from evertopic.prediction.rules import Rules
from evertopic.records import Edit, Floats


def compile_edits(edits: Sequence[Edit], bundle: Bundle, encoder: Encodes) -> Edited | None:
    """The edits in force as this model can have them, None where there are none.

    What names a topic this model lacks has no effect here; `identity.conflicts` tells people of it. A pinned topic
    takes a document from the cosine on with which half of the model's own topics would: on the bundled news, a topic
    taken out of the model and pinned by five of its documents got 82 % of the rest back, at 0.6 % of the others'
    documents; without a threshold 83 % at 0.9 %.

    Args:
        edits: in the order in which they were made; the undone ones among them are left out.
        bundle: the model.
        encoder: the model's own; asked once, for the texts of split and pinned topics.
    """
    active = tuple(edit for edit in edits if edit.undone_at is None)
    if not active:
        return None
    changes, keys = fold(active), keys_of(bundle)
    present = changes.present(keys)
    made = tuple(one for one in changes.made if one.key in present)
    ends = {key: changes.resolve(key, present) for key in present}
    places = _places(changes, (*keys, *(one.key for one in made)), ends)
    topics = _topics(changes, bundle, made, places)
    shown = {topic.key for topic in topics}
    return Edited(
        edits=active,
        changes=changes,
        made=made,
        rows=_rows(made, bundle, encoder),
        least=max(0.0, float(np.median(bundle.head.threshold))) if keys else 0.0,
        places=places,
        groups=tuple({place.group: place.key for place in places[: len(keys)]}.values()),
        topics=topics,
        rules=_rules(bundle.meta.rules, changes, present),
        moved=_moves(changes, bundle, present, shown),
    )


def _places(changes: Changes, keys: Sequence[str], ends: Mapping[str, Said | None]) -> tuple[Place, ...]:
    made = {one.key: one.edit for one in changes.made}
    groups: dict[str, int] = {}
    last: dict[str, str] = {}
    for key in changes.merged:  # in the order of the edits
        if end := ends.get(key):
            last[end.value] = end.edit
    finals = [end.value if (end := ends[key]) else key for key in keys]
    places = []
    for key, final in zip(keys, finals, strict=True):
        end = ends[key]
        name = changes.names.get(final)
        speaks = (changes.hidden.get(final), end and end.edit, made.get(key), last.get(key), name and name.edit)
        hidden = final in changes.hidden
        group = groups.setdefault(final, len(groups))
        edit = next((one for one in speaks if one), None)
        places.append(Place(None if hidden else final, group, finals.count(final) == 1, edit))
    return tuple(places)


def _topics(changes: Changes, bundle: Bundle, made: Sequence[Made], places: Sequence[Place]) -> tuple[TopicMeta, ...]:
    documents = [topic.documents for topic in bundle.meta.topics] + [0] * len(made)
    sums: dict[str, int] = {}
    for place, count in zip(places, documents, strict=True):
        if place.key is not None:
            sums[place.key] = sums.get(place.key, 0) + count
    own = [*bundle.meta.topics, *(_made_topic(one) for one in made)]
    return tuple(
        topic.model_copy(update={"name": _name(changes, topic), "documents": sums[topic.key]})
        for topic in own
        if topic.key in sums
    )


def _made_topic(made: Made) -> TopicMeta:
    return TopicMeta(key=made.key, name=made.name, words=(), weights=(), documents=0)


def _name(changes: Changes, topic: TopicMeta) -> str:
    return changes.names[topic.key].value if topic.key in changes.names else topic.name


def _rows(made: Sequence[Made], bundle: Bundle, encoder: Encodes) -> Floats:
    """Zero, which is near to nothing, where cleaning leaves no text."""
    rows = np.zeros((len(made), bundle.head.weight.shape[1]), np.float32)
    cleaned = [[text for raw in one.texts if (text := clean(raw, bundle.meta.cleaning)).strip()] for one in made]
    texts = [text for own in cleaned for text in own]
    vectors = encoder.encode(texts) if texts else np.empty((0, rows.shape[1]), np.float32)
    start = 0
    for at, own in enumerate(cleaned):
        if own:
            middle = vectors[start : start + len(own)].mean(axis=0)
            rows[at] = middle / max(float(np.linalg.norm(middle)), 1e-12)
        start += len(own)
    return rows


def _rules(rules: Rules, changes: Changes, present: frozenset[str]) -> Rules:
    categories = tuple(
        one if one.topic is None else one.model_copy(update={"topic": _end(changes, one.topic, present)})
        for one in rules.categories
    )
    return rules.model_copy(update={"categories": categories})


def _moves(changes: Changes, bundle: Bundle, present: frozenset[str], shown: set[str]) -> dict[str, Said]:
    moved = {}
    for one in changes.moved:
        cleaned, key = clean(one.text, bundle.meta.cleaning), _end(changes, one.key, present)
        if cleaned.strip() and key in shown:
            moved[digest_text(cleaned)] = Said(key, one.edit)
    return moved


def _end(changes: Changes, key: str, present: frozenset[str]) -> str:
    """Where the topic ends up, also one that this model lacks: people merged it into another all the same."""
    end = changes.resolve(key, present)
    return end.value if end else key
