"""What people say of an answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi.openapi.models import Example
from pydantic import Field

from evertopic.records import Feedback
from serving.schemas.base import EXAMPLE_ID, EXAMPLE_KEY, Asked, Key, Shape

Comment = Annotated[str, Field(max_length=2_000)]
Label = Annotated[str, Field(min_length=1, max_length=200)]


class Right(Asked):
    """The answer was right."""

    prediction_id: Annotated[UUID, Field(examples=[EXAMPLE_ID])]
    """The `id` of the answer."""
    verdict: Literal["right"]
    comment: Comment | None = None


class Wrong(Asked):
    """The answer was wrong."""

    prediction_id: Annotated[UUID, Field(examples=[EXAMPLE_ID])]
    """The `id` of the answer."""
    verdict: Literal["wrong"]
    topic: Key | None = None
    """The key of the topic that would have been right, one of /topics."""
    label: Label | None = None
    """Its name in your own words, where no topic fits."""
    comment: Comment | None = None


Judgement = Right | Wrong


JUDGEMENTS: dict[str, Example] = {
    "right": {"summary": "The answer was right", "value": {"prediction_id": EXAMPLE_ID, "verdict": "right"}},
    "other topic": {
        "summary": "Another topic would have been right",
        "value": {"prediction_id": EXAMPLE_ID, "verdict": "wrong", "topic": EXAMPLE_KEY},
    },
    "no topic": {
        "summary": "No topic fits",
        "value": {
            "prediction_id": EXAMPLE_ID,
            "verdict": "wrong",
            "label": "industrial relations",
            "comment": "It is about wages.",
        },
    },
}


class FeedbackShown(Shape):
    """What somebody said of an answer."""

    by: str
    """Id of the API key; `local` where none is needed."""
    at: datetime
    verdict: Literal["right", "wrong"]
    topic: str | None
    label: str | None
    comment: str | None

    @classmethod
    def of(cls, feedback: Feedback) -> "FeedbackShown":
        """The feedback to show."""
        return cls(
            by=feedback.by,
            at=feedback.at,
            verdict=feedback.verdict,
            topic=feedback.key,
            label=feedback.label,
            comment=feedback.comment,
        )


class FeedbackTaken(Shape):
    """The feedback is stored."""

    prediction_id: UUID
    verdict: Literal["right", "wrong"]
    created: bool
    """False where you had judged this answer before: your last word counts, and counts once."""
