import numpy as np
import pytest

from evertopic.quality.coherence import c_v_of, measure, measure_globally, npmi_of
from evertopic.quality.frequencies import lay_out, resampled
from evertopic.quality.resampling import resample
from evertopic.quality.windows import count


@pytest.fixture(scope="module")
def lee_topics(lee):
    """Topics of frequent, middling, rare and mixed words of the texts, ten each, and one of three."""
    words, often = np.unique([word for text in lee for word in text], return_counts=True)
    ranked, random = words[np.argsort(-often, kind="stable")], np.random.default_rng(1)
    bands = [(0, 12), (0, 100), (50, 500), (500, 2000), (2000, len(ranked)), (0, len(ranked))] * 2
    topics = [random.choice(ranked[low:high], 10, replace=False).tolist() for low, high in bands]
    return [*topics, random.choice(ranked[:300], 3, replace=False).tolist()]


def counted(made, texts, topics):
    tokens = made.tokens(texts)
    words = sorted({word for topic in topics for word in topic})
    places = [[words.index(word) for word in topic] for topic in topics]
    return count(tokens, made.grams(tokens, words), places), places


def gensim_says(name, texts, topics):
    from gensim.corpora import Dictionary
    from gensim.models.coherencemodel import CoherenceModel

    dictionary = Dictionary(texts)
    corpus = [dictionary.doc2bow(text) for text in texts]
    model = CoherenceModel(
        topics=topics, texts=texts, corpus=corpus, dictionary=dictionary, coherence=name, processes=1
    )
    return model.get_coherence_per_topic(), model.get_coherence()


@pytest.mark.parametrize(("name", "field"), [("c_v", "c_v"), ("c_npmi", "npmi"), ("u_mass", "u_mass")])
def test_the_values_are_gensims(made, lee, lee_topics, name, field):
    """Each topic's value, and the mean, equal gensim's CoherenceModel on the same texts and words to 1e-6."""
    counts, topics = counted(made, lee, lee_topics)
    per_topic, overall = gensim_says(name, lee, lee_topics)
    np.testing.assert_allclose(getattr(measure(counts, topics), field), per_topic, atol=1e-6, rtol=0)
    assert getattr(measure_globally(counts, topics, seed=0, resamples=2), field).value == pytest.approx(
        overall, abs=1e-6
    )


@pytest.mark.parametrize(("name", "field"), [("c_v", "c_v"), ("c_npmi", "npmi"), ("u_mass", "u_mass")])
def test_a_word_that_never_occurs_is_left_out_as_gensim_does(made, lee, lee_topics, name, field):
    """A topic with an absent word has gensim's value, whose dictionary of these texts does not know the word."""
    counts, topics = counted(made, lee, [["unheardof", *lee_topics[1]]])
    assert measure(counts, topics).absent_words.tolist() == [1]
    per_topic, _ = gensim_says(name, lee, [["unheardof", *lee_topics[1]]])
    np.testing.assert_allclose(getattr(measure(counts, topics), field), per_topic, atol=1e-6, rtol=0)


def test_known_values_of_two_words_in_four_documents(made):
    """Two words that occur twice each and meet once are as frequent together as by chance."""
    # P(a) = P(b) = 2/4, P(ab) = 1/4: npmi = log(1/4 / (1/2 * 1/2)) / -log(1/4) = 0; u_mass = log(1/4 / (1/2)) = -log 2
    # c_v: vectors (1, 0) and (0, 1), their sum (1, 1): cosine 1 / sqrt(2) for both
    counts, topics = counted(made, [["a", "b"], ["a"], ["b"], ["c"]], [["a", "b"]])
    coherence = measure(counts, topics)
    assert coherence.npmi[0] == pytest.approx(0.0, abs=1e-9)
    assert coherence.u_mass[0] == pytest.approx(-np.log(2))
    assert coherence.c_v[0] == pytest.approx(1 / np.sqrt(2))


