"""An explanation says what the answer rests on, and says so where it cannot."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from evertopic.models.assignment import assign, logits, probabilities
from evertopic.prediction.bundle import Bundle
from evertopic.prediction.explanation import EXCERPT, Explainer, explain
from evertopic.prediction.loading import Model
from evertopic.prediction.predictor import Predictor
from evertopic.prediction.rules import Category, Rules
from evertopic.records import ModelVersion, Neighbour, SnapshotRef, VectorsRef
from evertopic.storage.lake import Lake
from tests.unit.cli.cards import a_card

DAY = datetime(2026, 3, 2, tzinfo=UTC)
DOCUMENTS, VECTORS = SnapshotRef("documents/s1", "s1", 300), VectorsRef("vectors/v1", "v1", 300, 64, "hashing")


def a_model(bundle: Bundle, **changes) -> Model:
    version = ModelVersion("news", 1, ("champion",), "run", "models:/news/1", "d", created=True)
    card = a_card(documents=DOCUMENTS, vectors=VECTORS)
    return replace(Model(version, "champion", Predictor(bundle, bundle.meta.encoder), card, DAY), **changes)


def with_words(bundle: Bundle, words: tuple[str, ...]) -> Bundle:
    """Every topic is described by these words."""
    topics = tuple(topic.model_copy(update={"words": words}) for topic in bundle.meta.topics)
    return bundle.model_copy(update={"meta": bundle.meta.model_copy(update={"topics": topics})})


def with_rule(bundle: Bundle, **rule) -> Bundle:
    rules = Rules(categories=(Category(name="Rain", patterns=("rain",), over_confident=True, **rule),))
    return bundle.model_copy(update={"meta": bundle.meta.model_copy(update={"rules": rules})})


def store(lake: Lake, bundle: Bundle, texts: list[str], repeated: dict[int, str] | None = None) -> None:
    """The documents of the card and their vectors, as a training leaves them."""
    origin = [(repeated or {}).get(row) for row in range(len(texts))]
    ids = [f"d{row}" for row in range(len(texts))]
    frame = pd.DataFrame({"id": ids, "text": texts, "duplicate_of": pd.Series(origin, dtype="str")})
    lake.write_frame("documents/s1/documents.parquet", frame)
    lake.write_array("vectors/v1/vectors.npy", bundle.meta.encoder.encode(texts))


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def stored(lake, bundle, news) -> Lake:
    store(lake, bundle, news)
    return lake


def test_the_answer_is_the_predictors(bundle, news, stored):
    """What is explained is what the caller was told."""
    model = a_model(bundle)
    for text in news[:20]:
        assert explain(model, stored, text).answer == model.predictor.predict([text])[0]


def test_the_nearest_documents_are_the_nearest(bundle, news, stored):
    """A document of the training is its own neighbour at cosine 1; the others follow as a plain product has them."""
    vectors = bundle.meta.encoder.encode(news)
    for row in (0, 7, 299):
        cosines = vectors @ vectors[row]
        expected = np.argsort(-cosines, kind="stable")[:4]
        found = explain(a_model(bundle), stored, news[row], neighbours=4).neighbours
        assert expected[0] == row
        assert [one.text for one in found] == [news[at][:EXCERPT] for at in expected]
        assert [one.cosine for one in found] == pytest.approx(cosines[expected].tolist(), abs=1e-6)
        assert found[0].cosine == pytest.approx(1.0, abs=1e-6)


def test_neighbours_carry_the_topic_the_model_gives_them(bundle, news, stored):
    """The key of each is that of the assignment function, None where it leaves the document out."""
    found = assign(bundle.meta.encoder.encode(news), bundle.head).topic
    expected = {text[:EXCERPT]: None if topic < 0 else f"key-{topic}" for text, topic in zip(news, found, strict=True)}
    shown = explain(a_model(bundle), stored, news[0], neighbours=300).neighbours
    assert {one.text: one.key for one in shown} == expected
    assert None in expected.values()


def test_a_repeated_document_is_shown_once(bundle, news, lake):
    """Ten documents have the text of the first: one of them is a neighbour, then others come."""
    store(lake, bundle, [news[0]] * 11 + news[1:20], dict.fromkeys(range(1, 11), "d0"))
    found = explain(a_model(bundle), lake, news[0], neighbours=3).neighbours
    assert [one.text for one in found].count(news[0][:EXCERPT]) == 1
    assert len(found) == 3


@pytest.mark.parametrize(("asked", "given"), [(0, 0), (1, 1), (3, 3), (99, 3)])
def test_there_are_no_more_neighbours_than_documents(bundle, news, lake, asked, given):
    """As many as are asked for, at most all."""
    store(lake, bundle, news[:3])
    explained = explain(a_model(bundle), lake, "rain over the valley", neighbours=asked)
    assert len(explained.neighbours) == given
    assert explained.note is None


def test_topics_are_shown_as_the_head_sees_them(bundle, news, stored):
    """Cosine, threshold and probability of all five topics, the most probable first."""
    vector = bundle.meta.encoder.encode([news[3]])
    cosines, chances = logits(vector, bundle.head)[0], probabilities(vector, bundle.head)[0]
    topics = explain(a_model(bundle), stored, news[3]).topics
    order = [int(topic.key.removeprefix("key-")) for topic in topics]
    assert order == np.argsort(-chances).tolist()
    assert [topic.cosine for topic in topics] == pytest.approx(cosines[order].tolist(), abs=1e-6)
    assert [topic.threshold for topic in topics] == pytest.approx(bundle.head.threshold[order].tolist())
    assert [topic.probability for topic in topics] == pytest.approx(chances[order].tolist(), abs=1e-6)
    assert sum(topic.probability for topic in topics) == pytest.approx(1, abs=1e-5)
    assert topics[0].name == f"name {order[0]}"


def test_threshold_and_cosine_decide_as_the_answer_does(bundle, news, stored):
    """A text is unassigned exactly where the best topic's cosine is below its threshold."""
    seen = set()
    for text in news[200:]:
        explained = explain(a_model(bundle), stored, text)
        best = explained.topics[0]
        assert (explained.answer.key is None) == (best.cosine < best.threshold)
        seen.add(explained.answer.key is None)
    assert seen == {True, False}


