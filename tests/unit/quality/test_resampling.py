import numpy as np
import pytest

from evertopic.quality.resampling import interval, resample


def test_each_resample_draws_as_many_documents_as_there_are():
    """Rows sum to n, the seed decides them, and over many the mean weight is 1."""
    weights = resample(50, 400, seed=1)
    assert weights.shape == (400, 50)
    assert (weights.sum(axis=1) == 50).all()
    assert np.array_equal(weights, resample(50, 400, seed=1))
    assert not np.array_equal(weights, resample(50, 400, seed=2))
    assert weights.mean(axis=0) == pytest.approx(np.ones(50), abs=0.25)
    assert resample(0, 3, seed=0).shape == (3, 0)


def test_the_interval_is_the_spread_of_the_draws_around_the_value():
    """Draws 0..100 lie from -47.5 to 47.5 around their median 50; nan draws are left out."""
    found = interval(7.0, np.append(np.arange(101.0), np.nan))
    assert (found.value, found.low, found.high) == pytest.approx((7.0, -40.5, 54.5))


@pytest.mark.parametrize(("value", "draws"), [(np.nan, [1.0]), (1.0, [np.nan]), (1.0, [])])
def test_without_a_value_or_draws_there_are_no_bounds(value, draws):
    """Bounds are nan, not guessed."""
    found = interval(value, np.array(draws))
    assert np.isnan([found.low, found.high]).all()
