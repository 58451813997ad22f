"""The texts one can ask for of a document: original, cleaned, without stop words, stemmed."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from evertopic.corpus.cleaning import Cleaning, clean
from evertopic.corpus.tokens import Tokenizer, tokenize

STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "nb": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""Snowball's algorithm for each ISO 639-1 code that every release of its package has."""


@dataclass(frozen=True, slots=True)
class TextVariants:
    """One document in four forms, each made of the one before."""

    original: str
    cleaned: str
    without_stop_words: str
    """The content words, lower-case, parted by blanks: what the vocabulary sees."""
    stemmed: str
    """The same words reduced to their stems; unchanged where the language has no stemmer."""


def vary(text: str, cleaning: Cleaning, tokenizer: Tokenizer, language: str) -> TextVariants:
    """The four forms of a text in `language` (ISO 639-1), which applies where the tokeniser says `auto`.

    An empty text, or one of stop words alone, has empty last forms.

    >>> vary("<b>The Dogs</b> are running", Cleaning(), Tokenizer(), "en").stemmed
    'dog run'
    """
    cleaned = clean(text, cleaning)
    tokens = tokenize([cleaned], tokenizer, language)
    words = [tokens.words[index] for index in tokens.ids]
    return TextVariants(text, cleaned, " ".join(words), " ".join(stem(words, tokenizer.language_for(language))))


def stem(words: list[str], language: str) -> list[str]:
    """The stem of each word; the words as they are where Snowball does not know the language (`zh`, `und`).

    Source: the Snowball stemmers, in the package `snowballstemmer`.
    """
    algorithm = STEMMERS.get(language)
    return list(_stemmer(algorithm).stemWords(words)) if algorithm else list(words)


@cache
def _stemmer(algorithm: str) -> Any:
    from snowballstemmer import stemmer

    return stemmer(algorithm)