def test_at_most_ten_topics_are_shown(bundle, news, stored):
    """A model of 35 topics shows the best ten."""
    head = replace(
        bundle.head,
        weight=np.repeat(bundle.head.weight, 7, axis=0),
        bias=np.zeros(35, np.float32),
        threshold=np.repeat(bundle.head.threshold, 7),
    )
    topics = tuple(bundle.meta.topics[0].model_copy(update={"key": f"key-{at}"}) for at in range(35))
    many = Bundle(meta=bundle.meta.model_copy(update={"topics": topics}), head=head, reference=bundle.reference)
    assert len(explain(a_model(many), stored, news[0]).topics) == 10


def test_the_shared_words_are_those_in_the_text(bundle, stored):
    """Whole words, case and apostrophes ignored, pairs where both are there; not a part of another word."""
    words = ("rain", "flood waters", "council", "art", "fire season", "café")
    model = a_model(with_words(bundle, words))
    shared = explain(model, stored, "RAIN: the Council's waters rose, a FLOOD. The party left the Café.").words
    assert shared == ("rain", "flood waters", "council", "café")


def test_words_of_scripts_without_blanks_are_found(bundle, stored):
    """Pairs of characters, as the words of such topics are."""
    model = a_model(with_words(bundle, ("足球", "比赛", "经济")))
    assert explain(model, stored, "昨天的足球比赛很精彩").words == ("足球", "比赛")


def test_the_text_is_shown_as_the_model_read_it(bundle, stored):
    """Cleaned: without tags and addresses, which change neither topics nor neighbours."""
    explained = explain(a_model(bundle), stored, "<p>Rain over   the valley</p> https://example.org/x")
    assert explained == explain(a_model(bundle), stored, "Rain over the valley")
    assert explained.text == "Rain over the valley"


@pytest.mark.parametrize("text", ["", "<p></p>", "😀😀", "!!!"])
def test_a_text_without_words_is_compared_with_nothing(bundle, stored, text):
    """The answer and a note, and nothing that looks like evidence."""
    explained = explain(a_model(bundle), stored, text)
    assert explained.answer.key is None
    assert (explained.words, explained.topics, explained.neighbours) == ((), (), ())
    assert explained.note == "There is no word in the text to compare with anything."


