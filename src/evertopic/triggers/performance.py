"""The model does worse than when it was registered, beyond noise."""

import math
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from evertopic.records import Evaluation, Interval, Measure, Situation
from evertopic.triggers.base import Priority, TriggerKind, counted

Measured = Literal["accuracy", "macro_f1", "coherence"]


class PerformanceDrop(TriggerKind):
    """Fires when the whole interval of a measure lies below the one at registration, by more than `drop`."""

    kind: Literal["performance"] = "performance"
    measures: Annotated[tuple[Measured, ...], Field(min_length=1)] = ("accuracy", "macro_f1", "coherence")
    drop: NonNegativeFloat = 0.02
    """In the measure's own unit."""
    least: PositiveInt = 50
    """Documents a measure must have been taken on."""
    priority: Priority = 2

    def evaluate(self, situation: Situation) -> Evaluation:
        """Speaks of the measure that fell most. `value`: the better end of what is found; `threshold`: what the worse
        end of registration allows.

        Measures that were not taken, then or now, or on too few documents, say nothing.
        """
        compared = self._comparable(situation)
        if not compared:
            return self.says(self._silence(situation), fired=False, value=None, threshold=None)
        return self._told(*min(compared, key=lambda triple: self._room(*triple[1:])))

    def _comparable(self, situation: Situation) -> list[tuple[Measure, Interval, Interval]]:
        found = situation.performance.measures if situation.performance else ()
        return [
            (one, one.now, one.then)
            for one in found
            if one.name in self.measures and one.documents >= self.least and one.then is not None
            if all(math.isfinite(end) for end in (one.now.low, one.now.high, one.then.low, one.then.high))
        ]

    def _room(self, now: Interval, then: Interval) -> float:
        """How far it could still fall; negative once it fell too far."""
        return now.high - (then.low - self.drop)

    def _told(self, measure: Measure, now: Interval, then: Interval) -> Evaluation:
        fired = self._room(now, then) < 0
        verdict = "lies wholly below that" if fired else "is not beyond noise"
        reason = (
            f"{measure.name} is {now.value:.3f} ({now.low:.3f} to {now.high:.3f}) on "
            f"{counted(measure.documents, 'document')}, at registration it was {then.value:.3f} ({then.low:.3f} to "
            f"{then.high:.3f}): with {self.drop:g} allowed, this {verdict}."
        )
        return self.says(reason, fired=fired, value=now.high, threshold=then.low - self.drop)

    def _silence(self, situation: Situation) -> str:
        names = ", ".join(self.measures)
        if situation.performance is None:
            return f"No check has measured {names} of version {situation.version} yet."
        return f"None of {names} was measured at registration and now on {counted(self.least, 'document')} at least."
