import numpy as np
import pytest

from evertopic.models.assignment import BLOCK, Head, assign, logits, margin, probabilities


def head(weight, threshold=None, temperature=0.1):
    weight = np.asarray(weight, np.float32)
    low = np.full(len(weight), -1.0) if threshold is None else threshold
    return Head(weight, np.zeros(len(weight), np.float32), np.asarray(low, np.float32), temperature)


@pytest.fixture
def centroids():
    raw = np.random.default_rng(1).normal(size=(6, 16))
    return head(raw / np.linalg.norm(raw, axis=1, keepdims=True), threshold=[0.3] * 6)


def test_a_document_gets_what_it_gets_alone(planted, centroids):
    """One by one and all at once: the same topics, strengths to 1e-6."""
    vectors, _ = planted(5, 30, width=16, spread=0.5)
    together = assign(vectors, centroids)
    alone = [assign(vectors[row : row + 1], centroids) for row in range(len(vectors))]
    assert together.topic.tolist() == [one.topic[0] for one in alone]
    assert np.allclose(together.strength, [one.strength[0] for one in alone], atol=1e-6)
    assert {together.topic.dtype, together.strength.dtype} == {np.dtype(np.int32), np.dtype(np.float32)}
    assert -1 in together.topic
    assert len(set(together.topic.tolist())) > 3


def test_more_documents_than_a_block(planted, centroids):
    """What stands behind the first block is answered as before it."""
    vectors, _ = planted(5, 10, width=16, spread=0.5)
    many = np.tile(vectors, (BLOCK // len(vectors) + 2, 1))
    found, once = assign(many, centroids), assign(vectors, centroids)
    assert np.array_equal(found.topic, np.tile(once.topic, len(many) // len(vectors)))
    assert np.allclose(found.strength[-len(vectors) :], once.strength, atol=1e-6)


def test_a_tie_goes_to_the_smaller_index():
    """Two equal centroids: the first one."""
    found = assign(np.array([[1, 0]], np.float32), head([[0, 1], [1, 0], [1, 0]]))
    assert found.topic.tolist() == [1]


def test_strength_is_the_probability_of_the_best_topic():
    """Softmax of the cosines over the temperature."""
    # Cosines 0.8 and 0.6 at T = 0.1: 1 / (1 + exp(-2)) = 0.8808
    found = assign(np.array([[0.8, 0.6]], np.float32), head([[1, 0], [0, 1]]))
    assert found.strength[0] == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-6)


def test_strength_is_the_largest_of_the_probabilities(planted, centroids):
    """The two functions agree, rows of probabilities sum to 1, also where the document is left out."""
    vectors, _ = planted(5, 30, width=16, spread=0.5)
    chances = probabilities(vectors, centroids)
    assert np.allclose(chances.sum(axis=1), 1.0, atol=1e-6)
    assert np.allclose(assign(vectors, centroids).strength, chances.max(axis=1), atol=1e-6)
    assert chances.dtype == np.float32


def test_the_smallest_temperature_does_not_overflow():
    """Far apart at T = 0.005: probabilities 1 and 0, not nan."""
    chances = probabilities(np.array([[1, 0]], np.float32), head([[1, 0], [-1, 0]], temperature=0.005))
    assert chances.tolist() == [[1.0, 0.0]]


def test_a_bias_moves_the_answer():
    """The bias of a class is added to its cosine."""
    with_bias = Head(np.eye(2, dtype=np.float32), np.array([0, 0.5], np.float32), np.full(2, -1, np.float32), 1.0)
    vector = np.array([[0.8, 0.6]], np.float32)
    assert logits(vector, with_bias)[0] == pytest.approx([0.8, 1.1])
    assert assign(vector, with_bias).topic.tolist() == [1]


def test_the_threshold_of_the_best_topic_decides():
    """A document at its threshold belongs, one below it does not; the other topic's threshold is not asked."""
    found = assign(np.array([[0.75, 0.1], [0.5, 0.1]], np.float32), head([[1, 0], [0, 1]], threshold=[0.75, -1]))
    assert found.topic.tolist() == [0, -1]


def test_margin_is_negative_where_a_document_is_left_out(planted, centroids):
    """The sign of the margin is the answer, and both signs occur."""
    vectors, _ = planted(5, 30, width=16, spread=0.5)
    below = margin(vectors, centroids) < 0
    assert np.array_equal(below, assign(vectors, centroids).topic == -1)
    assert 0 < below.sum() < len(below)


def test_no_documents(centroids):
    """Nothing in, nothing out, of the right shapes and kinds."""
    nothing = np.empty((0, 16), np.float32)
    found = assign(nothing, centroids)
    assert (found.topic.shape, found.strength.shape) == ((0,), (0,))
    assert probabilities(nothing, centroids).shape == (0, 6)
    assert margin(nothing, centroids).shape == (0,)
