"""Texts in, answers out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi.openapi.models import Example
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from evertopic.records import Overruled, Prediction
from serving.schemas.base import EXAMPLE_ID, EXAMPLE_KEY, Asked, ModelTag, ProblemBody, Shape

OFFER = "The airline asked its workers to accept the offer."
STORM = "The storm brought heavy rain to the coast."


ONE: dict[str, Example] = {
    "a text": {"summary": "A text", "value": {"text": OFFER}},
    "no word": {"summary": "A text without a word", "value": {"text": "😀 !"}},
}
MANY: dict[str, Example] = {
    "texts": {"summary": "Texts", "value": {"texts": [OFFER, STORM, ""]}},
    "a bad one": {"summary": "One of them is no text", "value": {"texts": [OFFER, None, STORM]}},
}


class PredictRequest(Asked):
    """One text."""

    text: str
    """Any string: an empty one, or one without a word, is answered `unassigned`."""


class BatchRequest(Asked):
    """Many texts, answered by one model."""

    texts: Annotated[tuple[Any, ...], Field(min_length=1)]
    """Strings. Anything else is answered by a problem of its own and keeps no other text from its answer."""


ANSWERED: JsonDict = {
    "id": EXAMPLE_ID,
    "key": EXAMPLE_KEY,
    "name": "workers · qantas · union",
    "words": ["workers", "qantas", "union"],
    "strength": 0.83,
    "alternatives": [{"key": "t7rxds7", "name": "detainees · asylum · centre", "probability": 0.11}],
    "remark": None,
    "overruled": None,
    "model": {"name": "demo", "version": 1, "alias": "champion"},
    "at": "2026-03-01T12:00:00.000000Z",
}


class Alternative(Shape):
    """A topic that comes next."""

    key: Annotated[str, Field(examples=[EXAMPLE_KEY])]
    name: str
    probability: float
    """Calibrated, in [0, 1]."""


class OwnAnswer(Shape):
    """A rule or a person's edit spoke, and this is what the model itself would have said."""

    rule: str | None
    """The name of the rule's category; null where no rule spoke."""
    edit: str | None
    """The id of the edit, one of /edits; null where no edit spoke."""
    key: str | None
    name: str
    strength: float

    @classmethod
    def of(cls, overruled: Overruled | None) -> "OwnAnswer | None":
        """None where the model spoke."""
        if overruled is None:
            return None
        return cls(
            rule=overruled.rule,
            edit=overruled.edit,
            key=overruled.key,
            name=overruled.name,
            strength=overruled.strength,
        )


class Answer(Shape):
    """The topic of one text."""

    id: Annotated[str, Field(examples=[EXAMPLE_ID])]
    """Of this prediction, by which feedback is given and /history knows it."""
    key: Annotated[str | None, Field(examples=[EXAMPLE_KEY])]
    """Permanent key of the topic, or `rule:NAME` where a rule named a category; null: unassigned."""
    name: Annotated[str, Field(examples=["workers · qantas · union"])]
    words: Annotated[tuple[str, ...], Field(examples=[["workers", "qantas", "union"]])]
    """Of the topic, the weightiest first."""
    strength: Annotated[float, Field(examples=[0.83])]
    """How sure it is, in [0, 1]: of the nearest topic where the text is unassigned; 0 where no word is in the text."""
    alternatives: tuple[Alternative, ...]
    """The next best topics, best first, at most three."""
    remark: str | None
    """What is unusual about the text: `empty`, `no words`, or `short` (fewer words than any the model learned from)."""
    overruled: OwnAnswer | None
    """What the model itself would have said where a rule or an edit spoke; null where the model spoke."""

    @classmethod
    def of(cls, identity: str, prediction: Prediction, names: Mapping[str, str], **more: Any) -> Self:
        """The answer to show; `names` are those of the topics by their keys."""
        return cls(
            id=identity,
            key=prediction.key,
            name=prediction.name,
            words=prediction.words,
            strength=prediction.strength,
            alternatives=tuple(
                Alternative(key=key, name=names[key], probability=chance) for key, chance in prediction.alternatives
            ),
            remark=prediction.remark,
            overruled=OwnAnswer.of(prediction.overruled),
            **more,
        )


class SingleAnswer(Answer):
    """The topic of one text, and where it comes from."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWERED]})

    model: ModelTag
    at: datetime


class BatchItem(Shape):
    """What became of one text: an answer, or a problem."""

    answer: Answer | None
    problem: ProblemBody | None


class BatchAnswer(Shape):
    """One item a text, in the order of the texts; all by the same model."""

    model: ModelTag
    at: datetime
    items: tuple[BatchItem, ...]
