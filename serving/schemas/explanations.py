"""Why a text is answered as it is."""

from typing import Annotated

from fastapi.openapi.models import Example
from pydantic import Field

from evertopic.embedding.base import readable
from evertopic.prediction.loading import Model
from evertopic.records import Explanation, Neighbour, Standing
from serving.schemas.answers import OFFER, OwnAnswer
from serving.schemas.base import WHOLE, Asked, ModelTag, Shape

NEIGHBOURS_MOST = 20


WHY: dict[str, Example] = {
    "a text": {"summary": "A text", "value": {"text": OFFER}},
    "nearest": {"summary": "With the nearest document alone", "value": {"text": OFFER, "neighbours": 1}},
}


class ExplainRequest(Asked):
    """One text."""

    text: str
    neighbours: Annotated[int, Field(ge=1, le=NEIGHBOURS_MOST, strict=True), WHOLE] = 5
    """How many of the nearest documents of the training are shown."""


class TopicStanding(Shape):
    """How one topic stands towards the text."""

    key: str
    name: str
    cosine: float
    """Of the text to the topic's centre, in [-1, 1]."""
    threshold: float
    """The least cosine with which a text belongs to the topic; -2 or less: any does."""
    probability: float
    """Calibrated; over all topics they sum to 1."""

    @classmethod
    def of(cls, standing: Standing) -> "TopicStanding":
        """The standing to show."""
        return cls(
            key=standing.key,
            name=standing.name,
            cosine=standing.cosine,
            threshold=standing.threshold,
            probability=standing.probability,
        )


class NearDocument(Shape):
    """A document of the training near to the text."""

    text: str
    """Its beginning."""
    cosine: float
    """To the text, in [-1, 1]."""
    key: str | None
    """The topic the model gives it; null: unassigned."""

    @classmethod
    def of(cls, neighbour: Neighbour) -> "NearDocument":
        """The document to show."""
        return cls(text=readable(neighbour.text), cosine=neighbour.cosine, key=neighbour.key)


class ExplanationShown(Shape):
    """The answer and what it rests on. It is not logged as a prediction, and has no id."""

    model: ModelTag
    key: str | None
    name: str
    strength: float
    remark: str | None
    overruled: OwnAnswer | None
    """What the model itself would have said where a rule or an edit spoke."""
    text: str
    """As the model read it: cleaned."""
    words: tuple[str, ...]
    """Words of the topic that are in the text."""
    topics: tuple[TopicStanding, ...]
    """The best ones, at most ten; none where there is no word to judge by."""
    neighbours: tuple[NearDocument, ...]
    """The nearest first."""
    note: str | None
    """Why there are no topics or no neighbours."""

    @classmethod
    def of(cls, found: Explanation, model: Model) -> "ExplanationShown":
        """The explanation to show."""
        answer = found.answer
        return cls(
            model=ModelTag.of(model),
            key=answer.key,
            name=answer.name,
            strength=answer.strength,
            remark=answer.remark,
            overruled=OwnAnswer.of(answer.overruled),
            text=readable(found.text),
            words=found.words,
            topics=tuple(map(TopicStanding.of, found.topics)),
            neighbours=tuple(map(NearDocument.of, found.neighbours)),
            note=found.note,
        )
