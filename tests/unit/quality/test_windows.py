import itertools
from collections import deque

import numpy as np
import pytest

from evertopic.quality.windows import count


def counted(made, texts, words, topics):
    tokens = made.tokens(texts)
    return count(tokens, made.grams(tokens, words), topics)


def test_a_document_shorter_than_the_window_even_an_empty_one_is_one_window(made):
    """A document shorter than the window, even an empty one, is one window; a longer one has L - w + 1."""
    counts = counted(made, [["a", "b"], [], ["a"] * 12], ["a", "b"], [[0, 1]])
    assert counts.narrow.windows.tolist() == [1, 1, 3]  # 12 - 10 + 1
    assert counts.wide.windows.tolist() == [1, 1, 1]
    assert counts.narrow.words.toarray().tolist() == [[1, 1], [0, 0], [3, 0]]
    assert counts.narrow.pairs.toarray().tolist() == [[1], [0], [0]]


def test_a_word_repeated_inside_a_window_counts_once(made):
    """A word that stands three times in the one window of a document is in one window."""
    counts = counted(made, [["a", "a", "b", "a"]], ["a", "b"], [[0, 1]])
    assert counts.narrow.word_totals.tolist() == [1, 1]
    assert counts.narrow.pair_totals.tolist() == [1]


def test_windows_slide_by_one_token(made):
    """Of the windows of a document of 15 tokens, a word is in those that reach it."""
    # windows of 10 start at 0..5; b at 12 is in those that start at 3, 4, 5; a at 4 in 0..4; both in 3, 4
    text = ["x"] * 15
    text[4], text[12] = "a", "b"
    counts = counted(made, [text], ["a", "b"], [[0, 1]])
    assert counts.narrow.word_totals.tolist() == [5, 3]
    assert counts.narrow.pair_totals.tolist() == [2]


def test_a_word_of_two_tokens_occurs_where_they_stand_in_a_row_in_one_document(made):
    """`new york` is found where it begins, not over the end of a document nor with a word between."""
    texts = [["in", "new", "york"], ["new"], ["york", "new", "old", "york"], ["new", "york", "city", "new", "york"]]
    counts = counted(made, texts, ["new york", "new", "new york city", "city"], [[0, 1], [2, 3, 0]])
    assert counts.whole.words.toarray().tolist() == [[1, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [1, 1, 1, 1]]
    # pairs in the order of their keys: 01 02 03 23
    assert counts.whole.pair_totals.tolist() == [2, 1, 1, 1]


def test_only_pairs_inside_a_topic_are_counted_and_shared_ones_once(made):
    """Two topics that share a pair cost its count once, and no pair across topics is kept."""
    counts = counted(made, [["a", "b", "c", "d"]], ["a", "b", "c", "d"], [[0, 1], [1, 0, 2], [3]])
    assert counts.pair_keys.tolist() == [0 * 4 + 1, 0 * 4 + 2, 1 * 4 + 2]


def slow_counts(text, words, size):
    """Windows walked one by one as gensim does: the word that leaves is gone even if it stands there again."""
    present, held = set(), dict.fromkeys(words, 0)
    met = dict.fromkeys(itertools.combinations(words, 2), 0)
    window = deque(text[:size])
    present.update(window)
    for start in range(max(len(text) - size + 1, 1)):
        if start:
            present.discard(window.popleft())
            window.append(text[start + size - 1])
            present.add(window[-1])
        for word in words:
            held[word] += word in present
        for pair in met:
            met[pair] += pair[0] in present and pair[1] in present
    return list(held.values()), list(met.values())


@pytest.mark.parametrize("limit", [1, 7, 2_000_000])
def test_masks_count_what_walking_the_windows_one_by_one_counts(made, limit):
    """On random texts of 0 to 400 tokens, each document's counts are those of a walk, however the work is cut."""
    random = np.random.default_rng(4)
    letters, words = list("abcdefgh" + "z" * 12), list("abcdefgh")
    texts = [random.choice(letters, size).tolist() for size in (0, 3, 9, 10, 11, 73, 74, 110, 173, 174, 237, 400)]
    tokens = made.tokens(texts)
    counts = count(tokens, made.grams(tokens, words), [list(range(8))], lookups_at_once=limit)
    for size, got in ((110, counts.wide), (10, counts.narrow), (400, counts.whole)):
        for row, text in enumerate(texts):
            held, met = slow_counts(text, words, size)
            assert got.words[[row]].toarray()[0].tolist() == held
            assert got.pairs[[row]].toarray()[0].tolist() == met


def test_no_documents_no_words_or_only_empty_documents_give_empty_counts(made):
    """Nothing to count is no error: the totals are zero."""
    assert counted(made, [], ["a", "b"], [[0, 1]]).narrow.pair_totals.tolist() == [0]
    assert counted(made, [[], []], ["a", "b"], [[0, 1]]).wide.word_totals.tolist() == [0, 0]
    assert counted(made, [["a"]], [], []).documents == 1


def test_a_topic_that_names_a_word_twice_is_refused(made):
    """The words of a topic are distinct."""
    with pytest.raises(ValueError, match="Topic 1 names a word twice"):
        counted(made, [["a", "b"]], ["a", "b"], [[0, 1], [1, 0, 1]])


@pytest.mark.parametrize("grams", [((0,), (0,)), ((0,), ())])
def test_equal_or_empty_words_are_refused(made, grams):
    """Each word to measure is given once and has a token."""
    with pytest.raises(ValueError, match="distinct"):
        count(made.tokens([["a"]]), grams, [[0]])
