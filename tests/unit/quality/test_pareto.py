import numpy as np
import pytest

from evertopic.quality.pareto import pareto_front


def test_who_is_beaten_in_all_is_off_the_front():
    """(2, 2) beats (1, 2) and (2, 1); (3, 0) is best in one criterion and stays."""
    values = np.array([[2.0, 2.0], [1.0, 2.0], [2.0, 1.0], [3.0, 0.0]])
    assert pareto_front(values, [True, True]).tolist() == [True, False, False, True]


def test_a_criterion_may_be_better_when_lower():
    """The same numbers with the second criterion turned round."""
    values = np.array([[2.0, 2.0], [1.0, 2.0], [2.0, 1.0]])
    assert pareto_front(values, [True, False]).tolist() == [False, False, True]


def test_equal_candidates_are_both_on_the_front():
    """Neither is better in anything."""
    assert pareto_front(np.ones((3, 2)), [True, True]).all()


@pytest.mark.parametrize("higher", [True, False])
def test_a_missing_value_is_the_worst(higher):
    """A nan loses against any number, whichever way is better; alone it is on the front."""
    assert pareto_front(np.array([[np.nan], [-9.0], [9.0]]), [higher]).tolist() == [False, not higher, higher]
    assert pareto_front(np.array([[np.nan, np.nan]]), [higher, True]).tolist() == [True]


def test_no_candidates_have_an_empty_front():
    """And the wrong number of directions is refused."""
    assert pareto_front(np.empty((0, 2)), [True, True]).tolist() == []
    with pytest.raises(ValueError, match="directions"):
        pareto_front(np.ones((2, 2)), [True])
