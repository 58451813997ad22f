"""What every kind of trigger promises, proved once for all of them."""

from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from evertopic.records import Situation
from evertopic.triggers import Age, Drift, Feedback, Manual, PerformanceDrop, Trigger, Unassigned, Volume
from evertopic.triggers.base import TriggerKind
from tests.unit.triggers.situations import DAY, NOW, measure, performance, report, situation, verdict

KINDS: tuple[type[TriggerKind], ...] = get_args(get_args(Trigger)[0])
THEN = (0.8, 0.75, 0.85)
LOUD: dict[type[TriggerKind], dict[str, Any]] = {
    Age: {"trained_at": NOW - 1_000 * DAY},
    Volume: {"new_documents": 10**6},
    PerformanceDrop: {"performance": performance(measure("accuracy", (0.1, 0.05, 0.15), THEN))},
    Drift: {"drift": (report(verdict("drift")),)},
    Feedback: {"wrong_by": (("ann", 0, 50), ("bob", 0, 50), ("cy", 0, 50))},
    Unassigned: {"performance": performance(measure("unassigned", (0.9, 0.85, 0.95), None))},
    Manual: {"asked": "because"},
}
BARE = {"drift": (), "performance": None, "trained_documents": 0, "new_documents": 0, "trained_at": NOW}
ODD = [
    situation(**BARE),
    situation(**(BARE | {"trained_at": NOW + DAY})),
    situation(drift=(report(),), performance=performance(), unassigned_budget=0.0),
    situation(
        performance=performance(*(measure(name, (float("nan"),) * 3, THEN) for name in ("accuracy", "unassigned")))
    ),
    situation(drift=(report(verdict("refused", statistic=None, p=None, threshold=None, size=None)),)),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request: pytest.FixtureRequest) -> type[TriggerKind]:
    one: type[TriggerKind] = request.param
    return one


def test_every_kind_is_here() -> None:
    """A new kind in the union must say what makes it fire, and have a name of its own."""
    assert set(KINDS) == set(LOUD)
    assert len({kind().kind for kind in KINDS}) == len(KINDS)


def test_it_fires_alone_on_what_it_is_for(kind: type[TriggerKind]) -> None:
    """In its own situation it fires, in the quiet one and in those of all others it does not."""
    assert kind().evaluate(situation(**LOUD[kind])).fired
    assert not kind().evaluate(situation()).fired
    for other, loud in LOUD.items():
        assert kind().evaluate(situation(**loud)).fired is (other is kind)


@pytest.mark.parametrize("odd", ODD)
def test_what_is_not_known_does_not_fire(kind: type[TriggerKind], odd: Situation) -> None:
    """Nothing checked, nothing measured, everything refused, no number, a clock set back: no reason, and a sentence."""
    told = kind().evaluate(odd)
    assert not told.fired
    assert_told(kind, told.reason)


def test_it_says_why_and_why_not(kind: type[TriggerKind]) -> None:
    """A sentence both times, its own name, its priority; the value found passes the threshold when it fires."""
    for of, priority in ((situation(), 1), (situation(**LOUD[kind]), 5)):
        told = kind(priority=priority).evaluate(of)
        assert (told.trigger, told.priority) == (kind().kind, priority)
        assert_told(kind, told.reason)


def assert_told(kind: type[TriggerKind], reason: str) -> None:
    assert len(reason) > 20
    assert "nan" not in reason
    assert kind is Manual or reason.endswith(".")


def test_it_is_a_config(kind: type[TriggerKind]) -> None:
    """Its name picks it, it comes back from JSON, is frozen, refuses typos and priorities beyond 1 to 5."""
    written = {"kind": kind().kind}
    made = TypeAdapter[BaseModel](Trigger).validate_python(written)
    assert type(made) is kind
    assert kind.model_validate_json(made.model_dump_json()) == made
    with pytest.raises(ValidationError, match="frozen"):
        made.kind = "other"  # type: ignore[attr-defined]
    for wrong in ({"colour": "red"}, {"priority": 0}, {"priority": 6}):
        with pytest.raises(ValidationError):
            kind.model_validate(written | wrong)
    assert kind.__doc__
