"""Windows of the past: stretches of the reference, and one more window beside them."""

import numpy as np
import pytest

from evertopic.drift.consecutive import beside, standardised, stretches


def seconds(count):
    return np.datetime64("2026-01-01", "s") + np.arange(count) * np.timedelta64(60, "s")


def test_stretches_are_consecutive_and_each_document_is_in_one():
    """200 documents in any order, windows of 20: ten stretches by time, which cover everything once."""
    order = np.random.default_rng(0).permutation(200)
    parts = stretches(seconds(200)[order], 20)
    assert len(parts) == 8  # 200 // 25: no stretch is smaller than 25 documents
    assert np.sum(parts, axis=0).tolist() == [1] * 200
    assert all(np.ptp(order[part]) == 24 for part in parts)


@pytest.mark.parametrize("times", [seconds(199), np.full(400, np.datetime64("NaT", "s"))])
def test_without_times_or_with_too_few_documents_nothing_is_known(times):
    """Seven stretches of 25 are too few; documents without a time have no order."""
    assert stretches(times, 20) == []


def test_one_unknown_time_is_enough():
    """The order of the others says nothing of consecutive windows."""
    times = seconds(400)
    times[7] = np.datetime64("NaT")
    assert stretches(times, 20) == []


def test_one_more_window_of_the_past_is_ordinary():
    """Scores of -1 and 1 have mean 0 and, of eight, deviation 1.07: 0 is in the middle, 20 deviations are not."""
    past = [-1.0, 1.0] * 4
    assert beside(0.0, past) == pytest.approx(0.5)
    assert beside(20.0, past) < 1e-5


def test_a_restless_past_asks_for_more():
    """The same score is rarer beside a calm past than beside one that scored up to 6."""
    assert beside(4.0, [0.0] * 8) < 0.01
    assert beside(4.0, [0.0, 6.0] * 4) > 0.3


def test_a_past_is_never_calmer_than_chance():
    """Eight scores of -3 count as mean 0 and deviation 1: Student's distribution with 7 degrees, 2 / sqrt(1 + 1/8)."""
    assert beside(2.0, [-3.0] * 8) == pytest.approx(0.0506, abs=1e-3)


def test_seven_windows_say_nothing():
    """Fewer than eight stand in no alarm's way."""
    assert beside(0.0, [0.0] * 7) == 0.0


def test_a_score_counts_deviations_of_drawn_windows():
    """The sum of a window that holds the ten largest of 100 numbers is far above drawn ones; a constant one is not."""
    window, strata = np.arange(100) >= 90, np.zeros(100, np.int32)
    assert standardised(lambda labels: float(np.flatnonzero(labels).sum()), window, strata, 0) > 4
    assert standardised(lambda labels: 1.0, window, strata, 0) == 0.0
