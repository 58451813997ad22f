"""The gate: what a challenger must show before it takes the champion's place."""

from evertopic.quality.gate.checks import Shown
from evertopic.quality.gate.measures import Answers, Gauged, gauge, yardstick
from evertopic.quality.gate.paired import Paired, compared, fewer, spread
from evertopic.quality.gate.rule import ApprovalRule, GateRule
from evertopic.quality.gate.verdicts import decide

__all__ = [
    "Answers",
    "ApprovalRule",
    "GateRule",
    "Gauged",
    "Paired",
    "Shown",
    "compared",
    "decide",
    "fewer",
    "gauge",
    "spread",
    "yardstick",
]