def test_words_always_together_score_one_and_never_together_minus_one(made):
    """The ends of NPMI: about -1 for words that never meet, 1 for words that only come together."""
    texts = [["a", "b"], ["c"], ["a", "b"], ["d"]]
    counts, topics = counted(made, texts, [["a", "b"], ["c", "d"]])
    # never: log(1e-12 / (1/4 * 1/4)) / -log(1e-12) = -(27.631 - 2.773) / 27.631 = -0.8997
    np.testing.assert_allclose(measure(counts, topics).npmi, [1.0, -0.8997], atol=1e-4)


def test_u_mass_depends_on_the_order_of_the_words(made):
    """The earlier word is the condition."""
    # a in 4 documents, b in 1, together in 1: log(1/4) for (a, b), log(1/1) for (b, a)
    counts, topics = counted(made, [["a", "b"], ["a"], ["a"], ["a"]], [["a", "b"], ["b", "a"]])
    np.testing.assert_allclose(measure(counts, topics).u_mass, [-np.log(4), 0.0], atol=1e-9)


def test_topics_of_words_that_never_occur_are_nan_and_counted_and_left_out_of_the_mean(made):
    """Fewer than two words that occur: nan in all three, `unmeasured` says how many, the mean is of the others."""
    counts, topics = counted(made, [["a", "b"], ["a"], ["b"], ["c"]], [["a", "b"], ["x", "y"], ["a", "z"]])
    coherence = measure(counts, topics)
    assert coherence.unmeasured == 2
    assert coherence.absent_words.tolist() == [0, 2, 1]
    for values in (coherence.c_v, coherence.npmi, coherence.u_mass):
        assert np.isnan(values).tolist() == [False, True, True]
    assert measure_globally(counts, topics, seed=0).u_mass.value == pytest.approx(-np.log(2))


@pytest.mark.parametrize("texts", [[], [[], []], [["x"]]])
def test_nothing_to_measure_is_nan_without_a_warning(made, texts):
    """No documents, empty documents, or none with the words: every value and bound is nan."""
    counts, topics = counted(made, texts, [["a", "b"]])
    overall = measure_globally(counts, topics, seed=0, resamples=5)
    for found in (overall.c_v, overall.npmi, overall.u_mass):
        assert np.isnan([found.value, found.low, found.high]).all()


def test_no_topics_measure_as_nan(made):
    """A candidate without topics has no coherence."""
    counts, _ = counted(made, [["a", "b"]], [["a", "b"]])
    assert len(measure(counts, []).c_v) == 0
    assert np.isnan(measure_globally(counts, [], seed=0, resamples=5).c_v.value)


def test_identical_documents_leave_no_doubt(made):
    """All documents alike: every resample is the same, so the interval is the value."""
    counts, topics = counted(made, [["a", "b", "c"]] * 20, [["a", "b", "c"]])
    found = measure_globally(counts, topics, seed=0).u_mass
    assert found.low == pytest.approx(found.value) == pytest.approx(found.high)


def test_the_interval_is_the_seeds_and_holds_the_value(made, lee, lee_topics):
    """The same seed gives the same interval, another seed another one, and the value lies inside."""
    counts, topics = counted(made, lee, lee_topics)
    first, again, other = (measure_globally(counts, topics, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    for found in (first.c_v, first.npmi, first.u_mass):
        assert found.low < found.value < found.high


def test_a_resample_is_measured_as_its_documents_written_out(made, lee, lee_topics):
    """Weighting the counts by a draw equals measuring the drawn documents themselves."""
    counts, topics = counted(made, lee, lee_topics[:2])
    weights = resample(len(lee), 1, seed=3)
    drawn = [text for text, times in zip(lee, weights[0].astype(int), strict=True) for _ in range(times)]
    expected = measure(*counted(made, drawn, lee_topics[:2]))
    layout = lay_out(counts, topics)
    np.testing.assert_allclose(c_v_of(resampled(counts.wide, layout, weights), layout)[0], expected.c_v)
    np.testing.assert_allclose(npmi_of(resampled(counts.narrow, layout, weights))[0], expected.npmi)


def test_topics_that_were_not_counted_are_refused(made):
    """A pair without counts is an error, not a zero."""
    counts, _ = counted(made, [["a", "b", "c"]], [["a", "b"], ["c"]])
    with pytest.raises(KeyError, match="1 pairs were not counted"):
        measure(counts, [[0, 2]])
