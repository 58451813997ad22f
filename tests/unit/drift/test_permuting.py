"""Permutations within strata, and what corrects for many tests."""

from itertools import islice

import numpy as np
import pytest

from evertopic.drift.permuting import (
    FIRST,
    MOST,
    Flags,
    holm,
    permutation_p,
    permuted,
    relabelled,
    share_beyond,
    spread,
)

STRATA = np.array([0, 0, 0, 1, 1, 2], np.int32)
WINDOW = np.array([True, False, False, True, True, False])


class Counting:
    """A statistic that is 1 for the first asked and `others` afterwards, and counts how often it was asked."""

    def __init__(self, others: float) -> None:
        self.asked = 0
        self.others = others

    def __call__(self, _: Flags) -> float:
        self.asked += 1
        return 1.0 if self.asked == 1 else self.others


def test_each_stratum_keeps_its_number() -> None:
    """One of three, two of two, none of one: in every relabelling; and each of the three gets its turn."""
    drawn = list(islice(relabelled(WINDOW, STRATA, 0), 200))
    assert all(np.bincount(STRATA[labels], minlength=3).tolist() == [1, 2, 0] for labels in drawn)
    first = np.mean([labels[:3] for labels in drawn], axis=0)
    assert first == pytest.approx([1 / 3] * 3, abs=0.1)


def test_a_seed_draws_the_same() -> None:
    """The same seed gives the same relabellings, another one others."""
    one, same, other = (np.array(list(islice(relabelled(WINDOW, STRATA, seed), 30))) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_it_stops_as_soon_as_p_is_clearly_large() -> None:
    """When all are as extreme, the first 400 are enough: p = (400 + 1) / (400 + 1) = 1."""
    counting = Counting(1.0)
    assert permutation_p(counting, WINDOW, STRATA, 0.001, 0) == 1.0
    assert counting.asked == FIRST + 1


def test_it_goes_on_until_p_can_be_told_from_alpha() -> None:
    """When none is: 10 / alpha permutations, here 10 / 0.01 = 1,000, and p = (0 + 1) / (1,000 + 1)."""
    counting = Counting(0.0)
    assert permutation_p(counting, WINDOW, STRATA, 0.01, 0) == pytest.approx(1 / 1_001)
    assert counting.asked == 1_001


def test_it_ends() -> None:
    """However small alpha is: 20,000 permutations are all there will be, and p is never 0."""
    counting = Counting(0.0)
    assert permutation_p(counting, WINDOW, STRATA, 1e-9, 0) == pytest.approx(1 / (MOST + 1))


def test_the_smallest_p_is_below_the_budget_of_a_month() -> None:
    """1 in 30 days of hourly checks, shared by three detectors: 1 / 720 / 3 is more than 1 / 20,001."""
    assert 1 / (MOST + 1) < 1 / 720 / 3


def test_permutations_are_of_the_statistic() -> None:
    """They come in the order of the labels, one each: 400 here, as the first is as extreme as all are."""
    labels = relabelled(WINDOW, STRATA, 3)
    found = permuted(lambda flags: float(flags[0]), 0.0, labels, 0.5)
    again = [float(flags[0]) for flags in islice(relabelled(WINDOW, STRATA, 3), FIRST)]
    assert found.tolist() == again


def test_a_share_counts_the_window_itself() -> None:
    """2 of 4 are at least 2, and the window is one of five: (2 + 1) / (4 + 1) = 0.6; rounding is no difference."""
    assert share_beyond(2.0, np.array([1.0, 2.0 - 1e-12, 3.0, 0.0])) == pytest.approx(0.6)


def test_p_of_two_known_samples() -> None:
    """All 3 largest of 6 in the window: of 20 ways to choose 3 one is as extreme, so p is near 0.05."""
    values = np.arange(6.0)
    window = values >= 3
    p = permutation_p(lambda labels: float(values[labels].sum()), window, np.zeros(6, np.int32), 0.001, 0)
    assert p == pytest.approx(0.05, abs=0.025)


def test_holm_by_hand() -> None:
    """0.01, 0.04, 0.03: 3 * 0.01 = 0.03; 2 * 0.03 = 0.06; 1 * 0.04 = 0.04, but no less than 0.06 before it."""
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])


@pytest.mark.parametrize(("given", "corrected"), [([], []), ([0.2], [0.2]), ([0.6, 0.9], [1.0, 1.0])])
def test_holm_at_the_ends(given: list[float], corrected: list[float]) -> None:
    """Nothing, one test alone, and never more than 1."""
    assert holm(np.array(given)).tolist() == corrected


@pytest.mark.parametrize(("documents", "most", "rows"), [(0, 3, []), (1, 3, [0]), (3, 3, [0, 1, 2]), (9, 3, [0, 4, 8])])
def test_spread(documents: int, most: int, rows: list[int]) -> None:
    """All where there is room, else at even distances from the first to the last, each once."""
    assert spread(documents, most).tolist() == rows
    assert len(set(spread(2_001, 1_000).tolist())) == 1_000
