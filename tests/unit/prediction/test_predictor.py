import dataclasses

import numpy as np
import pytest

from evertopic.corpus.cleaning import clean
from evertopic.errors import Corrupted
from evertopic.models.assignment import Head, assign, probabilities
from evertopic.prediction.bundle import Bundle, write_bundle
from evertopic.prediction.predictor import ALTERNATIVES, NOTHING, Predictor

ODD = ("", " \n\t ", "\x00", "\u200b", "😀😀", "!!!", "rain " * 50_000, "nul\x00inside", "half \ud800 pair", "雨が降る")


@pytest.fixture
def predictor(bundle):
    return Predictor(bundle, bundle.meta.encoder)


@pytest.fixture
def vectors(predictor, news):
    return predictor.encoder.encode([clean(text, predictor.bundle.meta.cleaning) for text in news])


def alike(first, second):
    return first.key == second.key and first.strength == pytest.approx(second.strength, abs=1e-5)


def test_a_model_at_rest_answers_as_in_memory(tmp_path, predictor, news):
    """Written, loaded, asked: the same answers to the last digit."""
    write_bundle(predictor.bundle, tmp_path)
    assert Predictor.load(tmp_path).predict(news[:60]) == predictor.predict(news[:60])


def test_another_encoder_must_not_answer(tmp_path, bundle):
    """The fingerprint of the model is not the one of the encoder here: refused, with both."""
    other = bundle.meta.model_copy(update={"fingerprint": "of-another-machine"})
    write_bundle(Bundle(meta=other, head=bundle.head, reference=bundle.reference), tmp_path)
    with pytest.raises(Corrupted, match=f"of-another-machine, here hashing is {bundle.meta.encoder.fingerprint()}"):
        Predictor.load(tmp_path)


def test_a_text_is_answered_as_alone(predictor, news):
    """Among others, in any order, and among odd ones: the same answer."""
    texts = [*news[:25], *ODD]
    together, backwards = predictor.predict(texts), predictor.predict(texts[::-1])[::-1]
    for text, one, other in zip(texts, together, backwards, strict=True):
        assert alike(one, predictor.predict([text])[0])
        assert alike(one, other)


def test_the_answer_is_that_of_the_assignment_function(predictor, news, vectors):
    """Key and strength are of `assign` on the encoder's vectors of the texts."""
    answers = predictor.predict(news)
    found = assign(vectors, predictor.bundle.head)
    keys = [None if topic < 0 else f"key-{topic}" for topic in found.topic]
    assert [answer.key for answer in answers] == keys
    assert None in keys
    assert len(set(keys)) == 6
    assert [answer.strength for answer in answers] == pytest.approx(found.strength.tolist(), abs=1e-6)


def test_texts_are_cleaned_first(predictor, news):
    """What cleaning takes off a text does not change its answer."""
    wrapped = [f"<p>{text}</p>\n see https://example.org/{at}" for at, text in enumerate(news[:20])]
    plain = predictor.predict([f"{text}\nsee" for text in news[:20]])
    assert all(map(alike, predictor.predict(wrapped), plain))


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00", "<p></p>", "https://example.org"])
def test_a_text_of_which_nothing_is_left_is_unassigned(predictor, text):
    """No key, no words, strength 0, no alternatives."""
    assert predictor.predict([text, "rain fell over the valley", text])[::2] == [NOTHING, NOTHING]


def test_blanks_are_nothing_whatever_the_cleaning(bundle):
    """Without a step that trims, a blank text is still no text."""
    uncut = bundle.meta.cleaning.model_copy(update={"steps": ()})
    bare = Bundle(meta=bundle.meta.model_copy(update={"cleaning": uncut}), head=bundle.head, reference=bundle.reference)
    assert Predictor(bare, bundle.meta.encoder).predict([" \n ", ""]) == [NOTHING, NOTHING]


@pytest.mark.parametrize("text", ODD)
def test_every_text_has_an_answer(predictor, text):
    """Emoji, signs, a quarter of a megabyte, NUL, half characters, another script: a key of the model or none."""
    answer = predictor.predict([text])[0]
    assert answer.key in {None, *(topic.key for topic in predictor.bundle.meta.topics)}
    assert 0 <= answer.strength <= 1


def test_keys_names_and_words_come_from_the_model(predictor, news):
    """An answer speaks of what meta says, never of the fit's numbers."""
    known = {topic.key: (topic.name, topic.words) for topic in predictor.bundle.meta.topics}
    for answer in predictor.predict(news[:50]):
        assert (answer.name, answer.words) == (known[answer.key] if answer.key else ("unassigned", ()))
        assert {key for key, _ in answer.alternatives} <= set(known)


def test_alternatives_are_the_next_best(predictor, news, vectors):
    """The three best other topics, best first, with their probabilities; never the answer itself."""
    chances = probabilities(vectors, predictor.bundle.head)
    for row, answer in enumerate(predictor.predict(news)):
        others = {f"key-{at}": float(chances[row, at]) for at in range(5) if f"key-{at}" != answer.key}
        expected = sorted(others.items(), key=lambda other: -other[1])[:ALTERNATIVES]
        assert [key for key, _ in answer.alternatives] == [key for key, _ in expected]
        assert [chance for _, chance in answer.alternatives] == pytest.approx([c for _, c in expected], abs=1e-6)


@pytest.mark.parametrize("k", [1, 2])
def test_small_models_have_fewer_alternatives(bundle, news, k):
    """All other topics there are: none of one, one of two."""
    head = Head(bundle.head.weight[:k], bundle.head.bias[:k], np.full(k, -1, np.float32), bundle.head.temperature)
    meta = bundle.meta.model_copy(update={"topics": bundle.meta.topics[:k]})
    small = Predictor(Bundle(meta=meta, head=head, reference=bundle.reference), meta.encoder)
    assert {len(answer.alternatives) for answer in small.predict(news[:5])} == {k - 1}


def test_no_texts_have_no_answers(predictor):
    """Nothing in, nothing out, from texts and from vectors."""
    assert predictor.predict([]) == []
    assert predictor.answer(np.empty((0, 64), np.float32)) == []


def test_it_cannot_be_changed(predictor):
    """One model, one answer."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        predictor.encoder = None
