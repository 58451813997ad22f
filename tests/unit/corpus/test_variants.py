import pytest
from snowballstemmer import algorithms

from evertopic.corpus.cleaning import Cleaning
from evertopic.corpus.tokens import Tokenizer
from evertopic.corpus.variants import STEMMERS, TextVariants, stem, vary


def forms(text: str, language: str) -> TextVariants:
    return vary(text, Cleaning(), Tokenizer(), language)


def test_each_form_is_made_of_the_one_before() -> None:
    """Original, cleaned, without stop words, stemmed."""
    assert forms("<i>The cats</i> don't run  quickly", "en") == TextVariants(
        original="<i>The cats</i> don't run  quickly",
        cleaned="The cats don't run quickly",
        without_stop_words="cats run quickly",
        stemmed="cat run quick",
    )


@pytest.mark.parametrize(
    ("text", "language", "stemmed"),
    [("les chevaux mangeaient", "fr", "cheval mang"), ("makanan yang dimakan", "id", "makan makan")],
)
def test_stems_follow_the_language(text: str, language: str, stemmed: str) -> None:
    """French and Indonesian words lose their own endings and prefixes."""
    assert forms(text, language).stemmed == stemmed


@pytest.mark.parametrize("language", ["zh", "und", "xx"])
def test_without_a_stemmer_words_stay(language: str) -> None:
    """A language that Snowball does not know: stemmed equals without_stop_words."""
    result = forms("降低税收 running", language)
    assert result.stemmed == result.without_stop_words != ""


def test_the_named_language_of_the_tokeniser_decides() -> None:
    """Stop words and stems come from the same language."""
    assert vary("the running dogs", Cleaning(), Tokenizer(language="en"), "fr").stemmed == "run dog"


@pytest.mark.parametrize("text", ["", "the of", "😀", "\ud800"])
def test_texts_without_content_have_empty_forms(text: str) -> None:
    """Nothing left is an empty text, not an error."""
    assert (forms(text, "en").without_stop_words, forms(text, "en").stemmed) == ("", "")


def test_every_listed_stemmer_exists() -> None:
    """The table names only algorithms that the installed package has."""
    assert set(STEMMERS.values()) <= set(algorithms())
    assert all(stem(["a"], code) for code in STEMMERS)
