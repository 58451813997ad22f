"""Which notices go out."""

from datetime import timedelta
from typing import Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field

from evertopic.records import Notice, NoticeEvent, Severity

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the least to the most severe."""


class NotifyRule(BaseModel):
    """Of what people are told. Where to is a secret, and comes from EVERTOPIC_NOTIFY."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    events: tuple[NoticeEvent, ...] = get_args(NoticeEvent)
    cool_down: Annotated[timedelta, Field(ge=timedelta(0))] = timedelta(hours=1)
    """For so long nobody is told the same event of the same subject again."""
    least_severity: Severity = "info"

    def asks_for(self, notice: Notice) -> bool:
        """True when somebody wants to hear of it.

        >>> late = Notice("demo", "retraining finished", "version 4", "info", "Done.", "")
        >>> NotifyRule().asks_for(late), NotifyRule(least_severity="warning").asks_for(late)
        (True, False)
        """
        severe = SEVERITIES.index(notice.severity) >= SEVERITIES.index(self.least_severity)
        return severe and notice.event in self.events
