import numpy as np
import pytest

from evertopic.quality.performance import accuracy, answered, macro_f1, mean, settled, stands_for

TRUTH = ["a", "a", "a", "b", "b", "c"]
ANSWERS = ["a", "a", "b", "b", None, "c"]


def test_a_topic_stands_for_its_commonest_label() -> None:
    """The commonest, the first of the alphabet on a tie, none without labels; unassigned documents say nothing."""
    topics = np.array([0, 0, 0, 1, 1, 2, -1], np.int32)
    labels = ["x", "y", "y", "b", "a", None, "z"]
    meaning = stands_for(topics, labels, 4)
    assert meaning == ("y", "a", None, None)
    assert answered(topics, meaning) == ("y", "y", "y", "a", "a", None, None)


def test_accuracy() -> None:
    """4 of 6 are right; Wilson's interval of 4 of 6 is 0.300 to 0.903."""
    found = accuracy(TRUTH, ANSWERS)
    assert (found.value, found.low, found.high) == pytest.approx((4 / 6, 0.300, 0.903), abs=1e-3)


def test_macro_f1() -> None:
    """Known value: 2 both / (true + said) is a: 4 / (3 + 2) = 0.8, b: 2 / (2 + 2) = 0.5, c: 2 / (1 + 1) = 1.

    Their mean is 2.3 / 3 = 0.7667. Unassigned is no class.
    """
    found = macro_f1(TRUTH, ANSWERS, seed=1)
    assert found.value == pytest.approx(2.3 / 3)
    assert 0 <= found.low < found.value < found.high <= 1
    assert macro_f1(TRUTH, ANSWERS, seed=1) == found


def test_few_right_answers_prove_little() -> None:
    """Three of three: F1 is 1 in every resample, and the interval is Wilson's all the same (0.438 to 1)."""
    found = macro_f1(["a", "b", "c"], ["a", "b", "c"], seed=1)
    assert (found.value, found.low, found.high) == pytest.approx((1, 0.438, 1), abs=1e-3)


def test_answers_of_classes_that_never_were() -> None:
    """A label that the documents do not have is a wrong answer, not a class."""
    found = macro_f1(["a"] * 4, ["new"] * 4, seed=1)
    assert (found.value, found.low) == (0, 0)


def test_nothing() -> None:
    """Without documents there is no value, and anything is possible."""
    for found in (accuracy([], []), macro_f1([], [], seed=1)):
        assert np.isnan(found.value)
        assert (found.low, found.high) == (0, 1)
    assert np.isnan(mean(np.empty(0, np.float32)).value)


def test_mean() -> None:
    """0.2, 0.4, 0.6: s = 0.2, half = 4.303 * 0.2 / sqrt(3) = 0.4968; equal values have no spread, one has no ends."""
    found = mean(np.array([0.2, 0.4, 0.6], np.float32))
    assert (found.value, found.low, found.high) == pytest.approx((0.4, -0.0968, 0.8968), abs=1e-4)
    flat = mean(np.full(9, 0.5, np.float32))
    assert (flat.low, flat.high) == (0.5, 0.5)
    alone = mean(np.array([0.5], np.float32))
    assert alone.value == 0.5
    assert np.isnan(alone.low)


def test_people_together() -> None:
    """An answer counts once, as most say; a draw is left out; the commonest correction is theirs."""
    words = [
        ("p1", "k1", False, "k2"),
        ("p1", "k1", False, "k3"),
        ("p1", "k1", False, "k3"),
        ("p1", "k1", True, None),
        ("p2", "k2", True, None),
        ("p3", None, False, None),
        ("p4", "k4", True, None),
        ("p4", "k4", False, "k1"),
    ]
    assert settled(words) == (("k1", False, "k3"), ("k2", True, None), (None, False, None))
    assert settled([]) == ()
