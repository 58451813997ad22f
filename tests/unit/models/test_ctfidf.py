import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from evertopic.models.ctfidf import class_counts, describe, tellings
from evertopic.records import Terms


def terms(counts, words=None, grams=None):
    counts = np.asarray(counts)
    words = words or tuple(f"w{at:02}" for at in range(counts.shape[1]))
    return Terms(words, grams or tuple((at,) for at in range(len(words))), csr_array(counts.astype(np.int32)))


def test_weights_are_those_of_bertopic():
    """On the same counts and labels every weight equals ClassTfidfTransformer's to 1e-9."""
    from bertopic.vectorizers import ClassTfidfTransformer

    draw = np.random.default_rng(0)
    counts = draw.poisson(0.7, size=(60, 12))
    counts[0] += 1  # BERTopic divides by zero for a term that nobody uses
    labels = np.arange(60) % 4 - 1
    # BERTopic cuts the mean number of terms of a class to a whole number, the paper does not: made whole here.
    counts[0, 0] += -counts.sum() % 4
    ours = describe(labels, terms(counts), 12)
    classes = class_counts(labels, csr_array(counts), 3).toarray()[[3, 0, 1, 2]]
    transformer = ClassTfidfTransformer().fit(csr_matrix(classes))
    theirs = transformer.transform(csr_matrix(classes)).toarray()[1:]
    for topic, (words, weights) in enumerate(zip(ours.words, ours.weights, strict=True)):
        expected = {f"w{at:02}": weight for at, weight in enumerate(theirs[topic]) if weight}
        assert dict(zip(words, weights, strict=True)) == pytest.approx(expected, abs=1e-9)


def test_a_weight_by_hand():
    """Weight = share in the topic times log(1 + A / f)."""
    # Topic 0 uses w00 3 times and w01 once, topic 1 uses w01 4 times: A = (4 + 4) / 2 = 4, f = (3, 5).
    table = describe(np.array([0, 1]), terms([[3, 1], [0, 4]]), 2)
    assert table.words == (("w00", "w01"), ("w01",))
    assert table.weights[0] == pytest.approx((3 / 4 * np.log(1 + 4 / 3), 1 / 4 * np.log(1 + 4 / 5)))
    assert table.weights[1] == pytest.approx((np.log(1 + 4 / 5),))


def test_what_was_left_out_counts_as_a_class_without_a_row():
    """A term that the left-out documents use much sets no topic apart as well as before."""
    # With the left-out class: A = (4 + 4 + 16) / 3 = 8, f of w00 = 3 + 16.
    table = describe(np.array([0, 1, -1]), terms([[3, 1], [0, 4], [16, 0]]), 2)
    assert len(table.words) == 2
    assert dict(zip(table.words[0], table.weights[0], strict=True))["w00"] == pytest.approx(0.75 * np.log(1 + 8 / 19))
    assert table.sizes == (1, 1)


def test_ties_go_to_the_first_of_the_alphabet():
    """Equal weights are shown in the order of the sorted vocabulary."""
    table = describe(np.array([0, 1]), terms([[2, 2, 2, 0], [0, 0, 0, 5]]), 2)
    assert table.words[0] == ("w00", "w01")


def test_a_topic_shows_the_terms_it_has():
    """Fewer terms than asked for give a shorter list, none an empty one; the sizes stay."""
    table = describe(np.array([0, 0, 1]), terms([[1, 0], [0, 1], [0, 0]]), 5)
    assert [len(words) for words in table.words] == [2, 0]
    assert table.sizes == (2, 1)


def test_a_phrase_whose_words_are_shown_is_passed_over():
    """The phrase "bin laden" after "bin" and "laden" says nothing new; "laden tapes" does."""
    counts = [[9, 8, 7, 6, 0], [0, 0, 0, 0, 20]]
    grams = ((0,), (1,), (0, 1), (1, 2), (3,))
    table = describe(np.array([0, 1]), terms(counts, ("bin", "laden", "bin laden", "laden tapes", "x"), grams), 3)
    assert table.words[0] == ("bin", "laden", "laden tapes")
    assert table.grams[0] == ((0,), (1,), (1, 2))


@pytest.mark.parametrize(
    ("grams", "count", "kept"),
    [([], 3, []), ([(1,), (1,)], 2, [0]), ([(1, 2), (1,), (2,)], 3, [0]), ([(1,), (2,), (3,)], 2, [0, 1])],
)
def test_tellings(grams, count, kept):
    """Nothing; a repeat; words of a phrase shown before; no more than asked for."""
    assert tellings(grams, count) == kept


def test_all_left_out_is_no_topic():
    """No label but -1: an empty table."""
    table = describe(np.array([-1, -1]), terms([[1, 2], [3, 4]]), 5)
    assert (table.words, table.weights, table.grams, table.sizes) == ((), (), (), ())


def test_no_terms_are_topics_without_words():
    """An empty vocabulary leaves the topics and their sizes."""
    table = describe(np.array([0, 0, 1]), terms(np.empty((3, 0))), 5)
    assert (table.words, table.sizes) == (((), ()), (2, 1))


def test_every_count_lands_in_its_class():
    """Rows add up by label, the last row holds what was left out."""
    counts = csr_array(np.array([[1, 0], [2, 1], [0, 5]], np.int32))
    assert class_counts(np.array([1, 1, -1]), counts, 2).toarray().tolist() == [[0, 0], [3, 1], [0, 5]]
