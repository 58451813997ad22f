"""Tokens: the content words of each document, by the one tokeniser that vocabulary and coherence share."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, PositiveInt

from evertopic.corpus.languages import UNSPACED, ascii_word_pattern, marks, particles, stop_words, word_pattern
from evertopic.records import Integers, Offsets, Tokens

LONGEST_WORD = 40
"""Longer ones are keys, hashes and encoded files."""

_ENGLISH_ENDING = re.compile(r"'(?:s|ll|d|ve|re|m)$")
_ROMANCE_ELISION = re.compile(
    r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|un|all|dall|dell|nell|sull|coll|quell|quest)'(?=\w)"
)
_AFFIXES = {"en": _ENGLISH_ENDING, "fr": _ROMANCE_ELISION, "it": _ROMANCE_ELISION, "ca": _ROMANCE_ELISION}


class Tokenizer(BaseModel):
    """How a text becomes words: lower case, no stop words, nothing without a letter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str = "auto"
    """ISO 639-1 code whose stop words and apostrophes apply; `auto` takes the main language of the corpus."""
    extra_stop_words: tuple[str, ...] = ()
    min_length: PositiveInt = 2
    """Characters; shorter words are dropped."""
    keep_numbers: bool = False
    """Keep words made of digits alone."""

    def language_for(self, main: str) -> str:
        """The language that applies in a corpus whose main language is `main`."""
        return main if self.language == "auto" else self.language


class _Numbered(dict[str, int]):
    """Numbers each word by its first appearance."""

    def __missing__(self, word: str) -> int:
        self[word] = len(self)
        return self[word]


class _Rules(NamedTuple):
    stop: frozenset[str]
    particles: frozenset[str]
    affix: re.Pattern[str] | None
    min_length: int
    keep_numbers: bool


def tokenize(texts: Sequence[str], tokenizer: Tokenizer, language: str) -> Tokens:
    """The content words of each text, in reading order; `words` is sorted, so equal texts give equal tokens.

    `language` is the main language of the corpus; it applies where the tokeniser says `auto`. `don't` is a stop
    word, `government's` gives `government`, `l'homme` gives `homme`. In scripts without blanks each pair of
    neighbouring characters is a word, unless one of them is a particle. A text without content words has no tokens.
    """
    numbered = _Numbered()
    found = [np.fromiter(map(numbered.__getitem__, _find(text)), np.int64) for text in texts]
    raw = np.concatenate(found) if found else np.empty(0, np.int64)
    rules = _rules(tokenizer, language)
    words, ids, starts = _vocabulary(_contents(word, rules) for word in numbered)
    lengths = np.diff(starts)[raw]
    return Tokens(words, _gather(ids, starts[raw], lengths), _offsets([len(each) for each in found], lengths))


def take(tokens: Tokens, rows: Offsets) -> Tokens:
    """The tokens of those documents only, in the order of `rows` (m,), with the same vocabulary."""
    lengths = np.diff(tokens.offsets)[rows]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Tokens(tokens.words, _gather(tokens.ids, tokens.offsets[rows], lengths), offsets)


def _find(text: str) -> list[str]:
    pattern = ascii_word_pattern() if text.isascii() else word_pattern("+")
    return pattern.findall(text.lower())


def _rules(tokenizer: Tokenizer, language: str) -> _Rules:
    code = tokenizer.language_for(language)
    extra = (unicodedata.normalize("NFC", word.lower()) for word in tokenizer.extra_stop_words)
    return _Rules(
        stop=stop_words(code).union(extra),
        particles=particles(code),
        affix=_AFFIXES.get(code),
        min_length=tokenizer.min_length,
        keep_numbers=tokenizer.keep_numbers,
    )


def _contents(word: str, rules: _Rules) -> tuple[str, ...]:
    word = unicodedata.normalize("NFC", word).replace("\u2019", "'")
    if _unspaced().match(word):
        return tuple(pair for pair in _pairs(word) if _kept(pair, rules) and rules.particles.isdisjoint(pair))
    if word in rules.stop or len(word) > LONGEST_WORD:
        return ()
    word = rules.affix.sub("", word) if rules.affix else word
    return (word,) if _kept(word, rules) else ()


def _kept(word: str, rules: _Rules) -> bool:
    if len(word) < rules.min_length or word in rules.stop:
        return False
    return rules.keep_numbers or any(map(str.isalpha, word))


@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}]")


@cache
def _clusters() -> re.Pattern[str]:
    return re.compile(f"[^{marks()}][{marks()}]*")


def _pairs(run: str) -> list[str]:
    clusters = _clusters().findall(run)
    return [first + second for first, second in pairwise(clusters)] or clusters


def _vocabulary(contents: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], Integers, Offsets]:
    """Sorted words, and for each word as written where the ids of its content words are."""
    each = list(contents)
    words = tuple(sorted({word for several in each for word in several}))
    number = {word: index for index, word in enumerate(words)}
    ids = np.array([number[word] for several in each for word in several], np.int32)
    starts = np.cumsum([0, *map(len, each)], dtype=np.int64)
    return words, ids, starts


def _gather(ids: Integers, starts: Offsets, lengths: Offsets) -> Integers:
    """`ids[start:start + length]` for each pair, one behind the other."""
    ends = np.cumsum(lengths)
    within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)
    gathered: Integers = ids[np.repeat(starts, lengths) + within]
    return gathered


def _offsets(found: list[int], lengths: Offsets) -> Offsets:
    """Where each document begins, when its `found` words became `lengths` tokens each."""
    so_far = np.concatenate(([0], np.cumsum(lengths)))
    return so_far[np.cumsum([0, *found], dtype=np.int64)].astype(np.int64)
