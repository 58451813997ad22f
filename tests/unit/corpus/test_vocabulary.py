"""Words counted by document, and words that nobody knows."""

import numpy as np
import pytest

from evertopic.corpus.tokens import Tokenizer, tokenize
from evertopic.corpus.vocabulary import document_counts, unknown_shares

TEXTS = ["fire smoke fire", "smoke hills", "", "fire hills hills wind"]
TOKENS = tokenize(TEXTS, Tokenizer(), "en")
NOTHING = tokenize([], Tokenizer(), "en")
EMPTY = tokenize(["", "the"], Tokenizer(), "en")


def test_documents_by_word() -> None:
    """A word twice in a document counts once; the commonest first, ties by the alphabet."""
    assert list(document_counts(TOKENS).items()) == [("fire", 2), ("hills", 2), ("smoke", 2), ("wind", 1)]


def test_the_commonest_only() -> None:
    """Of four words the first two."""
    assert list(document_counts(TOKENS, 2)) == ["fire", "hills"]


def test_no_words() -> None:
    """No documents, and documents without a word: nothing to count, no share."""
    assert document_counts(NOTHING) == document_counts(EMPTY) == {}
    assert unknown_shares(NOTHING, {}).shape == (0,)
    assert unknown_shares(EMPTY, {}).tolist() == [0.0, 0.0]


def test_unknown_shares_by_hand() -> None:
    """Knowing fire alone: 1 of 3 tokens is not known, 2 of 2, of none none, 3 of 4."""
    shares = unknown_shares(TOKENS, {"fire"})
    assert shares == pytest.approx([1 / 3, 1.0, 0.0, 0.75])
    assert shares.dtype == np.float32


def test_all_or_nothing_known() -> None:
    """Those whose own words are known have none unknown; to whom nothing is known, all is new."""
    assert unknown_shares(TOKENS, document_counts(TOKENS)).tolist() == [0.0] * 4
    assert unknown_shares(TOKENS, ()).tolist() == [1.0, 1.0, 0.0, 1.0]


def test_words_that_no_document_of_these_has() -> None:
    """Tokens taken out of a larger corpus keep its vocabulary; words without a document are not counted."""
    from evertopic.corpus.tokens import take

    assert document_counts(take(TOKENS, np.array([1]))) == {"hills": 1, "smoke": 1}
