from datetime import UTC, datetime, timedelta

import pytest

from evertopic.quality.trend import trend

NOW = datetime(2026, 3, 31, tzinfo=UTC)


def days(*values: float, step: float = 1.0) -> list[tuple[datetime, float]]:
    """The last of the values now, one a day before it."""
    return [(NOW - timedelta(days=step * back), value) for back, value in enumerate(reversed(values))]


def test_known_slope() -> None:
    """0.5, 0.6 ... 1.0 on six days: every pair of days differs by 0.1 a day, so do the median and the interval."""
    direction, slope = trend(days(0.5, 0.6, 0.7, 0.8, 0.9, 1.0), NOW, "higher")
    assert direction == "improving"
    assert slope is not None
    assert (slope.value, slope.low, slope.high) == pytest.approx((0.1, 0.1, 0.1))


def test_which_way_is_good() -> None:
    """The same rise is degrading where less is better, and a fall degrading where more is."""
    rising = days(0.1, 0.2, 0.3, 0.4, 0.5)
    assert trend(rising, NOW, "lower")[0] == "degrading"
    assert trend(rising[::-1], NOW, "lower")[0] == "degrading"  # the order of the list says nothing
    assert trend(days(0.5, 0.4, 0.3, 0.2, 0.1), NOW, "higher")[0] == "degrading"


def test_one_bad_day_is_no_trend() -> None:
    """An outage on the last day leaves a constant measure stable, with slope 0."""
    direction, slope = trend(days(0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.1), NOW, "higher")
    assert direction == "stable"
    assert slope is not None
    assert slope.value == 0


def test_constant() -> None:
    """What does not move is stable, its interval is [0, 0]."""
    direction, slope = trend(days(0.3, 0.3, 0.3, 0.3, 0.3), NOW, "lower")
    assert direction == "stable"
    assert slope is not None
    assert (slope.low, slope.high) == (0, 0)


@pytest.mark.parametrize(
    "past",
    [
        [],
        days(0.1, 0.2, 0.3, 0.4),
        [(NOW, 0.1)] * 9,  # nine times the same moment
        days(0.1, 0.2, 0.3, 0.4, float("nan")),
        days(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, step=8),  # only four of the last 30 days
    ],
    ids=["empty", "four", "one moment", "nan", "long ago"],
)
def test_too_few(past: list[tuple[datetime, float]]) -> None:
    """Fewer than five checks at different times in the last 30 days say nothing."""
    assert trend(past, NOW, "higher") == ("unknown", None)
