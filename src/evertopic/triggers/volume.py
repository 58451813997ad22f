"""Much is new."""

from typing import Literal, Self

from pydantic import PositiveFloat, PositiveInt, model_validator

from evertopic.records import Evaluation, Situation
from evertopic.triggers.base import Priority, TriggerKind, counted, percent


class Volume(TriggerKind):
    """Fires when so many documents came in since the champion was trained; where both limits are set, on the larger."""

    kind: Literal["volume"] = "volume"
    documents: PositiveInt | None = None
    """So many."""
    share: PositiveFloat | None = 1.0
    """So many for each trained document; 1: as many as it was trained on."""
    priority: Priority = 5

    @model_validator(mode="after")
    def _limited(self) -> Self:
        if self.documents is None and self.share is None:
            raise ValueError("documents and share are both null: set one of them, or leave the trigger out")
        return self

    def evaluate(self, situation: Situation) -> Evaluation:
        """Fires from the larger of both limits on; never without a new document."""
        needed = max(self.documents or 0, (self.share or 0) * situation.trained_documents, 1)
        new = situation.new_documents
        of_trained = (
            f", {percent(self.share)} of the {situation.trained_documents:,} trained ones" if self.share else ""
        )
        at_least = f"{' and' if self.share else ','} {self.documents:,} at least" if self.documents else ""
        reason = (
            f"{counted(new, 'document')} came in since version {situation.version} was trained, the limit is "
            f"{needed:,.0f}{of_trained}{at_least}."
        )
        return self.says(reason, fired=new >= needed, value=new, threshold=needed)
