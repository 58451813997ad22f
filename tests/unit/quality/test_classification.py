import numpy as np
import pytest

from evertopic.quality.classification import ari, nmi, purity, wilson


def test_agreement_with_labels_is_scikit_learns():
    """Both measures on random topics equal scikit-learn's over the documents that carry a label."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    random = np.random.default_rng(0)
    topics, numbers = random.integers(-1, 4, (2, 80)).astype(np.int32)
    labels = [None if number < 0 else f"label {number}" for number in numbers]
    kept = numbers >= 0
    assert nmi(labels, topics) == pytest.approx(normalized_mutual_info_score(numbers[kept], topics[kept]))
    assert ari(labels, topics) == pytest.approx(adjusted_rand_score(numbers[kept], topics[kept]))


@pytest.mark.parametrize("labels", [[None] * 3, ["a"] * 3, ["a", None, "a"]])
def test_no_labels_or_a_single_one_are_no_measure(labels):
    """With fewer than two distinct labels there is nothing to agree with."""
    topics = np.array([0, 1, 1], dtype=np.int32)
    assert nmi(labels, topics) is ari(labels, topics) is purity(labels, topics) is None


def test_the_ends_of_the_scale():
    """Topics that are the labels score 1 in all; one topic for everything scores 0 in nmi and ari."""
    labels, same, one = ["a", "a", "b", "b"], np.array([1, 1, 0, 0], np.int32), np.zeros(4, np.int32)
    assert (nmi(labels, same), ari(labels, same), purity(labels, same)) == pytest.approx((1.0, 1.0, 1.0))
    # purity of one topic: two of four carry its commonest label
    assert (nmi(labels, one), ari(labels, one), purity(labels, one)) == pytest.approx((0.0, 0.0, 0.5))


def test_labels_of_other_documents_are_refused():
    """One label for each document."""
    with pytest.raises(ValueError, match="2 labels for 3 documents"):
        nmi(["a", "b"], np.zeros(3, np.int32))


def test_wilson_of_eight_in_ten():
    """A known interval with its arithmetic."""
    # z = 1.96: centre (0.8 + 3.8415/20) / (1 + 3.8415/10) = 0.71674
    # half 1.96 / 1.38415 * sqrt(0.016 + 3.8415/400) = 0.22658
    found = wilson(8, 10)
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.49016, 0.94332), abs=1e-4)


def test_wilson_at_its_ends_stays_inside_0_and_1():
    """None, all, and nothing tried."""
    assert (wilson(0, 5).low, wilson(5, 5).high) == (0.0, 1.0)
    assert wilson(0, 5).high < 1.0
    assert wilson(5, 5).low > 0.0
    nothing = wilson(0, 0)
    assert np.isnan(nothing.value)
    assert (nothing.low, nothing.high) == (0.0, 1.0)


@pytest.mark.parametrize(("successes", "n"), [(3, 2), (-1, 2)])
def test_more_successes_than_tries_are_refused(successes, n):
    """A share lies between 0 and 1."""
    with pytest.raises(ValueError, match="successes"):
        wilson(successes, n)