def test_without_a_card_it_says_so(bundle, lake):
    """Topics and words are explained all the same."""
    explained = explain(a_model(bundle, card=None), lake, "rain over the valley")
    assert explained.neighbours == ()
    assert len(explained.topics) == 5
    assert "card of this model's training is not in this lake" in explained.note


def test_without_its_documents_it_says_so(bundle, lake):
    """The card is there and its documents are not: what is missing is named."""
    explained = explain(a_model(bundle), lake, "rain over the valley")
    assert explained.neighbours == ()
    assert "The lake holds no vectors/v1/vectors.npy" in explained.note


def test_documents_of_another_number_than_vectors_are_not_shown(bundle, news, lake):
    """They would be shown beside cosines that are not theirs."""
    store(lake, bundle, news[:5])
    lake.write_array("vectors/v2/vectors.npy", bundle.meta.encoder.encode(news[:4]))
    card = a_card(documents=DOCUMENTS, vectors=replace(VECTORS, key="vectors/v2", digest="v2"))
    explained = explain(a_model(bundle, card=card), lake, "rain over the valley")
    assert explained.neighbours == ()
    assert "has 5 documents for 4 vectors" in explained.note


def test_a_rule_that_spoke_is_shown_with_the_models_own_view(bundle, news, stored):
    """The answer is the rule's and says what it overruled; topics and cosines are the model's."""
    explained = explain(a_model(with_rule(bundle)), stored, "heavy rain over the valley and the hills")
    assert explained.answer.key == "rule:Rain"
    assert explained.answer.overruled.rule == "Rain"
    assert len(explained.topics) == 5
    assert len(explained.neighbours) == 5


def test_the_documents_are_read_once(bundle, news, stored):
    """Two explanations, by two models of one training, read its vectors once."""
    explainer, reads = Explainer(stored), []

    class Noted(Lake):
        def read_array(self, key):
            reads.append(key)
            return super().read_array(key)

    explainer.lake = Noted(stored.url)
    for model in (a_model(bundle), a_model(bundle)):
        assert len(explainer.explain(model, news[0]).neighbours) == 5
    assert reads == ["vectors/v1/vectors.npy"]


def test_another_training_has_other_documents(bundle, news, stored):
    """The model changes: its own documents are its neighbours."""
    explainer = Explainer(stored)
    explainer.explain(a_model(bundle), news[0])
    stored.write_frame("documents/s2/documents.parquet", pd.DataFrame({"text": ["other"], "duplicate_of": [None]}))
    stored.write_array("vectors/v2/vectors.npy", bundle.meta.encoder.encode(["other"]))
    card = a_card(
        documents=SnapshotRef("documents/s2", "s2", 1), vectors=replace(VECTORS, key="vectors/v2", digest="v2")
    )
    found = explainer.explain(a_model(bundle, card=card), news[0]).neighbours
    assert [one.text for one in found] == ["other"]


def test_of_very_many_documents_some_are_looked_at(bundle, lake):
    """Of 25,001 documents, at most 10,000: every third, whatever parts they are read in, each with its own text."""
    texts = [f"text {row}" for row in range(25_001)]
    lake.write_frame("documents/s1/documents.parquet", pd.DataFrame({"text": texts, "duplicate_of": None}))
    vectors = np.random.default_rng(0).normal(size=(25_001, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    lake.write_array("vectors/v1/vectors.npy", vectors)
    text = "rain over the valley"
    cosines = vectors[::3] @ bundle.meta.encoder.encode([text])[0]
    best = np.argsort(-cosines)[:5]
    found = Explainer(lake, at_most=10_000).explain(a_model(bundle), text).neighbours
    assert [one.text for one in found] == [f"text {3 * at}" for at in best]
    assert [one.cosine for one in found] == pytest.approx(cosines[best].tolist(), abs=1e-6)


def test_a_neighbour_cannot_be_changed():
    """Records are facts."""
    with pytest.raises(AttributeError):
        Neighbour("text", 1.0, None).cosine = 0.5
