"""Triggers together: any, all, at least so many; a person alone."""

from typing import Any

import pytest
from pydantic import ValidationError

from evertopic.triggers.rule import TriggerRule, evaluate_all, in_words
from tests.unit.triggers.situations import DAY, NOW, report, situation, verdict

OLD, DRIFTED = {"trained_at": NOW - 100 * DAY}, {"drift": (report(verdict("drift")),)}
TWO = [{"kind": "age"}, {"kind": "drift"}]


def rule(combine: str = "any", at_least: int | None = None, kinds: Any = TWO) -> TriggerRule:
    return TriggerRule.model_validate({"combine": combine, "at_least": at_least, "kinds": kinds})


@pytest.mark.parametrize(
    ("combine", "at_least", "of", "fires"),
    [
        ("any", None, {}, False),
        ("any", None, OLD, True),
        ("all", None, OLD, False),
        ("all", None, OLD | DRIFTED, True),
        ("at_least", 1, OLD, True),
        ("at_least", 2, OLD, False),
        ("at_least", 2, OLD | DRIFTED, True),
        ("at_least", 2, {"asked": "now"}, True),
        ("all", None, {"asked": "now"}, True),
    ],
)
def test_combined(combine: str, at_least: int | None, of: dict[str, Any], fires: bool) -> None:
    """As many as the rule needs; a person needs nobody."""
    evaluations, fired = evaluate_all(rule(combine, at_least), situation(**of))
    assert fired is fires
    assert [one.trigger for one in evaluations] == ["age", "drift", "manual"]


def test_without_triggers_only_a_person_retrains() -> None:
    """No kinds: nothing fires, combined in any way."""
    for combine in ("any", "all"):
        assert not evaluate_all(rule(combine, kinds=[]), situation(**OLD, **DRIFTED))[1]
        assert evaluate_all(rule(combine, kinds=[]), situation(asked="now"))[1]


def test_manual_in_the_list_is_no_vote() -> None:
    """`all` with `manual` in the list needs all others."""
    both = rule("all", kinds=[*TWO, {"kind": "manual", "priority": 4}])
    assert evaluate_all(both, situation(**OLD, **DRIFTED))[1]
    evaluations, _ = evaluate_all(both, situation())
    assert [(one.trigger, one.priority) for one in evaluations][-1] == ("manual", 4)


@pytest.mark.parametrize(
    ("combine", "at_least", "match"),
    [("any", 2, "at_least alone"), ("at_least", None, "at_least null"), ("at_least", 3, "only 2 triggers")],
)
def test_faults(combine: str, at_least: int | None, match: str) -> None:
    """A number without its word, a word without its number, more than there are."""
    with pytest.raises(ValidationError, match=match):
        rule(combine, at_least)


def test_an_ordinary_busy_week_does_not_retrain() -> None:
    """With the defaults: other proportions, other texts and five times the usual volume are no reason."""
    busy = report(verdict(), verdict("drift", about="other proportions", level="high"), verdict("drift", about="model"))
    evaluations, fired = evaluate_all(TriggerRule(), situation(drift=(busy,) * 5, new_documents=5_000))
    assert not fired
    assert in_words(TriggerRule(), evaluations, fired=fired) == "None of 5 triggers fired."


def test_in_words() -> None:
    """The most urgent reason first; too few are told with their reasons."""
    evaluations, _ = evaluate_all(rule(), situation(**OLD, **DRIFTED))
    told = in_words(rule(), evaluations, fired=True)
    assert told.startswith("drift: 1 detector of 1 said new subject")
    assert told.endswith("age: Version 3 was trained 100.0 days ago, the limit is 90.")
    evaluations, fired = evaluate_all(rule("all"), situation(**OLD))
    assert in_words(rule("all"), evaluations, fired=fired).startswith("Only 1 of the 2 triggers needed fired. age: ")
