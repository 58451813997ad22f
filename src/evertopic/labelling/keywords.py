"""Topic names from keywords."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from evertopic.records import TopicTable

STEM = 5


class Keywords(BaseModel):
    """Names a topic by its first words that are not near-copies of one another ("israel", not "israeli" too)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["keywords"] = "keywords"
    words: Annotated[int, Field(ge=1, le=10)] = 3
    separator: str = " · "

    def name(self, topics: TopicTable) -> tuple[str, ...]:
        """One name a topic, distinct within the model: (k,).

        A topic without words is "nameless"; a name already taken gets the next unused word, then a number.
        """
        names: list[str] = []
        for words in topics.words:
            names.append(self._distinct(words, set(names)))
        return tuple(names)

    def _distinct(self, words: tuple[str, ...], taken: set[str]) -> str:
        picked = _unlike(words)
        for count in range(self.words, len(picked) + 1):
            name = self.separator.join(picked[:count])
            if name not in taken:
                return name
        base = self.separator.join(picked[: self.words]) or "nameless"
        numbered = (base if n == 1 else f"{base} ({n})" for n in range(1, len(taken) + 2))
        return next(name for name in numbered if name not in taken)


def _unlike(words: tuple[str, ...]) -> list[str]:
    """The words without those that share a token, or its first letters, with an earlier one."""
    picked: list[str] = []
    seen: set[str] = set()
    for word in words:
        stems = {token[:STEM] for token in word.split()}
        if not stems & seen:
            picked.append(word)
            seen |= stems
    return picked
