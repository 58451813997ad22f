"""What is known about scripts and languages: where words begin and end, which language, which words carry nothing."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier
from stop_words import LANGUAGE_MAPPING, get_stop_words

UNDETERMINED = "und"
"""ISO 639-2 code of a text whose language nobody can tell: it has no letters."""
SAMPLE_CHARACTERS = 1_000
UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"  # Thai and Lao, Tibetan, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # Japanese syllables
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
"""Inside of a character class: the scripts written without blanks between words."""

_KEPT_ENGLISH = (
    "amount bill bottom call cry describe detail empty fill fire front interest mill mine name serious show side "
    "sincere system thick thin"
)
"""Words of scikit-learn's list that topics are about (a bill, a fire, a system)."""
_ADDED_ENGLISH = (
    "did does doing having just theirs ain aren couldn didn doesn don hadn hasn haven isn mightn mustn needn shan "
    "shouldn wasn weren wouldn ll ve dont didnt doesnt isnt arent wasnt werent havent hadnt wouldnt shouldnt im ive "
    "youre youve theyre thats whats theres"
)
"""Auxiliaries that list forgets, and what is left of contractions where the apostrophe was lost."""
_ADDED_INDONESIAN = "untuk nya yg utk dgn krn tdk tp jg sdh blm dr pd gak ga nggak ngga"
"""Function words that its list lacks, most of them as people type them."""
_CHINESE_PARTICLES = "的了着吗呢吧啊呀嘛么们在是和与及而也就都很把被"
"""Not the single characters of the list: they would take 上海 and 有限 away."""


@cache
def marks() -> str:
    """Inside of a character class: the combining marks of all scripts, without those that only dress an emoji."""
    codes = [code for code in range(0x300, 0x1F000) if unicodedata.category(chr(code))[0] == "M"]
    codes = [code for code in codes if not (0xFE00 <= code <= 0xFE0F or 0x20D0 <= code <= 0x20FF)]
    # As ranges: `re` goes through single signs beyond U+FFFF one by one, and a pattern becomes several times slower.
    runs = [[code for _, code in run] for _, run in groupby(enumerate(codes), lambda pair: pair[1] - pair[0])]
    return "".join(f"\\U{run[0]:08x}-\\U{run[-1]:08x}" for run in runs)


@cache
def word_pattern(unspaced: str) -> re.Pattern[str]:
    """A pattern that finds words: letters and digits with their marks, apostrophes and joiners inside.

    `unspaced` is how much of a run without blanks is one match: `{1,2}` for pairs of characters, `+` for all.
    """
    letter, mark = f"[^\\W_{UNSPACED}]", f"[{marks()}]"
    return re.compile(f"[{UNSPACED}]{unspaced}|{letter}+(?:{mark}+{letter}*|['\u2019\u200c\u200d]{letter}+)*")


@cache
def ascii_word_pattern() -> re.Pattern[str]:
    """The same for texts of plain ASCII, several times as fast."""
    return re.compile("[^\\W_]+(?:'[^\\W_]+)*", re.ASCII)


def split_words(text: str) -> list[str]:
    """The words of a text as written. Scripts without blanks (Chinese, Thai ...) count two characters as a word.

    >>> split_words("l'été, don't_go"), split_words("我喜欢你 ok")
    (["l'été", "don't", 'go'], ['我喜', '欢你', 'ok'])
    """
    pattern = ascii_word_pattern() if text.isascii() else word_pattern("{1,2}")
    return pattern.findall(text)


@cache
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages([code for code in identifier.labels if len(code) == 2])
    return identifier


def detect_languages(texts: Sequence[str]) -> tuple[str, ...]:
    """The ISO 639-1 code of each text, judged by its first 1,000 characters; `und` for a text without letters.

    Short texts are often taken for a sister language (Malay for Indonesian): trust `main_language` of many more
    than the code of one.

    Source: py3langid, the model that comes with the package.
    """
    samples = [text[:SAMPLE_CHARACTERS] for text in texts]
    return tuple(_detect(sample) if any(map(str.isalpha, sample)) else UNDETERMINED for sample in samples)


def _detect(sample: str) -> str:
    return str(_identifier().classify(sample)[0])


def main_language(codes: Sequence[str]) -> str:
    """The most frequent code, `und` apart; the alphabetically first of equals; `und` when there is none.

    >>> main_language(["fr", "und", "und", "en", "fr"])
    'fr'
    """
    counts = Counter(code for code in codes if code != UNDETERMINED)
    return min(counts, key=lambda code: (-counts[code], code), default=UNDETERMINED)


@cache
def stop_words(language: str) -> frozenset[str]:
    """The words that carry no content in a language, lower-case and NFC; none for an unknown language.

    English is scikit-learn's list, corrected, with the contractions of `stop-words`: the latter's own 1,333 words
    hold `microsoft`, `computer`, `research` and all country codes, and topics would lose them in silence.
    """
    code = {"no": "nb", "nn": "nb"}.get(language, language)
    if code not in LANGUAGE_MAPPING:
        return frozenset()
    listed = frozenset(unicodedata.normalize("NFC", word.lower()) for word in get_stop_words(code))
    if code == "en":
        return _english(frozenset(word for word in listed if "'" in word))
    if code == "tr":  # the list was read as Latin-1 when it was written as Latin-5
        return frozenset(word.translate(str.maketrans("ýþð", "ış\u011f")) for word in listed)
    return listed.union(_ADDED_INDONESIAN.split()) if code == "id" else listed


@cache
def particles(language: str) -> frozenset[str]:
    """The characters that part words where no blanks are written; none where unknown."""
    if language == "zh":
        return frozenset(_CHINESE_PARTICLES)
    return frozenset(word for word in stop_words(language) if len(word) == 1) if language == "ja" else frozenset()


def _english(contractions: frozenset[str]) -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    words: frozenset[str] = ENGLISH_STOP_WORDS.difference(_KEPT_ENGLISH.split()).union(
        _ADDED_ENGLISH.split(), contractions
    )
    return words
