"""Reasons to retrain. The union is the only list of kinds."""

from typing import Annotated

from pydantic import Field

from evertopic.triggers.age import Age
from evertopic.triggers.drift import Drift
from evertopic.triggers.feedback import Feedback
from evertopic.triggers.manual import Manual
from evertopic.triggers.performance import PerformanceDrop
from evertopic.triggers.unassigned import Unassigned
from evertopic.triggers.volume import Volume

Trigger = Annotated[
    Age | Volume | PerformanceDrop | Drift | Feedback | Unassigned | Manual, Field(discriminator="kind")
]

__all__ = ["Age", "Drift", "Feedback", "Manual", "PerformanceDrop", "Trigger", "Unassigned", "Volume"]
