"""Ways to carry topic keys from model to model: ours, and what people write by hand."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import mode

from benchmarks.rolling import Field, Made, answers, unasked
from evertopic.identity.alignment import Alignment, Crossing, align
from evertopic.identity.anchors import wanted
from evertopic.identity.profile import Profile
from evertopic.models.folder import unfitted
from evertopic.records import Floats, Offsets

Keys = list[list[str]]
"""The keys of each model's topics."""


@dataclass(slots=True)
class Lineage:
    """What the product keeps of its models, here in memory."""

    field: Field
    profiles: list[Profile] = field(default_factory=list)
    models: list[Made] = field(default_factory=list)
    anchors: Offsets = field(default_factory=lambda: np.empty(0, np.int64))
    keys: Keys = field(default_factory=list)
    _fresh: Iterator[int] = field(default_factory=count)

    def add(self, made: Made) -> Alignment:
        """The next model gets its keys."""
        held = answers(self.field, made, self.anchors)
        free = np.where(np.isin(made.rows, self.anchors), -1, made.topic)
        counts = np.bincount(held[held >= 0], minlength=made.topics).astype(np.int64)
        added = made.rows[wanted(free, counts, self.field.order[made.rows])]
        if self.profiles:
            asked = np.concatenate([self.profiles[-1].anchors, answers(self.field, self.models[-1], added)])
            self.profiles[-1] = replace(self.profiles[-1], anchors=asked)
        self.anchors = np.concatenate([self.anchors, added])
        self.profiles = [replace(one, anchors=unasked(one, len(self.anchors))) for one in self.profiles]
        profile = made.profile(answers(self.field, made, self.anchors))
        crossing = self._crossing(made, len(self.anchors) - len(added)) if self.models else None
        alignment = align(profile, self.profiles, crossing)
        self.keys.append([one.key or f"t{next(self._fresh)}" for one in alignment.topics])
        self.profiles.append(replace(profile, keys=tuple(self.keys[-1])))
        self.models.append(made)
        return alignment

    def _crossing(self, made: Made, known: int) -> Crossing:
        last = self.models[-1]
        then = np.bincount(last.topic + 1, minlength=last.topics + 1)[1:].astype(np.int32)
        return Crossing(known, then, made.topic, answers(self.field, last, made.rows))


def ours(field: Field, models: Sequence[Made]) -> Keys:
    """The product's alignment with the whole lineage."""
    lineage = Lineage(field)
    for made in models:
        lineage.add(made)
    return lineage.keys


def by_number(_field: Field, models: Sequence[Made]) -> Keys:
    """The topic number, as BERTopic itself leaves it: topics are numbered by size."""
    return [[f"t{number}" for number in range(made.topics)] for made in models]


def by_words(least: float) -> Callable[[Field, Sequence[Made]], Keys]:
    """Jaccard likeness of the ten top words with the model before, one-to-one, from `least` on."""

    def likeness(new: Made, old: Made) -> Floats:
        found = [[_jaccard(set(ours), set(theirs)) for theirs in old.table.words] for ours in new.table.words]
        return np.array(found, np.float32)

    return _chained(likeness, least)


def by_centroids(least: float) -> Callable[[Field, Sequence[Made]], Keys]:
    """Cosine of the centroids with the model before, one-to-one, from `least` on; another encoder: no likeness."""

    def likeness(new: Made, old: Made) -> Floats:
        if new.encoder != old.encoder:
            return np.zeros((new.topics, old.topics), np.float32)
        return new.head.weight @ old.head.weight.T

    return _chained(likeness, least)


def by_merge_models(field: Field, models: Sequence[Made]) -> Keys | None:
    """BERTopic.merge_models at its default (cosine 0.7), model after model; None where the encoder changes."""
    from bertopic import BERTopic

    if len({made.encoder for made in models}) > 1:
        return None
    merged = _bertopic(field, models[0])
    keys = [[f"t{topic}" for topic in range(models[0].topics)]]
    for at, made in enumerate(models[1:], start=2):
        merged = BERTopic.merge_models([merged, _bertopic(field, made)])
        theirs = np.array(merged.topics_[-len(made.rows) :])
        found = [int(mode(theirs[made.labels == topic]).mode) for topic in range(made.topics)]
        # It counts the outliers as a topic that others may be merged into.
        keys.append([f"t{one}" if one >= 0 else f"lost {at}.{topic}" for topic, one in enumerate(found)])
    return keys


def _bertopic(field: Field, made: Made) -> object:
    words = np.array(field.words, dtype=object)
    counts = field.counts[made.rows]
    texts = [" ".join(words[counts.indices[counts.indptr[at] : counts.indptr[at + 1]]]) for at in range(len(made.rows))]
    model = unfitted(sorted({word for text in texts for word in text.split()}))
    model.fit(texts, embeddings=field.vectors[made.encoder][made.rows], y=made.labels.astype(int))
    theirs = dict(zip(made.labels.tolist(), model.topics_, strict=True))
    rows = [theirs[topic] + model._outliers for topic in sorted(theirs)]
    model.topic_embeddings_ = model.topic_embeddings_[rows]
    model.topics_ = made.labels.tolist()
    return model


def _chained(likeness: Callable[[Made, Made], Floats], least: float) -> Callable[[Field, Sequence[Made]], Keys]:
    def carry(_field: Field, models: Sequence[Made]) -> Keys:
        fresh = count()
        keys = [[f"t{next(fresh)}" for _ in range(models[0].topics)]]
        for old, new in pairwise(models):
            found = likeness(new, old)
            pairs = zip(*linear_sum_assignment(np.where(found >= least, found, 0.0), maximize=True), strict=True)
            carried = {int(row): keys[-1][column] for row, column in pairs if found[row, column] >= least}
            keys.append([carried.get(topic) or f"t{next(fresh)}" for topic in range(new.topics)])
        return keys

    return carry


def _jaccard(ours: set[str], theirs: set[str]) -> float:
    return len(ours & theirs) / len(ours | theirs)
