import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import adjusted_rand_score

from evertopic.models.nmf import factorise
from evertopic.records import Terms


def terms(counts):
    counts = np.asarray(counts)
    words = tuple(f"w{at:02}" for at in range(counts.shape[1]))
    return Terms(words, tuple((at,) for at in range(len(words))), csr_array(counts.astype(np.int32)))


def planted(sizes, seed=0):
    """Documents of len(sizes) topics, each topic with five words of its own."""
    own = np.repeat(np.arange(len(sizes)), sizes)
    counts = np.random.default_rng(seed).poisson(0.05, size=(len(own), 5 * len(sizes)))
    for topic in range(len(sizes)):
        counts[np.ix_(own == topic, range(5 * topic, 5 * topic + 5))] += 2
    return counts, own


def test_it_finds_planted_topics_largest_first():
    """Three planted topics come back whole, with their own words, numbered by size."""
    counts, own = planted([20, 40, 30])
    labels, table = factorise(terms(counts), 3, 5, seed=0)
    assert adjusted_rand_score(own, labels) > 0.95
    assert table.sizes == tuple(np.bincount(labels).tolist())
    assert list(table.sizes) == sorted(table.sizes, reverse=True)
    assert set(table.words[0]) == {"w05", "w06", "w07", "w08", "w09"}
    assert table.weights[0] == tuple(sorted(table.weights[0], reverse=True))


def test_the_same_seed_gives_the_same_answer():
    """Labels and words are equal in a second run."""
    counts, _ = planted([15, 15])
    first, second = (factorise(terms(counts), 2, 5, seed=3) for _ in range(2))
    assert first[0].tolist() == second[0].tolist()
    assert first[1] == second[1]


def test_components_without_documents_are_dropped():
    """Eight asked for where documents are of two kinds only: as many topics as labels, no row without documents."""
    counts = np.array([[3, 0, 0, 3], [0, 2, 2, 0]] * 10)
    labels, table = factorise(terms(counts), 8, 5, seed=0)
    assert len(table.sizes) == labels.max() + 1 < 8
    assert min(table.sizes) > 0


def test_a_document_without_terms_is_left_out():
    """An empty row belongs nowhere and is in no size."""
    counts, _ = planted([10, 10])
    counts[4] = 0
    labels, table = factorise(terms(counts), 2, 5, seed=0)
    assert labels[4] == -1
    assert (labels == -1).sum() == 1
    assert sum(table.sizes) == 19


@pytest.mark.parametrize("shape", [(12, 0), (12, 3), (0, 0)])
def test_nothing_to_count_is_no_topic(shape):
    """No vocabulary, or no count in it, leaves every document out."""
    labels, table = factorise(terms(np.zeros(shape)), 4, 5, seed=0)
    assert labels.tolist() == [-1] * shape[0]
    assert table.words == ()


def test_no_more_components_than_documents_and_terms():
    """Fifty topics from two terms is two at most."""
    _, table = factorise(terms([[1, 0], [0, 1], [1, 0]]), 50, 5, seed=0)
    assert len(table.sizes) <= 2


def test_stopping_short_of_convergence_is_no_warning():
    """Noise that takes long to factorise ends after the rounds it gets, in silence."""
    factorise(terms(np.random.default_rng(0).poisson(1.0, size=(200, 100))), 60, 5, seed=0)
