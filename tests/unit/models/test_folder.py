import dataclasses
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from evertopic.corpus.terms import count_terms
from evertopic.corpus.tokens import Tokenizer, tokenize
from evertopic.embedding import HashingEncoder
from evertopic.models.ctfidf import describe
from evertopic.models.folder import write_bertopic
from evertopic.records import TopicTable

K = 6
NAMES = tuple(f"our name {topic}" for topic in range(K))


@dataclasses.dataclass(frozen=True)
class Written:
    table: TopicTable
    labels: np.ndarray
    model: object


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Six topics by hand on 96 real texts, three of equal size and out of order, opened by BERTopic alone."""
    from bertopic import BERTopic
    from gensim.test.utils import datapath

    # Topics 1, 2, 3 have 15 documents each, and documents of 3 come first: BERTopic orders equal sizes by appearance.
    labels = np.repeat([3, 2, 1, -1, 0, 4, 5], [15, 15, 15, 7, 20, 13, 11]).astype(np.int32)
    news = Path(datapath("lee_background.cor")).read_text(encoding="utf-8").splitlines()
    tokens = tokenize([*news[:95], "über grüße überall grün über grüße"], Tokenizer(language="en"), "en")
    terms = count_terms(tokens, longest=2, min_df=1, max_df=1.0)
    table = describe(labels, terms, 8)
    folder = tmp_path_factory.mktemp("models") / "bertopic"
    write_bertopic(folder, tokens, HashingEncoder(width=64).encode(news[:96]), labels, terms.words, table, NAMES)
    return Written(table, labels, BERTopic.load(str(folder)))


def test_each_topic_has_our_words_and_weights(written):
    """`get_topic` shows the table of the model, word for word, also where sizes are equal."""
    for topic in range(K):
        words, weights = zip(*written.model.get_topic(topic), strict=True)
        assert words == written.table.words[topic]
        assert weights == pytest.approx(written.table.weights[topic])


def test_each_topic_has_our_size_and_name(written):
    """`get_topic_info` counts our documents, and shows our names."""
    info = written.model.get_topic_info().set_index("Topic")
    assert info["Count"].to_dict() == {-1: 7, **dict(enumerate(written.table.sizes))}
    assert info["CustomName"].to_dict() == {-1: "unassigned", **dict(enumerate(NAMES))}


def test_what_bertopic_computed_stands_in_our_order(written):
    """Row t + 1 of its c-TF-IDF is that of our topic t: its heaviest terms are mostly ours."""
    vocabulary = written.model.vectorizer_model.get_feature_names_out()
    for topic, words in enumerate(written.table.words):
        row = written.model.c_tf_idf_[topic + 1].toarray().ravel()
        assert len(set(vocabulary[np.argsort(-row)[:16]]) & set(words)) >= 5
    assert written.model.topic_sizes_ == {-1: 7, **dict(enumerate(written.table.sizes))}


def test_each_document_has_our_topic(written):
    """The topics of the fitted documents are our labels."""
    assert written.model.topics_ == written.labels.tolist()


# BERTopic asks UMAP for a seed and for threads; UMAP says that it cannot have both.
@pytest.mark.filterwarnings("ignore:n_jobs value 1 overridden:UserWarning")
@pytest.mark.parametrize("what", ["topics", "barchart", "hierarchy", "heatmap"])
def test_its_figures_can_be_drawn(written, what):
    """BERTopic's own pictures work on the opened folder."""
    drawn = getattr(written.model, f"visualize_{what}")(custom_labels=True)
    assert isinstance(drawn, go.Figure)
    assert drawn.data
