import pytest

from evertopic.quality.diversity import balance, diversity, inverted_rbo


def test_diversity_is_the_share_of_distinct_words():
    """Three distinct words of four are 0.75; all alike 1 / k; nothing shared 1; no words 0."""
    assert diversity([["a", "b"], ["b", "c"]]) == 0.75
    assert diversity([["a", "b"]] * 4) == 0.25
    assert diversity([["a", "b"], ["c", "d"]]) == 1.0
    assert diversity([]) == 0.0


def test_inverted_rbo_runs_from_all_the_same_to_nothing_shared():
    """The ends of the scale, and one topic."""
    assert inverted_rbo([["a", "b", "c"]] * 3) == pytest.approx(0.0)
    assert inverted_rbo([["a", "b"], ["c", "d"]]) == pytest.approx(1.0)
    assert inverted_rbo([["a", "b"]]) == 1.0
    assert inverted_rbo([["a"], []]) == 1.0


def test_inverted_rbo_of_two_swapped_words():
    """Two topics with the same two words in opposite order."""
    # shared share at depth 1: 0, at depth 2: 1; rbo = 1 * p^2 + (1 - p) / p * (0 * p + 1 * p^2)
    #   = 0.81 + 0.1 / 0.9 * 0.81 = 0.9
    assert inverted_rbo([["a", "b"], ["b", "a"]]) == pytest.approx(0.1)


def test_inverted_rbo_weighs_the_first_ranks_more():
    """Sharing the first word makes topics more alike than sharing the last."""
    assert inverted_rbo([["a", "b", "c"], ["a", "x", "y"]]) < inverted_rbo([["b", "c", "a"], ["x", "y", "a"]])


@pytest.mark.parametrize("persistence", [0.0, 1.0])
def test_persistence_outside_its_range_is_refused(persistence):
    """It is a chance, and neither certain nor impossible."""
    with pytest.raises(ValueError, match="persistence"):
        inverted_rbo([["a"], ["b"]], persistence)


def test_balance_is_the_entropy_of_sizes_over_its_maximum():
    """Equal sizes 1, one topic 0, none 0."""
    assert balance([5, 5, 5]) == pytest.approx(1.0)
    assert balance([7]) == balance([]) == balance([0, 0]) == 0.0
    # shares 3/4, 1/4: (0.75 * log(4/3) + 0.25 * log 4) / log 2 = 0.811278
    assert balance([3, 1]) == pytest.approx(0.811278, abs=1e-6)
    # an empty topic counts: log 2 / log 3
    assert balance([1, 1, 0]) == pytest.approx(0.630930, abs=1e-6)
