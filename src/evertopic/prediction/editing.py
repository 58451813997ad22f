"""Answers of a model, changed where a person's edit speaks. `prediction.compiling` makes what is applied here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from evertopic.digests import digest_text
from evertopic.identity.edits import Changes, Made, Said
from evertopic.models.assignment import assign, logits, probabilities
from evertopic.prediction.bundle import Bundle, TopicMeta
from evertopic.prediction.rules import ALTERNATIVES, Rules
from evertopic.records import UNASSIGNED, Edit, Floats, Integers, Overruled, Prediction

UNASSIGNED_NAME = "unassigned"


@dataclass(frozen=True, slots=True)
class Place:
    """Where documents of one row of the edited model end up: a topic of the model, or one that a person made."""

    key: str | None
    """None: hidden."""
    group: int
    """Rows that end up in one topic have one group; groups are numbered in the order of the rows."""
    alone: bool
    """No other row ends up there."""
    edit: str | None
    """The edit that speaks for them; None: the model does."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The edits in force, for one model of k topics; m more were made by people."""

    edits: tuple[Edit, ...]
    changes: Changes
    made: tuple[Made, ...]
    """(m,) those that this model can have: see `Changes.present`."""
    rows: Floats
    """(m, d) unit rows, the middle of what each was made of."""
    least: float
    """The cosine from which a pinned topic takes a document."""
    places: tuple[Place, ...]
    """(k + m,)"""
    groups: tuple[str | None, ...]
    """The key of each group that holds a topic of the model, None: hidden. Groups of made topics alone come after."""
    topics: tuple[TopicMeta, ...]
    """All topics that answers name: those of the model, not the hidden ones, then those made."""
    rules: Rules
    """The model's, those for a merged topic speaking for the one it went into."""
    moved: Mapping[str, Said]
    """Key and edit by the digest of the cleaned text."""

    def owners(self, vectors: Floats, bundle: Bundle) -> Integers:
        """The row of places that holds each document, (n,), -1 unassigned."""
        scores = logits(vectors, bundle.head)
        owner = assign(vectors, bundle.head).topic.astype(np.int32)
        return self._taken(vectors @ self.rows.T, owner, scores.max(axis=1, initial=-np.inf), keys_of(bundle))

    def keys(self, vectors: Floats, bundle: Bundle) -> list[str | None]:
        """The topic that each document is answered with, None: unassigned or hidden; moved ones left aside."""
        return [None if at == UNASSIGNED else self.places[at].key for at in self.owners(vectors, bundle)]

    def apply(self, vectors: Floats, answers: Sequence[Prediction], bundle: Bundle) -> list[Prediction]:
        """The answers of the model, changed where an edit speaks; any other one comes back as it was.

        Probabilities of merged topics are summed. A topic that a person made shares in the probabilities of those
        documents alone which it takes.

        Args:
            vectors: unit rows (n, d).
            answers: the model's own, one a vector.
            bundle: the model these edits were compiled for.
        """
        owners = self.owners(vectors, bundle)
        chances = self._chances(vectors, owners, bundle)
        known = {topic.key: topic for topic in self.topics}
        return [
            self._answer(own, int(owner), row, known) for own, owner, row in zip(answers, owners, chances, strict=True)
        ]

    def move(self, cleaned: Sequence[str], answers: Sequence[Prediction]) -> list[Prediction]:
        """The answers, those of moved documents replaced; `cleaned` are their texts."""
        if not self.moved:
            return list(answers)
        known = {topic.key: topic for topic in self.topics}
        told = [self.moved.get(digest_text(text)) for text in cleaned]
        return [
            answer if to is None or to.value == answer.key else _moved(answer, known[to.value], to.edit)
            for to, answer in zip(told, answers, strict=True)
        ]

    def _taken(self, near: Floats, owner: Integers, level: Floats, keys: Sequence[str]) -> Integers:
        rows = {key: row for row, key in enumerate((*keys, *(made.key for made in self.made)))}
        for at, made in enumerate(self.made):
            wins = near[:, at] > level
            if made.of is not None:
                wins &= np.isin(owner, [rows[key] for key in made.parents if key in rows])
            else:
                wins &= near[:, at] >= self.least
            owner = np.where(wins, len(keys) + at, owner).astype(np.int32)
            level = np.where(wins, near[:, at], level)
        return owner

    def _chances(self, vectors: Floats, owners: Integers, bundle: Bundle) -> Floats:
        """The probability of each group, (n, groups); a made topic is there for its own documents alone."""
        k, m = len(bundle.head.weight), len(self.made)
        # The model's own numbers where it answers: a sum over more terms differs in its last digit.
        chances = np.concatenate([probabilities(vectors, bundle.head), np.zeros((len(vectors), m), np.float32)], axis=1)
        taken = np.flatnonzero(owners >= k)
        if len(taken):
            near = vectors[taken] @ self.rows.T
            near[owners[taken, None] != np.arange(k, k + m)] = -np.inf
            scaled = np.concatenate([logits(vectors[taken], bundle.head), near], axis=1) / bundle.head.temperature
            scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
            chances[taken] = scaled / scaled.sum(axis=1, keepdims=True)
        summed = np.zeros((len(vectors), max(place.group for place in self.places) + 1), np.float32)
        for row, place in enumerate(self.places):
            summed[:, place.group] += chances[:, row]
        return summed

    def _answer(self, own: Prediction, owner: int, chances: Floats, known: Mapping[str, TopicMeta]) -> Prediction:
        if owner == UNASSIGNED:
            return replace(own, alternatives=self._others(chances, None))
        place = self.places[owner]
        as_it_was = place.alone and owner < len(self.places) - len(self.made)
        topic = None if place.key is None else known[place.key]
        answer = replace(
            own,
            key=place.key,
            name=topic.name if topic else UNASSIGNED_NAME,
            words=topic.words if topic else (),
            # As the model spells it where nothing was summed: the last digits depend on the way.
            strength=own.strength if as_it_was else float(chances[place.group]),
            alternatives=self._others(chances, place.group),
        )
        if (answer.key, answer.name, answer.strength) == (own.key, own.name, own.strength):
            return answer
        return replace(answer, overruled=Overruled(None, own.key, own.name, own.strength, place.edit))

    def _others(self, chances: Floats, group: int | None) -> tuple[tuple[str, float], ...]:
        best = np.argsort(-chances[: len(self.groups)], kind="stable")
        others = ((self.groups[at], float(chances[at])) for at in best if at != group)
        return tuple(islice(((key, chance) for key, chance in others if key is not None), ALTERNATIVES))


def _moved(answer: Prediction, topic: TopicMeta, edit: str) -> Prediction:
    model = answer.overruled or Overruled(None, answer.key, answer.name, answer.strength)
    own = () if answer.key is None else ((answer.key, answer.strength),)
    others = tuple(other for other in (*own, *answer.alternatives) if other[0] != topic.key)
    return Prediction(
        topic.key, topic.name, topic.words, 1.0, others[:ALTERNATIVES], answer.remark, replace(model, edit=edit)
    )


def keys_of(bundle: Bundle) -> tuple[str, ...]:
    """The keys of the model's own topics, by row."""
    return tuple(topic.key for topic in bundle.meta.topics)
