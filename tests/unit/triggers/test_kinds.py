"""Each trigger fires on what it is for, at its edge and not before, and says so with numbers."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from evertopic.records import Situation
from evertopic.triggers import Age, Drift, Feedback, Manual, PerformanceDrop, Trigger, Unassigned, Volume
from tests.unit.triggers.situations import DAY, NOW, measure, performance, report, situation, verdict


def fired(trigger: Trigger, of: Situation) -> bool:
    return trigger.evaluate(of).fired


@pytest.mark.parametrize(("days", "fires"), [(89.9, False), (90, True), (200, True)])
def test_age(days: float, fires: bool) -> None:
    """From the day on, with both numbers in words."""
    told = Age(days=90).evaluate(situation(trained_at=NOW - days * DAY))
    assert told.fired is fires
    assert (told.value, told.threshold) == (pytest.approx(days), 90)
    assert told.reason == f"Version 3 was trained {days:.1f} days ago, the limit is 90."


def test_a_model_from_the_future_is_not_old() -> None:
    """A clock that was set back by a year does not retrain, and is told."""
    told = Age(days=1).evaluate(situation(trained_at=NOW + 365 * DAY))
    assert not told.fired
    assert "365.0 days in the future" in told.reason


@pytest.mark.parametrize(
    ("settings", "new", "fires"),
    [
        ({"share": 0.5}, 499, False),
        ({"share": 0.5}, 500, True),
        ({"documents": 300, "share": None}, 299, False),
        ({"documents": 300, "share": None}, 300, True),
        ({"documents": 800, "share": 0.5}, 799, False),  # the larger of 800 and 500
        ({"documents": 100, "share": 0.5}, 499, False),  # the larger of 100 and 500
    ],
)
def test_volume(settings: dict[str, Any], new: int, fires: bool) -> None:
    """From the larger limit on, of the 1,000 trained documents."""
    assert fired(Volume(**settings), situation(new_documents=new)) is fires


def test_volume_needs_a_new_document() -> None:
    """Where nobody knows what the model was trained on, a share of it is not reached by nothing."""
    unknown = situation(new_documents=0, trained_documents=0)
    assert not fired(Volume(), unknown)
    assert fired(Volume(), replace(unknown, new_documents=1))


def test_volume_without_a_limit() -> None:
    """Two nulls are a fault of the config."""
    with pytest.raises(ValidationError, match="both null"):
        Volume(share=None)


THEN = (0.86, 0.83, 0.89)


@pytest.mark.parametrize(
    ("now", "fires"),
    [
        ((0.71, 0.66, 0.76), True),  # 0.76 < 0.83 - 0.02
        ((0.78, 0.74, 0.82), False),  # below 0.83, but by less than 0.02
        ((0.70, 0.55, 0.85), False),  # much worse, but within noise
        ((0.90, 0.87, 0.93), False),
    ],
)
def test_performance(now: tuple[float, float, float], fires: bool) -> None:
    """Only an interval wholly below the one at registration, by more than the drop, is a reason."""
    told = PerformanceDrop().evaluate(situation(performance=performance(measure("accuracy", now, THEN))))
    assert told.fired is fires
    assert (told.value, told.threshold) == (now[2], pytest.approx(0.81))
    assert f"accuracy is {now[0]:.3f} ({now[1]:.3f} to {now[2]:.3f}) on 200 documents" in told.reason


def test_performance_speaks_of_the_worst() -> None:
    """Of several measures the one that fell most is told, whatever their order."""
    fine, bad = measure("coherence", (0.5, 0.45, 0.55), (0.5, 0.45, 0.55)), measure("macro_f1", (0.2, 0.1, 0.3), THEN)
    for order in ((fine, bad), (bad, fine)):
        assert PerformanceDrop().evaluate(situation(performance=performance(*order))).reason.startswith("macro_f1 is")


@pytest.mark.parametrize(
    "silent",
    [
        measure("accuracy", (0.1, 0.0, 0.2), None),
        measure("accuracy", (0.1, 0.0, 0.2), THEN, documents=49),
        measure("accuracy", (0.1, float("nan"), float("nan")), THEN),
        measure("strength", (0.1, 0.0, 0.2), THEN),
    ],
)
def test_performance_that_is_unknown_is_no_reason(silent: Any) -> None:
    """Not measured then, on too few documents, not a number, or another measure: nothing is known, and it says so."""
    told = PerformanceDrop().evaluate(situation(performance=performance(silent)))
    assert (told.fired, told.value) == (False, None)
    assert "None of accuracy, macro_f1, coherence was measured" in told.reason
    assert "No check has measured" in PerformanceDrop().evaluate(situation(performance=None)).reason


def test_drift() -> None:
    """One detector that speaks of a new subject is enough; other proportions are not asked about."""
    assert fired(Drift(), situation(drift=(report(verdict("drift")),)))
    assert not fired(Drift(), situation(drift=(report(verdict()),)))
    mix = report(verdict(), verdict("drift", about="other proportions"))
    assert not fired(Drift(), situation(drift=(mix,)))
    assert fired(Drift(about=("new subject", "other proportions")), situation(drift=(mix,)))


def test_drift_votes_and_level() -> None:
    """A verdict below the level is no vote, and too few votes are no reason."""
    low = report(verdict("drift", level="low"), verdict("drift", level="high"), verdict())
    told = Drift(votes=2).evaluate(situation(drift=(low,)))
    assert (told.fired, told.value, told.threshold) == (True, 2, 2)
    told = Drift(votes=2, level="medium").evaluate(situation(drift=(low,)))
    assert (told.fired, told.value) == (False, 1)
    assert "1 detector of 3 said new subject, at level medium or above (2 needed)." in told.reason
    assert "About 20 % of the window is concerned." in told.reason


def test_drift_in_a_row() -> None:
    """So many checks without a quiet one between; silent ones do not count, but the newest must speak."""
    yes, no, silent = (report(verdict(state)) for state in ("drift", "none", "refused"))
    twice = Drift(checks=2)
    assert fired(twice, situation(drift=(yes, yes, no)))
    assert fired(twice, situation(drift=(yes, silent, yes)))
    assert not fired(twice, situation(drift=(yes, no, yes)))
    assert not fired(twice, situation(drift=(no, yes, yes)))
    assert not fired(twice, situation(drift=(silent, yes, yes)))
    assert not fired(twice, situation(drift=(yes,)))
    assert "in 1 check in a row (2 needed)" in twice.evaluate(situation(drift=(yes, no))).reason


def test_drift_that_nobody_looked_for() -> None:
    """Before the first check, and where every detector refused, it says why it cannot say."""
    assert Drift().evaluate(situation(drift=())).reason == "No check of version 3 has looked for new subject yet."
    refused = report(verdict("refused", said="mmd needs 50 documents, this window has 3."))
    told = Drift().evaluate(situation(drift=(refused,)))
    assert not told.fired
    assert told.reason == "The last check could not tell: mmd needs 50 documents, this window has 3."
    assert not fired(Drift(), situation(drift=(report(),)))


def said(*words: tuple[int, int]) -> Situation:
    return situation(wrong_by=tuple((f"person {at}", right, wrong) for at, (right, wrong) in enumerate(words)))


@pytest.mark.parametrize(
    ("words", "fires"),
    [
        ([(7, 3)] * 3, True),  # 9 of 30 words: at the limit
        ([(7, 3)] * 2 + [(8, 2)], False),  # 8 of 30
        ([(0, 9)] * 3, False),  # 27 words, 30 needed
        ([(0, 10)] * 3, True),
        ([(0, 500)], False),  # one person alone
        ([(0, 500), (10, 0), (10, 0)], False),  # a third of the words, but one person alone
        ([(0, 500), (9, 1), (10, 0)], True),
        ([], False),
        ([(0, 0)] * 50, False),
    ],
)
def test_feedback(words: list[tuple[int, int]], fires: bool) -> None:
    """Share, number of words and number of people are all needed; one person counts for ten words."""
    assert fired(Feedback(), said(*words)) is fires


def test_feedback_of_one_person_is_cut_alike() -> None:
    """Of 100 words of which 20 say wrong, 10 count and 2 of them say wrong: 2 of 10 is 20 %."""
    told = Feedback().evaluate(said((80, 20)))
    assert told.value == pytest.approx(0.2)
    assert "20 % of 10 words of feedback that count say wrong" in told.reason


def test_feedback_that_one_could_decide() -> None:
    """A config in which one person's words were enough is refused."""
    with pytest.raises(ValidationError, match="one person alone would decide"):
        Feedback(least=10)


@pytest.mark.parametrize(("low", "fires"), [(0.09, False), (0.10, False), (0.11, True)])
def test_unassigned(low: float, fires: bool) -> None:
    """The lower end must be above twice the budget of 5 %."""
    found = performance(measure("unassigned", (0.15, low, 0.2), None))
    told = Unassigned().evaluate(situation(performance=found))
    assert told.fired is fires
    assert (told.value, told.threshold) == (low, pytest.approx(0.1))
    assert f"15 % of 200 documents belong to no topic ({low * 100:.0f} % to 20 %)" in told.reason


def test_unassigned_without_a_budget() -> None:
    """A budget of nothing still allows the floor: texts without a word belong to no topic."""
    few = performance(measure("unassigned", (0.03, 0.01, 0.06), None))
    assert not fired(Unassigned(), situation(performance=few, unassigned_budget=0.0))
    assert not fired(Unassigned(), situation(performance=None))


def test_manual() -> None:
    """Somebody asked, in their own words; an empty word is a word."""
    assert not fired(Manual(), situation())
    told = Manual().evaluate(situation(asked="new labels"))
    assert (told.fired, told.reason) == (True, "A person asked for a retraining: new labels")
    assert fired(Manual(), situation(asked=""))
