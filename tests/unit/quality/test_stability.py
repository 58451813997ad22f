import numpy as np
import pytest

from evertopic.quality.contingency import adjusted_rand
from evertopic.quality.stability import recurrence, stability


def groups(*labels):
    return np.array(labels, dtype=np.int32)


def test_adjusted_rand_is_scikit_learns():
    """On random groupings, -1 included, the value is scikit-learn's."""
    from sklearn.metrics import adjusted_rand_score

    random = np.random.default_rng(0)
    for _ in range(20):
        first, second = random.integers(-1, 4, (2, 60)).astype(np.int32)
        assert adjusted_rand(first, second)[0] == pytest.approx(adjusted_rand_score(first, second))


def test_adjusted_rand_of_four_documents():
    """A known value with its arithmetic."""
    # groups {0 1} {2 3} and {0 1 2} {3}: together 1, 2 pairs and 3 pairs of 6; expected 2 * 3 / 6 = 1
    # (1 - 1) / ((2 + 3) / 2 - 1) = 0
    assert adjusted_rand(groups(0, 0, 1, 1), groups(0, 0, 0, 1))[0] == pytest.approx(0.0)
    assert adjusted_rand(groups(0, 0, 1, 1), groups(5, 5, -1, -1))[0] == 1.0
    assert adjusted_rand(groups(0, 0, 0), groups(1, 1, 1))[0] == 1.0
    assert adjusted_rand(groups(), groups())[0] == 1.0


def test_weights_count_documents_as_if_written_out():
    """A weight of two is the document twice, a weight of nought is the document left out."""
    first, second, weights = groups(0, 0, 1, 1, 2), groups(0, 1, 1, 1, 0), np.array([[2, 0, 1, 3, 1]])
    at = np.repeat(np.arange(5), weights[0])
    assert adjusted_rand(first, second, weights.astype(float))[0] == pytest.approx(
        adjusted_rand(first[at], second[at])[0]
    )


def test_equal_fits_are_stable_and_unrelated_ones_are_not():
    """1 for fits that differ only in their numbers, about 0 for random ones; the interval holds the value."""
    random = np.random.default_rng(1)
    first = random.integers(0, 5, 300).astype(np.int32)
    same = stability([first, (first + 1) % 5], seed=0)
    assert (same.value, same.low, same.high) == pytest.approx((1.0, 1.0, 1.0))
    chance = stability([first, *random.integers(0, 5, (2, 300)).astype(np.int32)], seed=0)
    assert abs(chance.value) < 0.05
    assert chance.low < chance.value < chance.high


def test_a_fit_that_leaves_documents_out_is_less_like_one_that_does_not():
    """Unassigned is a group: the half one fit gave up counts against it."""
    full = np.repeat([0, 1, 2], 40).astype(np.int32)
    half = np.where(np.arange(120) % 2 == 0, -1, full).astype(np.int32)
    assert stability([full, half], seed=0).value < 0.6


def test_one_fit_or_other_documents_are_refused():
    """Stability compares fits of the same documents."""
    with pytest.raises(ValueError, match="at least 2"):
        stability([groups(0, 1)], seed=0)
    with pytest.raises(ValueError, match="same documents"):
        stability([groups(0, 1), groups(0, 1, 1)], seed=0)


def test_a_planted_noise_topic_recurs_less_than_real_ones():
    """Topics that other seeds find again score high, one of random words low."""
    real = [[f"{topic}{rank}" for rank in range(10)] for topic in "abc"]
    noise = [f"noise{rank}" for rank in range(10)]
    fits = [[*real, [f"other{seed}{rank}" for rank in range(9)] + ["noise0"]] for seed in range(3)]
    # real: found again whole, 1; noise: one word in common of 10 + 10 - 1 = 19
    assert recurrence([*real, noise], fits).tolist() == pytest.approx([1.0, 1.0, 1.0, 1 / 19])


def test_recurrence_is_a_mean_over_fits_and_nan_without_any():
    """A topic that one of two fits has, and the other, empty, has not, recurs by half."""
    assert recurrence([["a", "b"]], [[["a", "b"]], []]).tolist() == [0.5]
    assert np.isnan(recurrence([["a"], ["b"]], [])).all()
    assert recurrence([[]], [[[]]]).tolist() == [0.0]
