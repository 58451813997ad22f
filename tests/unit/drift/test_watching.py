"""The budget of false alarms, and who spends it."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from evertopic.drift import Novelty, TopicMix
from evertopic.drift.mmd import Mmd
from evertopic.drift.watching import MonitorRule, WindowRule, watch
from evertopic.records import About
from tests.unit.drift.spheres import KEYS, reference, window

ABOUTS: tuple[About, ...] = get_args(About)


@pytest.mark.parametrize(
    ("given", "checks", "rate"),
    [
        ("1 per 30 days", 24, 1 / 720),  # 30 * 24 checks
        ("1 per 30 days", 1, 1 / 30),
        ("2 per 7 days", 24, 2 / 168),
        ("0.5 per 1 day", 2, 0.25),
        ("9 per 1 day", 2, 0.5),  # more alarms than checks: every second one at most
        (0.01, 24, 0.01),
    ],
)
def test_rate(given: Any, checks: float, rate: float) -> None:
    """Alarms over days and checks a day; a rate is a rate, however often is checked."""
    assert MonitorRule(false_alarms=given, checks_per_day=checks).rate == pytest.approx(rate)


@pytest.mark.parametrize(
    "given", ["often", "0 per 30 days", "1 per 0 days", "1 per 0.0 days", "-1 per 3 days", "0.01", 0, 0.6, 1, -0.1]
)
def test_no_budget(given: Any) -> None:
    """What cannot be kept is refused when the config is read, never at the first check."""
    with pytest.raises(ValidationError):
        MonitorRule(false_alarms=given)


def test_a_wrong_budget_is_told_how_to_be_written() -> None:
    """The sentence gives an example."""
    with pytest.raises(ValidationError, match="`1 per 30 days`"):
        MonitorRule(false_alarms="now and then")


def test_detectors_share_the_budget_of_their_verdict() -> None:
    """Two of other proportions have half each; the one of a new subject has its own."""
    rule = MonitorRule(false_alarms=0.06, detectors=(Novelty(), TopicMix(), Mmd()))
    assert rule.alpha("new subject") == pytest.approx(0.06)
    assert rule.alpha("other proportions") == pytest.approx(0.03)


def test_no_verdict_spends_more_than_the_budget() -> None:
    """Whoever is asked, by default: the parts of each verdict are at most the rate together."""
    rule = MonitorRule()
    for about in ABOUTS:
        spent = sum(rule.alpha(one.about) for one in rule.detectors if one.about == about)
        assert spent <= rule.rate * (1 + 1e-12)


def test_days_or_documents() -> None:
    """A window has one end."""
    with pytest.raises(ValidationError, match="both given"):
        WindowRule(days=1, documents=100)
    assert WindowRule() == WindowRule(days=None)


def test_all_detectors_in_the_order_of_the_config() -> None:
    """Each says something with its own threshold, also where it refuses."""
    rule = MonitorRule(false_alarms=0.06)
    found = watch(rule, reference(), window(), KEYS, (), 0)
    assert [one.detector for one in found] == [one.kind for one in rule.detectors]
    assert [one.threshold for one in found] == [rule.alpha(one.about) for one in rule.detectors]
    refused = {one.detector for one in found if one.state == "refused"}
    assert refused == {"topic_mix"}
    assert "it has seen 0" in next(one.said for one in found if one.state == "refused")


def test_nothing_to_watch_with() -> None:
    """No detector, no verdict."""
    assert watch(MonitorRule(detectors=()), reference(), window(), KEYS, (), 0) == ()
