"""The model is old."""

from typing import Literal

from pydantic import PositiveFloat

from evertopic.records import Evaluation, Situation
from evertopic.triggers.base import Priority, TriggerKind

DAY = 86_400


class Age(TriggerKind):
    """Fires when the champion was trained so many days ago."""

    kind: Literal["age"] = "age"
    days: PositiveFloat = 90
    priority: Priority = 5

    def evaluate(self, situation: Situation) -> Evaluation:
        """Fires from `days` on. A champion from the future (a clock was set back) is not old, and that is said."""
        age = (situation.now - situation.trained_at).total_seconds() / DAY
        reason = f"Version {situation.version} was trained {age:.1f} days ago, the limit is {self.days:g}."
        if age < 0:
            reason = (
                f"Version {situation.version} was trained {-age:.1f} days in the future, as this clock has it: it "
                f"cannot be {self.days:g} days old. Set the clock."
            )
        return self.says(reason, fired=age >= self.days, value=age, threshold=self.days)
