import numpy as np
import pytest

from evertopic.errors import NotEnoughDocuments
from evertopic.models.split import LEAST, hold_out


def days(count):
    return np.datetime64("2024-01-01", "s") + np.arange(count) * np.timedelta64(86_400, "s")


def nowhen(count):
    return np.full(count, np.datetime64("NaT"), "datetime64[s]")


ALL = np.ones(100, bool)


def test_the_held_out_are_spread_over_time():
    """With a timestamp on every document each fifth of a fifth of the time has one, wherever it stands."""
    times = np.random.default_rng(0).permutation(days(100))
    fitted, held = hold_out(ALL, times, 0.2, 1_000, seed=0)
    assert (len(fitted), len(held)) == (80, 20)
    day = np.sort((times[held] - days(1)[0]) // np.timedelta64(86_400, "s"))
    assert (day // 5).tolist() == list(range(20))
    assert (np.diff(fitted) > 0).all()
    assert (np.diff(held) > 0).all()


def test_a_new_subject_is_learnt():
    """Of the latest tenth of the documents, four in five are fitted: a retraining sees what it was asked for."""
    fitted, held = hold_out(ALL, days(100), 0.2, 1_000, seed=0)
    assert (fitted >= 90).sum() == 8
    assert (held >= 90).sum() == 2


@pytest.mark.parametrize("unknown", [1, 100])
def test_without_all_timestamps_they_are_random(unknown):
    """One unknown time is enough: a random fifth, neither the last rows nor the latest."""
    times = days(100)
    times[:unknown] = np.datetime64("NaT")
    fitted, held = hold_out(ALL, times, 0.2, 1_000, seed=0)
    assert held.tolist() != list(range(80, 100))
    assert sorted([*fitted, *held]) == list(range(100))


def test_timestamps_of_copies_do_not_matter():
    """A copy without a time does not turn the split by time into a random one."""
    unique, times = np.append(ALL, False), np.append(days(100), nowhen(1))
    assert (hold_out(unique, times, 0.2, 1_000, seed=0)[1] // 5).tolist() == list(range(20))


def test_copies_are_on_neither_side():
    """Only first occurrences are fitted or held out, each on one side, and the share is of them."""
    unique = np.arange(200) % 2 == 0
    fitted, held = hold_out(unique, nowhen(200), 0.25, 1_000, seed=0)
    assert sorted([*fitted, *held]) == list(range(0, 200, 2))
    assert len(held) == 25


def test_at_most_so_many_are_fitted():
    """More are sampled without repeats, over all times; as many as before are held out."""
    fitted, held = hold_out(ALL, days(100), 0.2, 50, seed=0)
    assert len(set(fitted.tolist())) == 50
    assert len(held) == 20
    assert fitted.min() < 10
    assert fitted.max() > 90


def test_ties_in_time_are_broken_at_random():
    """One timestamp for all: the held-out documents are not simply the last rows."""
    held = hold_out(ALL, np.repeat(days(1), 100), 0.2, 1_000, seed=0)[1]
    assert held.tolist() != list(range(80, 100))
    assert len(held) == 20


@pytest.mark.parametrize("times", [days(100), nowhen(100), np.repeat(days(1), 100)])
def test_the_same_seed_splits_alike(times):
    """Equal for equal seeds; where chance decides, another seed differs."""
    first, second, other = (hold_out(ALL, times, 0.2, 60, seed)[0].tolist() for seed in (5, 5, 6))
    assert first == second
    assert first != other


@pytest.mark.parametrize("count", [0, 3, LEAST - 1])
def test_too_few_documents_are_refused(count):
    """The message says how many are needed, why, and how many there are; copies do not count."""
    unique = np.arange(100) < count
    with pytest.raises(NotEnoughDocuments, match=rf"at least {LEAST} distinct .* judge it; there are {count}:"):
        hold_out(unique, days(100), 0.2, 1_000, seed=0)


@pytest.mark.parametrize(("share", "held"), [(0.001, 1), (0.2, 8), (0.5, 20)])
def test_the_fewest_documents_are_split(share, held):
    """At the least number both sides have documents."""
    sides = hold_out(ALL[:LEAST], days(LEAST), share, 1_000, seed=0)
    assert (len(sides[0]), len(sides[1])) == (LEAST - held, held)


def test_a_share_that_leaves_too_little_to_fit_is_refused():
    """99 % of 100 documents held out would leave one to learn from: refused, with both numbers."""
    with pytest.raises(NotEnoughDocuments, match=r"99 of 100 .* leaves 1 to fit, expected at least 20"):
        hold_out(ALL, days(100), 0.99, 1_000, seed=0)
