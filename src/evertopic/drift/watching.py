"""What is watched, how large a window is, and how many false alarms are acceptable."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, field_validator, model_validator

from evertopic.drift import Detector, Look, Novelty, TopicMix
from evertopic.drift.features import Features
from evertopic.drift.levels import Levels
from evertopic.drift.strength import Strength
from evertopic.drift.topics import Topics
from evertopic.drift.vocabulary import Vocabulary
from evertopic.records import About, DriftVerdict, Sample

_BUDGET = re.compile(r"(?P<alarms>\d+(?:\.\d+)?) per (?P<days>\d+(?:\.\d+)?) days?")
MOST_A_CHECK = 0.5


class WindowRule(BaseModel):
    """Which documents a check looks at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: PositiveFloat | None = None
    documents: PositiveInt | None = None
    """With neither: all since the last check that had enough of them."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.days and self.documents:
            raise ValueError("days and documents are both given: give one, or none for all since the last check")
        return self


class MonitorRule(BaseModel):
    """How a loop is watched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window: WindowRule = WindowRule()
    false_alarms: Annotated[float, Field(gt=0, le=MOST_A_CHECK)] | str = "1 per 30 days"
    """Of each of the verdicts: so many in so many days, or a rate of the checks."""
    checks_per_day: PositiveFloat = 24
    """That have enough documents; what a budget in days is shared among."""
    levels: Levels = Levels()
    detectors: tuple[Detector, ...] = (Novelty(), TopicMix(), Features(), Vocabulary(), Strength(), Topics())

    @field_validator("false_alarms")
    @classmethod
    def _readable(cls, given: float | str) -> float | str:
        if isinstance(given, str) and not ((found := _BUDGET.fullmatch(given)) and all(map(float, found.groups()))):
            raise ValueError(f"{given!r} is no budget: write for instance `1 per 30 days`, or a rate such as 0.01")
        return given

    @property
    def rate(self) -> float:
        """The share of checks that may raise a false alarm, of each verdict."""
        if not isinstance(self.false_alarms, str):
            return self.false_alarms
        found = _BUDGET.fullmatch(self.false_alarms)
        assert found is not None, "checked when the config was read"  # noqa: S101 - for the type
        return min(MOST_A_CHECK, float(found["alarms"]) / (float(found["days"]) * self.checks_per_day))

    def alpha(self, about: About) -> float:
        """What one detector may spend on one look: its verdict's rate, shared among the detectors that speak of it.

        Bonferroni's bound, over detectors as over repeated looks: right however much they depend on one another.
        """
        return self.rate / max(1, sum(detector.about == about for detector in self.detectors))


def watch(
    rule: MonitorRule,
    reference: Sample,
    window: Sample,
    topics: Sequence[tuple[str, str]],
    history: Sequence[Mapping[str, int]],
    seed: int,
    scores: Mapping[str, tuple[float, ...]] | None = None,
) -> tuple[DriftVerdict, ...]:
    """The verdict of each detector, in the order of the config.

    Args:
        rule: what is watched.
        reference: documents from the training of the model.
        window: documents that came lately.
        topics: (key, name) of the model's topics, in their order.
        history: documents by topic key of ordinary windows of the past.
        seed: of whatever is drawn.
        scores: by detector, its statistics on ordinary windows of the past.
    """
    known = (tuple(topics), tuple(history), rule.levels, scores or {})
    return tuple(
        detector.judge(reference, window, Look(rule.alpha(detector.about), seed, *known)) for detector in rule.detectors
    )


def scores_of(checks: Sequence[Sequence[DriftVerdict]]) -> dict[str, tuple[float, ...]]:
    """By detector, the statistics of the verdicts that were no alarm."""
    found: dict[str, tuple[float, ...]] = {}
    for verdict in (one for check in checks for one in check):
        if verdict.state == "none" and verdict.statistic is not None:
            found[verdict.detector] = (*found.get(verdict.detector, ()), verdict.statistic)
    return found
