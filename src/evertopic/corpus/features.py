"""Text features: one definition for training, serving and monitoring."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import emoji
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evertopic.corpus.languages import detect_languages, split_words

FEATURES_VERSION = 1
"""Raised whenever a definition below changes: features of two versions are not compared."""
CHUNK_CHARACTERS = 2_000_000
"""Texts are taken together up to this many characters, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Feature:
    """What one column of the features says."""

    name: str
    unit: str
    description: str


FEATURES = (
    Feature("characters", "count", "Code points, blanks included."),
    Feature("words", "count", "Words; two characters count as one in scripts without blanks."),
    Feature("mean_word_length", "characters", "Mean length of the words."),
    Feature("sentences", "count", "Stretches with a word in them, parted by . ! ? and their like or by a line break."),
    Feature("language", "ISO 639-1", "Language judged by the first 1,000 characters; `und` without letters."),
    Feature("emoji_share", "share", "Emoji code points among all characters."),
    Feature("url_count", "count", "http and www addresses."),
    Feature("punctuation_share", "share", "Punctuation and symbols other than emoji among all characters."),
    Feature("uppercase_share", "share", "Upper-case letters among all letters."),
    Feature("digit_share", "share", "Decimal digits among all characters."),
    Feature("non_ascii_share", "share", "Characters beyond ASCII among all characters."),
    Feature("whitespace_share", "share", "Blanks and line breaks among all characters."),
    Feature("type_token_ratio", "share", "Distinct words, lower-cased, among all words."),
)

_LETTER, _UPPER, _DIGIT, _PUNCTUATION, _EMOJI, _BLANK, _FOREIGN = (1 << bit for bit in range(7))
_URL = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?…؟।])[\"'”’»)\]]*\s|[。！？\n]")
_WORD_CHARACTER = re.compile(r"[^\W_]")


def compute_features(texts: Sequence[str]) -> pd.DataFrame:
    """One row per text, one column per entry of FEATURES, in that order.

    Shares are in [0, 1]. An empty text has 0 everywhere and the language `und`; so has each share whose whole is
    empty (upper-case letters of a text without letters). Counts are int64, the rest float64.
    """
    tables = [_characters(chunk) for chunk in _chunks(texts)]
    shares = np.concatenate(tables) if tables else np.empty((0, 8))
    words = np.array([_words(text) for text in texts], float).reshape(-1, 3)
    total, letters = shares[:, 0], shares[:, 1]
    columns = {
        "characters": total.astype(np.int64),
        "words": words[:, 0].astype(np.int64),
        "mean_word_length": _ratio(words[:, 1], words[:, 0]),
        "sentences": np.array([count_sentences(text) for text in texts], np.int64),
        "language": pd.Series(detect_languages(texts), dtype="str"),
        "emoji_share": _ratio(shares[:, 5], total),
        "url_count": np.array([len(_URL.findall(text)) for text in texts], np.int64),
        "punctuation_share": _ratio(shares[:, 4], total),
        "uppercase_share": _ratio(shares[:, 2], letters),
        "digit_share": _ratio(shares[:, 3], total),
        "non_ascii_share": _ratio(shares[:, 7], total),
        "whitespace_share": _ratio(shares[:, 6], total),
        "type_token_ratio": _ratio(words[:, 2], words[:, 0]),
    }
    return pd.DataFrame(columns, columns=[feature.name for feature in FEATURES])


def count_sentences(text: str) -> int:
    """Stretches of text with a word in them, parted by sentence ends or line breaks; 0 for none.

    >>> count_sentences("It costs 3.5 dollars. Really?! Yes"), count_sentences("好。很好！"), count_sentences("😀")
    (3, 2, 0)
    """
    return sum(1 for part in _SENTENCE_END.split(text) if _WORD_CHARACTER.search(part))


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _words(text: str) -> tuple[int, int, int]:
    words = split_words(text.lower())
    return len(words), sum(map(len, words)), len(set(words))


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start, characters = 0, 0
    for stop, text in enumerate(texts, start=1):
        characters += len(text)
        if characters >= CHUNK_CHARACTERS or stop == len(texts):
            yield texts[start:stop]
            start, characters = stop, 0


def _characters(texts: Sequence[str]) -> NDArray[np.float64]:
    """(n, 8): characters of each text, and how many of them are of each of the seven classes."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    classes = _classes()[codes]
    ends = np.cumsum([len(text) for text in texts])
    counts = [np.diff(ends, prepend=0)]
    for bit in range(7):
        so_far = np.concatenate(([0], np.cumsum(classes >> bit & 1, dtype=np.int64)))
        counts.append(np.diff(so_far[ends], prepend=0))
    return np.stack(counts, axis=1).astype(float)


@cache
def _classes() -> NDArray[np.uint8]:
    """(1,114,112,) the classes of each code point, as bits."""
    table = np.array([_class(chr(code)) for code in range(0x110000)], np.uint8)
    table[0x80:] |= _FOREIGN
    return table


@cache
def _emoji() -> frozenset[str]:
    """Single characters that are emoji; not the digits, ©, ™ and quotes that only take part in some."""
    return frozenset(sign for signs in emoji.EMOJI_DATA for sign in signs if sign >= "\u2190" and sign != "\ufe0f")


def _class(character: str) -> int:
    category = unicodedata.category(character)
    letter = (category[0] == "L") * _LETTER | (category in ("Lu", "Lt")) * _UPPER
    if character in _emoji():
        return letter | _EMOJI
    sign = (category == "Nd") * _DIGIT | (category[0] in "PS") * _PUNCTUATION
    return letter | sign | character.isspace() * _BLANK
