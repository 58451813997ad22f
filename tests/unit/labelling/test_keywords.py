import pytest
from pydantic import ValidationError

from evertopic.labelling import Keywords
from evertopic.records import TopicTable


def table(*topics):
    weights = tuple(tuple(1.0 / (1 + at) for at in range(len(words))) for words in topics)
    return TopicTable(tuple(topics), weights, tuple(tuple((0,) for _ in words) for words in topics), (1,) * len(topics))


def test_a_name_is_the_first_words():
    """Three words, in their order, with the separator."""
    assert Keywords().name(table(("rain", "storm", "wind", "cloud"))) == ("rain · storm · wind",)
    assert Keywords(words=1, separator=", ").name(table(("rain", "storm"))) == ("rain",)


def test_near_copies_are_passed_over():
    """Neither "israeli" after "israel" nor "bin laden" after "laden" is shown."""
    words = ("israel", "israeli", "laden", "bin laden", "arafat", "peace")
    assert Keywords().name(table(words)) == ("israel · laden · arafat",)


def test_short_words_that_differ_are_kept():
    """Words are near-copies by their first five letters, not by less."""
    assert Keywords().name(table(("bank", "banks", "band"))) == ("bank · banks · band",)


def test_names_are_distinct():
    """A name that is taken gets the next word, then a number."""
    words = ("rain", "storm", "wind", "cloud")
    names = Keywords().name(table(words, words, words, words))
    assert names == (
        "rain · storm · wind",
        "rain · storm · wind · cloud",
        "rain · storm · wind (2)",
        "rain · storm · wind (3)",
    )


def test_a_number_that_is_a_name_already_is_passed_over():
    """Even a topic whose only word reads like a numbered name stays apart."""
    names = Keywords(words=1).name(table(("a",), ("a (2)",), ("a",)))
    assert len(set(names)) == 3


def test_topics_without_words_are_nameless_and_distinct():
    """No words at all: "nameless", numbered."""
    assert Keywords().name(table((), ("rain",), ())) == ("nameless", "rain", "nameless (2)")


def test_no_topics_have_no_names():
    """Of k = 0 comes ()."""
    assert Keywords().name(table()) == ()


@pytest.mark.parametrize("words", [0, 11])
def test_a_name_has_one_to_ten_words(words):
    """None and too many are refused."""
    with pytest.raises(ValidationError):
        Keywords(words=words)
