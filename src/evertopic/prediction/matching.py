r"""Where words and phrases stand in a text: whole words of any script, in time that grows with the text alone.

Texts and patterns are written in one form, in which a line feed stands at both ends of each word. Then a pattern is
in a text where its form is, letter for letter, and nothing of what people write is read as a regular expression.

>>> mark(fold("My AGENDA,  (C++)")).text
'\nmy\n \nagenda\n, (\nc\n++)'
"""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from evertopic.corpus.languages import UNSPACED, marks

ENDINGS = ("s", "d", "m", "ll", "re", "ve")
"""What an English apostrophe joins to a word, and no words of their own; `t` belongs to the word before it (can't)."""
_ALIKE = (
    *((sign, "'") for sign in "\u2018\u2019\u02bb\u02bc"),  # apostrophes as people and programs write them
    *((sign, "-") for sign in "\u2010\u2011\u2012\u2013\u2212"),
    ("i\u0307", "i"),  # what case folding leaves of the Turkish capital
)
_UNSEEN = (
    "\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
    "\u0640\u064b-\u0652\u0670\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
)
"""Inside of a character class: joiners, directions, soft hyphens, the dress of an emoji, and the vowel signs of Arabic
and Hebrew, which are written or not."""
_STACKED = "\u0e00-\u109f\u1780-\u17ff"
"""Inside of a character class: the scripts without blanks whose letters carry marks (Thai to Burmese, Khmer)."""
_BAD_STAR = re.compile(r"(?<![\n\t\w])\*|\*(?=[\n\w*'])")
"""In a marked pattern: a star that is not behind the last letter of a word."""


class Marked(NamedTuple):
    """A text in the form in which patterns are looked for."""

    text: str
    r"""\n at both ends of each word, \t behind each letter of `_STACKED` with its marks;
    other white space is a blank."""
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Needle:
    """One pattern, ready to be looked for."""

    literal: str
    """What stands in the marked text wherever the pattern does: all of it, or the part before a star inside of it."""
    anchor: str | None
    """Its longest word without a star, None where there is none."""
    shape: str
    """A regular expression of the whole, the ends of starred words included."""
    whole: re.Pattern[str] | None
    """`shape`, where the literal does not decide."""

    def within(self, marked: str) -> bool:
        """Whether the pattern is in the text."""
        return self.literal in marked and (self.whole is None or self.whole.search(marked) is not None)


@dataclass(frozen=True, slots=True)
class Finder:
    """Many patterns in groups, ready to be looked for all at once."""

    needles: tuple[tuple[int, str, Needle], ...]
    """(group, the pattern as written, the needle)."""
    anchored: dict[str, tuple[int, ...]]
    """The needles that only a text with this word can have."""
    loose: tuple[int, ...]
    """The others."""

    def find(self, text: str) -> dict[int, list[str]]:
        """The patterns that are in the text, by group; both in their order, groups without any left out."""
        marked = mark(fold(text))
        near = [at for word in self.anchored.keys() & marked.words for at in self.anchored[word]]
        found = defaultdict[int, list[str]](list)
        for at in sorted([*near, *self.loose]):
            group, pattern, needle = self.needles[at]
            if needle.within(marked.text):
                found[group].append(pattern)
        return dict(found)


@lru_cache(maxsize=64)
def finder_of(groups: tuple[tuple[str, ...], ...]) -> Finder:
    """The patterns, ready to be looked for; made once for equal ones.

    Raises:
        ValueError: one is none; see `needle_of`.
    """
    needles = tuple((at, each, needle_of(each)) for at, patterns in enumerate(groups) for each in patterns)
    anchored = defaultdict[str, tuple[int, ...]](tuple)
    for at, (_, _, needle) in enumerate(needles):
        if needle.anchor is not None:
            anchored[needle.anchor] += (at,)
    return Finder(needles, dict(anchored), tuple(at for at, (_, _, each) in enumerate(needles) if each.anchor is None))


