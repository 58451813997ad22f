"""Override rules: words and phrases that name a category, whatever the model thinks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Protocol, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from evertopic.prediction.matching import Finder, finder_of, needle_of
from evertopic.records import Overruled, Prediction

ALTERNATIVES = 3
"""Other topics that an answer names at most."""


class Named(Protocol):
    """What a rule must know of a topic."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def words(self) -> tuple[str, ...]: ...  # noqa: D102


def _findable(pattern: str) -> str:
    needle_of(pattern)
    return pattern


class Category(BaseModel):
    """One rule: texts with one of these words or phrases are of this category."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^\S(.{0,78}\S)?$")]
    patterns: Annotated[tuple[Annotated[str, AfterValidator(_findable)], ...], Field(min_length=1)]
    """Whole words or phrases, case ignored; a star at the end of a word stands for any ending: `refund*`."""
    topic: str | None = None
    """The permanent key of the topic meant; None: a category of its own, with the key `rule:NAME`."""
    priority: int = 0
    """Of several rules that may speak, the largest does; the first one in the file on a tie."""
    over_confident: bool = False
    """Whether it also contradicts a confident model."""
    strength: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Of the answers it gives."""

    @property
    def key(self) -> str:
        """The key of the answers it gives."""
        return self.topic if self.topic is not None else f"rule:{self.name}"


class Rules(BaseModel):
    """Override rules, in force with the model they were trained beside."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confident: Annotated[float, Field(ge=0, le=1)] = 0.5
    """The strength from which an assigned answer of the model counts as confident."""
    categories: tuple[Category, ...] = ()

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        names = [category.name for category in self.categories]
        folded = [name.casefold() for name in names]
        twice = sorted({name for name, low in zip(names, folded, strict=True) if folded.count(low) > 1})
        if twice:
            raise ValueError(f"categories has {', '.join(map(repr, twice))} twice: join their patterns, or rename one")
        return self

    def apply(self, texts: Sequence[str], answers: Sequence[Prediction], topics: Sequence[Named]) -> list[Prediction]:
        """The answers, replaced where a rule speaks.

        A rule that names the topic the model names changes nothing: the model spoke. A rule that means a topic this
        model does not have is silent (see `silent`).

        Args:
            texts: cleaned, one an answer.
            answers: the model's own, edits applied.
            topics: there are, for rules that mean a topic.
        """
        if not self.categories:
            return list(answers)
        finder, known = self.finder(), {topic.key: topic for topic in topics}
        return [self.judge(finder.find(text), answer, known) for text, answer in zip(texts, answers, strict=True)]

    def finder(self) -> Finder:
        """All patterns, ready to be looked for; group i holds those of category i."""
        return finder_of(tuple(category.patterns for category in self.categories))

    def silent(self, topics: Iterable[Named]) -> tuple[Category, ...]:
        """The categories that mean a topic which is none of `topics`: they never speak."""
        keys = {topic.key for topic in topics}
        return tuple(category for category in self.categories if category.topic not in {None, *keys})

    def judge(self, found: Iterable[int], answer: Prediction, known: Mapping[str, Named]) -> Prediction:
        """The answer to a text in which the categories `found` have a pattern."""
        speaker = self.deciding(found, answer, known)
        if speaker is None or self.categories[speaker].key == answer.key:
            return answer
        return _overruled(self.categories[speaker], answer, known)

    def deciding(self, found: Iterable[int], answer: Prediction, known: Mapping[str, Named]) -> int | None:
        """Which of the categories `found` decides, None where the model is left to itself.

        One that agrees with the model needs no permission: it decides for it, and less urgent rules are not heard.
        """
        confident = answer.key is not None and answer.strength >= self.confident
        may = [at for at in found if self._may_speak(self.categories[at], answer.key, known, confident=confident)]
        return min(may, key=lambda at: (-self.categories[at].priority, at), default=None)

    def _may_speak(self, category: Category, key: str | None, known: Mapping[str, Named], *, confident: bool) -> bool:
        if category.topic is not None and category.topic not in known:
            return False
        return category.over_confident or not confident or category.key == key


def _overruled(category: Category, answer: Prediction, known: Mapping[str, Named]) -> Prediction:
    topic = known[category.topic] if category.topic is not None else None
    model = answer.overruled or Overruled(None, answer.key, answer.name, answer.strength)
    own = () if answer.key is None else ((answer.key, answer.strength),)
    others = [other for other in (*own, *answer.alternatives) if other[0] != category.key]
    return Prediction(
        key=category.key,
        name=topic.name if topic else category.name,
        words=topic.words if topic else (),
        strength=category.strength,
        alternatives=tuple(others[:ALTERNATIVES]),
        remark=answer.remark,
        overruled=replace(model, rule=category.name),
    )
