"""The promise of a trigger: what it looks at, whether that is reason enough to retrain, and why, in words."""

from abc import ABC, abstractmethod
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from evertopic.records import Evaluation, Situation

Priority = Annotated[int, Field(ge=1, le=5)]
Share = Annotated[float, Field(ge=0, le=1)]


class TriggerKind(BaseModel, ABC):
    """A reason to retrain. One kind is one file; the union in `__init__.py` is the only list of kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    priority: Priority = 3
    """1 urgent to 5 routine: the order in which reasons are told."""

    @abstractmethod
    def evaluate(self, situation: Situation) -> Evaluation:
        """What this trigger says of the situation: fired or not, with the number found, the one expected, and why.

        Looks at nothing but the situation, and never raises: what is not known yet does not fire, and says so.
        """

    def says(self, reason: str, *, fired: bool, value: float | None, threshold: float | None) -> Evaluation:
        """The evaluation of this trigger."""
        return Evaluation(self.kind, fired, value, threshold, reason, self.priority)


def percent(part: float) -> str:
    """A part of one in words.

    >>> percent(0.1234), percent(0.3)
    ('12.3 %', '30 %')
    """
    return f"{part * 100:.1f}".removesuffix(".0") + " %"


def counted(value: int, one: str) -> str:
    """A count with its noun.

    >>> counted(1, "check"), counted(2000, "document")
    ('1 check', '2,000 documents')
    """
    return f"{value:,} {one}{'' if value == 1 else 's'}"
