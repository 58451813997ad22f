"""Topics and the rules beside them, as people see them."""

from typing import Annotated

from pydantic import Field

from evertopic.prediction.bundle import TopicMeta
from evertopic.prediction.loading import Model
from evertopic.prediction.rules import Category
from evertopic.records import Topic, TopicQuality
from serving.schemas.base import EXAMPLE_KEY, ModelTag, Number, Shape


class TopicEntry(Shape):
    """One topic of the model."""

    key: Annotated[str, Field(examples=[EXAMPLE_KEY])]
    """Permanent; never reused."""
    name: str
    words: tuple[str, ...]
    """The weightiest first."""
    weights: tuple[float, ...]
    """Of the words, in their order."""
    documents: int
    """Documents of the training that the model gives it, and those of what was merged into it."""
    edit: str | None
    """The edit by which a person made this topic, one of /edits: it has no words and its documents are not counted.
    Null: the model found it."""

    @classmethod
    def of(cls, topic: TopicMeta, edit: str | None) -> "TopicEntry":
        """The entry of a topic; `edit` is the one that made it, None where the model found it."""
        return cls(
            key=topic.key,
            name=topic.name,
            words=topic.words,
            weights=topic.weights,
            documents=topic.documents,
            edit=edit,
        )


def makers(model: Model) -> dict[str, str]:
    """The edits by which people made topics, by their keys."""
    edited = model.predictor.edited
    return {made.key: made.edit for made in edited.made} if edited else {}


class RuleEntry(Shape):
    """A category that rules name, whatever the model thinks."""

    key: str
    """What answers of this rule have as their key."""
    name: str
    patterns: tuple[str, ...]
    priority: int
    over_confident: bool
    """Whether it also speaks where the model is confident."""
    silent: bool
    """True: it means a topic that this model does not have, and never speaks."""

    @classmethod
    def of(cls, category: Category, *, silent: bool) -> "RuleEntry":
        """The entry of a category of the config."""
        return cls(
            key=category.key,
            name=category.name,
            patterns=category.patterns,
            priority=category.priority,
            over_confident=category.over_confident,
            silent=silent,
        )


class TopicList(Shape):
    """All topics, those with most documents first, and the rules."""

    model: ModelTag
    topics: tuple[TopicEntry, ...]
    rules: tuple[RuleEntry, ...]


class Quality(Shape):
    """How a topic does on documents the model never saw; null where its words never occur there."""

    c_v: Number
    """Coherence of its words, in [0, 1]."""
    npmi: Number
    """Coherence of its words, in [-1, 1]."""
    u_mass: Number
    """Coherence of its words, at most 0."""
    recurrence: Number
    """How surely another seed finds it again, in [0, 1]."""

    @classmethod
    def of(cls, quality: TopicQuality) -> "Quality":
        """The measures of one topic."""
        return cls(c_v=quality.c_v, npmi=quality.npmi, u_mass=quality.u_mass, recurrence=quality.recurrence)


class TopicDetail(TopicEntry):
    """One topic in full."""

    model: ModelTag
    representatives: tuple[str, ...]
    """Texts of the training that are nearest to its centre; none where the training's card is not at hand."""
    quality: Quality | None
    """Null where the training's card is not at hand."""

    @classmethod
    def full(cls, entry: TopicEntry, model: ModelTag, told: Topic | None) -> "TopicDetail":
        """The entry, with what the card of the training tells of the topic."""
        return cls(
            **dict(entry),
            model=model,
            representatives=told.representatives if told else (),
            quality=Quality.of(told.quality) if told else None,
        )
