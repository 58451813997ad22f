"""People say that the answers are wrong."""

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from evertopic.records import Evaluation, Situation
from evertopic.triggers.base import Priority, TriggerKind, counted, percent


class Feedback(TriggerKind):
    """Fires when enough of the feedback on the champion's answers says wrong. Nobody can make it fire alone."""

    kind: Literal["feedback"] = "feedback"
    share: Annotated[float, Field(gt=0, le=1)] = 0.3
    """Of the words that count, those that say wrong."""
    least: PositiveInt = 30
    """Words that must count."""
    per_person: PositiveInt = 10
    """Words of one person that count at most; what is right and what is wrong is cut alike."""
    people: Annotated[int, Field(ge=2)] = 2
    """Who must have said wrong."""
    priority: Priority = 2

    @model_validator(mode="after")
    def _not_alone(self) -> Self:
        if self.per_person >= self.least:
            raise ValueError(
                f"per_person {self.per_person} is not below least {self.least}: one person alone would decide"
            )
        return self

    def evaluate(self, situation: Situation) -> Evaluation:
        """Fires when share, number of words and number of people are all reached."""
        heard = [(right, wrong) for _, right, wrong in situation.wrong_by if right + wrong]
        weights = [min(1.0, self.per_person / (right + wrong)) for right, wrong in heard]
        words = sum(min(right + wrong, self.per_person) for right, wrong in heard)
        against = sum(wrong * weight for (_, wrong), weight in zip(heard, weights, strict=True))
        part = against / words if words else 0.0
        people = sum(wrong > 0 for _, wrong in heard)
        # Sums of tenths and thirds: exactly at the limit is at the limit.
        fired = words >= self.least and people >= self.people and part >= self.share - 1e-9
        reason = (
            f"{percent(part)} of {counted(words, 'word')} of feedback that count say wrong (the limit is "
            f"{percent(self.share)}, of {self.least:,} words at least), from {people} of {len(heard)} people "
            f"({self.people} needed)."
        )
        if not words:
            reason = (
                f"Nobody has spoken of the answers of version {situation.version} yet, {self.least:,} words are needed."
            )
        return self.says(reason, fired=fired, value=part, threshold=self.share)
