from collections.abc import Callable

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from evertopic.corpus.terms import count_terms
from evertopic.records import Tokens

NONE: list[list[str]] = []


def tokens_of(documents: list[list[str]]) -> Tokens:
    words = tuple(sorted({word for document in documents for word in document}))
    ids = np.array([words.index(word) for document in documents for word in document], np.int32)
    return Tokens(words, ids, np.cumsum([0, *map(len, documents)], dtype=np.int64))


def drawn(documents: int, vocabulary: int, seed: int) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 30, documents)
    return [[f"w{int(rng.zipf(1.4)) % vocabulary}" for _ in range(length)] for length in lengths]


@pytest.mark.parametrize("longest", [1, 2, 3, 4])
@pytest.mark.parametrize(("min_df", "max_df"), [(1, 1.0), (3, 1.0), (2, 0.4)])
def test_counts_are_those_of_scikit_learn(longest: int, min_df: int, max_df: float) -> None:
    """Vocabulary and every count equal CountVectorizer's on the same token lists."""
    documents = drawn(120, 40, seed=longest)
    peer = CountVectorizer(analyzer=grams_up_to(longest), min_df=min_df, max_df=max_df)
    expected = peer.fit_transform(documents)
    terms = count_terms(tokens_of(documents), longest, min_df, max_df)
    assert list(terms.words) == list(peer.get_feature_names_out())
    assert (terms.counts.toarray() == expected.toarray()).all()


def grams_up_to(longest: int) -> Callable[[list[str]], list[str]]:
    whole = CountVectorizer(
        tokenizer=list, preprocessor=list, token_pattern=None, ngram_range=(1, longest), lowercase=False
    )
    analyzer: Callable[[list[str]], list[str]] = whole.build_analyzer()
    return analyzer


def test_a_hand_count() -> None:
    """Terms do not cross documents, and a repeated word pairs with itself."""
    terms = count_terms(tokens_of([["a", "b", "a", "b"], ["b", "b"], []]), longest=2)
    # document 0: a 2, b 2, "a b" 2, "b a" 1; document 1: b 2, "b b" 1; document 2: nothing
    assert terms.words == ("a", "a b", "b", "b a", "b b")
    assert terms.counts.toarray().tolist() == [[2, 2, 2, 1, 0], [0, 0, 2, 0, 1], [0, 0, 0, 0, 0]]
    assert terms.grams == ((0,), (0, 1), (1,), (1, 0), (1, 1))
    assert terms.counts.dtype == np.int32


def test_a_common_word_may_go_and_its_pair_stay() -> None:
    """max_df drops a word that all documents use, not the rarer pair it is part of."""
    terms = count_terms(tokens_of([["x", "y"], ["x", "z"], ["x"]]), longest=2, max_df=0.5)
    assert terms.words == ("x y", "x z", "y", "z")


@pytest.mark.parametrize("documents", [NONE, [[], []], [["a"], ["b"]]], ids=["none", "empty", "all rare"])
def test_nothing_frequent_gives_an_empty_vocabulary(documents: list[list[str]]) -> None:
    """No documents, empty ones, or only rare words: shape (n, 0), no error."""
    terms = count_terms(tokens_of(documents), longest=3, min_df=2)
    assert (terms.words, terms.counts.shape) == ((), (len(documents), 0))


def test_a_document_shorter_than_the_longest_term_is_counted() -> None:
    """Three-word terms are asked of a corpus of one word."""
    assert count_terms(tokens_of([["a"]]), longest=3).words == ("a",)
