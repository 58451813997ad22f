"""A person asks for it."""

from typing import Literal

from evertopic.records import Evaluation, Situation
from evertopic.triggers.base import Priority, TriggerKind


class Manual(TriggerKind):
    """Fires when a person asked for a retraining; it needs no other trigger, however they are combined."""

    kind: Literal["manual"] = "manual"
    priority: Priority = 1

    def evaluate(self, situation: Situation) -> Evaluation:
        """Fires when somebody asked, with the words they gave."""
        asked = situation.asked is not None
        why = situation.asked or "no reason was given"
        reason = f"A person asked for a retraining: {why}" if asked else "Nobody asked for a retraining."
        return self.says(reason, fired=asked, value=None, threshold=None)
