"""How large a drift is: by the share of documents concerned, never by p."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evertopic.records import Level

Share = Annotated[float, Field(gt=0, lt=1)]


class Levels(BaseModel):
    """From which share of the documents on a drift is medium, and high."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    medium: Share = 0.05
    high: Share = 0.2

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.medium >= self.high:
            raise ValueError(f"medium is {self.medium}, high is {self.high}: give a smaller share for medium")
        return self

    def of(self, size: float) -> Level:
        """The level of a drift that concerns this share of the documents.

        >>> [Levels().of(share) for share in (0.01, 0.05, 0.5)]
        ['low', 'medium', 'high']
        """
        if size >= self.high:
            return "high"
        return "medium" if size >= self.medium else "low"