def needle_of(pattern: str) -> Needle:
    """One pattern, ready to be looked for.

    Raises:
        ValueError: it is blank, or a star stands elsewhere than at the end of a word.
    """
    marked = mark(fold(pattern))
    if not marked.text.strip("* "):
        raise ValueError("a pattern needs a word" + (": a star alone means every text" if marked.text else ""))
    if _BAD_STAR.search(marked.text):
        raise ValueError("a star stands for any ending of a word: write it once, behind the last letter, as in refund*")
    first, *rest = re.split(r"([\n\t]?)\*", marked.text)  # how each starred word ends, and what follows
    ends, pieces = rest[::2], rest[1::2]
    shape = re.escape(first) + "".join(_ENDS[end] + re.escape(piece) for end, piece in zip(ends, pieces, strict=True))
    starred = {piece.rpartition("\n")[2] for piece in (first, *pieces[:-1])} if ends else set()
    anchor = max(sorted(marked.words - starred), key=len, default=None)
    return Needle(first, anchor, shape, re.compile(shape) if any(pieces) else None)


_ENDS = {"\n": rf"[^\n]*+\n(?:'(?:{'|'.join(ENDINGS)}))?", "\t": r"[^\t]*+\t", "": ""}


def span(pattern: str, text: str) -> tuple[int, int]:
    """From where to where the pattern stands in the text first; (0, 0) where it does not."""
    marked = mark(fold(text)).text
    found = re.search(needle_of(pattern).shape, marked)
    if found is None:
        return 0, 0
    before, last = (len(_unmarked(marked[:end])) for end in found.span())
    lengths = range(len(text) + 1)  # of the beginnings of the text: folding makes each at least as long as the last
    start, end = (bisect_right(lengths, at, key=lambda cut: len(fold(text[:cut]))) for at in (before, last - 1))
    while end < len(text) and unicodedata.category(text[end])[0] == "M":
        end += 1
    return start - 1, end


def _unmarked(marked: str) -> str:
    return marked.replace("\n", "").replace("\t", "")


def fold(text: str) -> str:
    """The text without what does not count: case, width, kinds of apostrophes, hyphens and blanks, unseen signs.

    >>> fold("Straße  ＡＢＣ don’t I\u0307zmir"), fold("كِتَابٌ") == fold("كتاب")
    ("strasse abc don't izmir", True)
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    text = text.replace("\u00b4", "'")  # an apostrophe that NFKC would make a blank with an accent
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFKC", _signs().unseen.sub("", text))
    for sign, plain in _ALIKE:
        text = text.replace(sign, plain)
    return " ".join(text.split())


def mark(folded: str) -> Marked:
    """The folded text with its words marked."""
    signs = _signs()
    parts = signs.word.split(folded)
    text = "\n".join(parts)
    if "'" in folded:
        text = text.replace("\n'\nt\n", "'t\n")
        for ending in ENDINGS:
            text = text.replace(f"\n'\n{ending}\n", f"\n'{ending}")
    if signs.stacked.search(text):
        text = signs.stack_end.sub("\t", text)
    return Marked(text, frozenset(parts[1::2]))


class _Signs(NamedTuple):
    word: re.Pattern[str]
    unseen: re.Pattern[str]
    stacked: re.Pattern[str]
    stack_end: re.Pattern[str]


@cache
def _signs() -> _Signs:
    letter, sign = f"[^\\W_{UNSPACED}]", f"[{marks()}]"
    return _Signs(
        # Most words have no mark: what cannot be one is not held against the long list of them.
        word=re.compile(f"({letter}+(?:(?![\\0-\u02ff]){sign}+{letter}*)*)"),
        unseen=re.compile(f"[{_UNSEEN}]"),
        stacked=re.compile(f"[{_STACKED}]"),
        stack_end=re.compile(f"(?<=[{_STACKED}])(?!{sign})"),
    )
