"""All triggers of a loop together."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, PositiveInt, model_validator

from evertopic.records import Evaluation, Situation
from evertopic.triggers import Age, Drift, Feedback, Manual, PerformanceDrop, Trigger, Unassigned

DEFAULT: tuple[Trigger, ...] = (Drift(), PerformanceDrop(), Feedback(), Unassigned(), Age())


class TriggerRule(BaseModel):
    """Which triggers a loop has, and how many of them must fire."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    combine: Literal["any", "all", "at_least"] = "any"
    at_least: PositiveInt | None = None
    """With `combine: at_least`, so many."""
    kinds: tuple[Trigger, ...] = DEFAULT
    """`manual` is always among them, and always speaks alone."""

    @model_validator(mode="after")
    def _countable(self) -> Self:
        if (self.combine == "at_least") != (self.at_least is not None):
            found = "null" if self.at_least is None else self.at_least
            raise ValueError(
                f"combine is {self.combine} and at_least {found}: set at_least with combine: at_least alone"
            )
        if self.at_least is not None and self.at_least > len(self._voting()):
            raise ValueError(f"at_least is {self.at_least}, and only {len(self._voting())} triggers can fire")
        return self

    @property
    def needed(self) -> int:
        """How many triggers must fire."""
        if self.combine == "all":
            return max(len(self._voting()), 1)
        return self.at_least or 1

    def _voting(self) -> tuple[Trigger, ...]:
        return tuple(one for one in self.kinds if not isinstance(one, Manual))


def evaluate_all(rule: TriggerRule, situation: Situation) -> tuple[tuple[Evaluation, ...], bool]:
    """What every trigger of the rule says, and whether they fire together.

    A person's request fires alone, also where the rule does not name `manual`.
    """
    kinds = rule.kinds if any(isinstance(one, Manual) for one in rule.kinds) else (*rule.kinds, Manual())
    evaluations = tuple(one.evaluate(situation) for one in kinds)
    asked = any(one.fired for one in evaluations if one.trigger == "manual")
    votes = sum(one.fired for one in evaluations if one.trigger != "manual")
    return evaluations, asked or votes >= rule.needed


def in_words(rule: TriggerRule, evaluations: Sequence[Evaluation], *, fired: bool) -> str:
    """Why the triggers fire together or not, in a sentence or two, the most urgent reason first."""
    spoke = sorted((one for one in evaluations if one.fired), key=lambda one: one.priority)
    reasons = " ".join(f"{one.trigger}: {one.reason}" for one in spoke)
    voting = [one for one in evaluations if one.trigger != "manual"]
    if fired:
        return reasons
    if spoke:
        return f"Only {len(spoke)} of the {rule.needed} triggers needed fired. {reasons}"
    return f"None of {len(voting)} triggers fired."
