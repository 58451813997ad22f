"""Too much of what comes in belongs to no topic."""

import math
from typing import Annotated, Literal

from pydantic import Field

from evertopic.records import Evaluation, Situation
from evertopic.triggers.base import Priority, Share, TriggerKind, counted, percent


class Unassigned(TriggerKind):
    """Fires when the share without a topic is above the outlier budget of the config, beyond noise."""

    kind: Literal["unassigned"] = "unassigned"
    factor: Annotated[float, Field(ge=1)] = 2.0
    """So many times the budget is allowed."""
    floor: Share = 0.05
    """At least this share is allowed, however small the budget."""
    priority: Priority = 3

    def evaluate(self, situation: Situation) -> Evaluation:
        """Fires when the lower end of the interval is above what is allowed: `value` and `threshold`."""
        allowed = max(situation.unassigned_budget * self.factor, self.floor)
        measure = situation.performance.get("unassigned") if situation.performance else None
        if measure is None or not math.isfinite(measure.now.low):
            silent = f"No check has measured the unassigned share of version {situation.version} yet."
            return self.says(silent, fired=False, value=None, threshold=allowed)
        now = measure.now
        fired = now.low > allowed
        reason = (
            f"{percent(now.value)} of {counted(measure.documents, 'document')} belong to no topic "
            f"({percent(now.low)} to {percent(now.high)}): {'above' if fired else 'not beyond noise above'} the "
            f"{percent(allowed)} allowed, for a budget of {percent(situation.unassigned_budget)}."
        )
        return self.says(reason, fired=fired, value=now.low, threshold=allowed)
