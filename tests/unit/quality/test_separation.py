import numpy as np
import pytest

from evertopic.quality.separation import AT_MOST, cosine_distances, separation


def unit(n, width=8, seed=0):
    raw = np.random.default_rng(seed).normal(size=(n, width))
    return (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)


def test_it_is_the_silhouette_of_scikit_learn():
    """Equal to silhouette_score by cosine, topics of one document included."""
    from sklearn.metrics import silhouette_score

    vectors = unit(60)
    topic = np.array([3, *np.arange(59) % 3]).astype(np.int32)
    _, distances = cosine_distances(vectors, seed=0)
    assert separation(distances, topic).value == pytest.approx(
        silhouette_score(vectors, topic, metric="cosine"), abs=1e-5
    )


def test_known_distances():
    """Two topics by hand."""
    # Topic 0: documents 0, 1 at distance 0.2; topic 1: document 2, at 0.8 from 0 and 1.0 from 1.
    # s(0) = (0.8 - 0.2) / 0.8 = 0.75, s(1) = (1.0 - 0.2) / 1.0 = 0.8, s(2) = 0 as the only one of its topic.
    distances = np.array([[0, 0.2, 0.8], [0.2, 0, 1.0], [0.8, 1.0, 0]], np.float32)
    found = separation(distances, np.array([0, 0, 1], np.int32))
    assert found.value == pytest.approx((0.75 + 0.8) / 3, abs=1e-6)
    # The deviation of (0.75, 0.8, 0) is 0.3659; half the interval is 1.96 * 0.3659 / sqrt(3) = 0.4140.
    assert found.high - found.value == pytest.approx(0.4140, abs=1e-3)


def test_planted_topics_stand_apart_and_shuffled_ones_do_not():
    """Near 1 for tight topics, near 0 when the same topics are dealt at random."""
    own = np.arange(90) % 3
    raw = np.eye(3, 8)[own] + 0.02 * np.random.default_rng(0).normal(size=(90, 8))
    vectors = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)
    _, distances = cosine_distances(vectors, seed=0)
    assert separation(distances, own).value > 0.95
    assert abs(separation(distances, np.random.default_rng(1).permutation(own)).value) < 0.1


@pytest.mark.parametrize("topic", [[], [0], [4, 4, 4]])
def test_one_topic_has_no_separation(topic):
    """No documents, one, or all in one topic: 0."""
    size = len(topic)
    found = separation(np.zeros((size, size), np.float32), np.array(topic, np.int32))
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_identical_documents_in_two_topics_are_worth_nothing():
    """All distances 0: neither near nor far, 0 and not nan."""
    assert separation(np.zeros((4, 4), np.float32), np.array([0, 0, 1, 1])).value == 0.0


def test_the_interval_stays_inside_the_scale():
    """Two documents far apart in a topic of their own each: within [-1, 1]."""
    distances = 2.0 * (1 - np.eye(4, dtype=np.float32))
    found = separation(distances, np.array([0, 0, 1, 1]))
    assert -1 <= found.low <= found.value <= found.high <= 1


def test_many_documents_are_sampled():
    """More than AT_MOST: that many rows, sorted, distinct, the same for the same seed; distances fit the rows."""
    vectors = unit(AT_MOST + 100, width=4)
    rows, distances = cosine_distances(vectors, seed=3)
    assert len(set(rows.tolist())) == AT_MOST
    assert (np.diff(rows) > 0).all()
    assert rows.tolist() == cosine_distances(vectors, seed=3)[0].tolist()
    assert distances[5, 9] == pytest.approx(1 - vectors[rows[5]] @ vectors[rows[9]], abs=1e-5)
    assert (distances.min(), distances.dtype) == (0.0, np.float32)


def test_no_documents_have_no_distances():
    """Nothing in, a 0 x 0 matrix out."""
    rows, distances = cosine_distances(np.empty((0, 8), np.float32), seed=0)
    assert (rows.shape, distances.shape) == ((0,), (0, 0))
