"""Cleaning: a list of small steps that take damage and wrapping off a text and leave what was said."""

import re
from collections.abc import Callable
from functools import cache
from html import unescape
from typing import Annotated, Literal

from ftfy import TextFixerConfig, fix_text
from pydantic import AfterValidator, BaseModel, ConfigDict, NonNegativeInt

from evertopic.corpus.languages import split_words

Step = Literal["unicode", "html", "urls", "emails", "publisher_tail", "lower", "whitespace"]

TAIL_STARTS_AFTER = 0.6
"""A publisher's tail begins in the last 40 % of a text ..."""
TAIL_LONGEST = 1_000
"""... and is its last line, of at most this many characters: what follows a copyright line is text again."""
TAILS_MOST = 3
PUBLISHER_TAILS = (
    r"©",
    r"\(c\)\s*(?:copyright\s*)?(?:19|20)\d\d\b",
    r"\bcopyright\s*(?:\(c\)\s*)?(?:19|20)\d\d\b",
    r"\ball rights reserved\b",
    r"\bkey ?words\s*(?:and phrases\s*)?:",
    r"\bmots[- ]cl[ée]s?\s*:",
    r"\bkata kunci\s*:",
    r"\bpalabras clave\s*:",
    r"关键[词字]\s*[:：]",
)

_REPAIRS = TextFixerConfig(
    explain=False, unescape_html=False, uncurl_quotes=False, fix_character_width=False, normalization="NFC"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PDF_HYPHEN = re.compile(r"\(cid:173\)\s*")
_INLINE = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|"
    "tt|u|var|wbr"
)
_BLOCK = (
    "address|article|aside|audio|base|blockquote|body|br|button|canvas|caption|center|col|colgroup|dd|details|div|dl|"
    "dt|embed|fieldset|figcaption|figure|footer|form|frame|h[1-6]|head|header|hr|html|iframe|img|input|label|legend|"
    "li|link|main|map|meta|nav|noscript|object|ol|option|p|param|picture|pre|section|select|source|summary|svg|table|"
    "tbody|td|textarea|tfoot|th|thead|title|tr|ul|video"
)
_TAG = re.compile(rf"</?(?:(?P<inline>{_INLINE})|{_BLOCK})(?:\s[^<>]*|/)?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_UNSHOWN = (
    (re.compile("<!--"), "-->"),
    (re.compile(r"<script\b", re.IGNORECASE), "</script>"),
    (re.compile(r"<style\b", re.IGNORECASE), "</style>"),
)
# Only what an address may be made of in ASCII: in Chinese, words follow an address without a blank.
_URL = re.compile(r"(?:https?://|\bwww\.)[\w\-.~:/?#\[\]@!$&'()*+,;=%]*[\w/=&%#~+-]", re.IGNORECASE | re.ASCII)
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.ASCII)


def _compilable(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression ({error}): write \\( for a bracket.") from error
    return pattern


class Cleaning(BaseModel):
    """How texts are cleaned: the steps in their order, and how short a text may be afterwards.

    unicode: mojibake repaired, NFC, control characters, NULs and soft hyphens removed.
    html: tags, comments and scripts removed, entities read; `a < b` and unknown tags are left alone.
    urls, emails: removed. lower: lower case. whitespace: one blank or line break in place of many.
    publisher_tail: copyright and keyword lines at the end cut off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: tuple[Step, ...] = ("unicode", "html", "urls", "publisher_tail", "whitespace")
    min_words: NonNegativeInt = 3
    """Texts with fewer words are dropped; in scripts without blanks two characters count as a word."""
    publisher_tails: tuple[Annotated[str, AfterValidator(_compilable)], ...] = PUBLISHER_TAILS
    """Regular expressions, case ignored: where one of them begins, a publisher's tail begins."""


def clean(text: str, cleaning: Cleaning) -> str:
    """The cleaned text, possibly empty. What is plain text already comes back as it was.

    Lone surrogates become U+FFFD whatever the steps: no file or database could hold them.

    >>> clean("Fish <b>&amp;</b> chips at  http://chips.org", Cleaning())
    'Fish & chips at'
    """
    for step in cleaning.steps:
        text = cut_tail(text, cleaning.publisher_tails) if step == "publisher_tail" else _STEPS[step](text)
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def count_words(text: str) -> int:
    """How many words a text has; in scripts without blanks (Chinese, Thai ...) two characters count as one.

    >>> count_words("It's 5 o'clock"), count_words("我喜欢你"), count_words("😀 ...")
    (3, 2, 0)
    """
    return len(split_words(text))


def repair_unicode(text: str) -> str:
    """The text with mojibake repaired, in NFC, without control characters, NULs and soft hyphens.

    Lone surrogates become U+FFFD. Quotes and full-width punctuation stay as they were written. Hyphens that a PDF
    reader wrote as `(cid:173)` join their halves again.
    """
    if not text.isascii() or "\x1b" in text:
        text = fix_text(text, _REPAIRS)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", " ").replace("\x0c", "\n")
    return _CONTROL.sub("", _PDF_HYPHEN.sub("", text) if "(cid:173)" in text else text)


def strip_html(text: str) -> str:
    """The text without tags, comments, scripts and styles, with entities read.

    Only names that HTML knows are tags: `a < b`, `if x<y and y>z` and `<topic>` in a prompt stay. Not with
    html.parser, which takes an unclosed `<script>` or `<!--` for the whole rest of the text.
    """
    if "<" in text:
        for opener, closer in _UNSHOWN:
            text = _cut_between(text, opener, closer)
        text = _TAG.sub(lambda tag: "" if tag["inline"] else "\n", text)
    return _ENTITY.sub(lambda match: unescape(match[0]), text) if "&" in text else text


def _cut_between(text: str, opener: re.Pattern[str], closer: str) -> str:
    kept, position, lowered = [], 0, text.lower() if opener.search(text) else ""
    while match := opener.search(text, position):
        end = lowered.find(closer, match.end())
        if end < 0 or len(lowered) != len(text):
            break
        kept += [text[position : match.start()], " "]
        position = end + len(closer)
    return "".join((*kept, text[position:]))


def strip_urls(text: str) -> str:
    """The text without http and www addresses; a full stop after an address stays."""
    return _URL.sub("", text) if "://" in text or "www." in text.lower() else text


def strip_emails(text: str) -> str:
    """The text without mail addresses."""
    return _EMAIL.sub("", text) if "@" in text else text


def cut_tail(text: str, patterns: tuple[str, ...]) -> str:
    """The text up to a publisher's tail: copyright, rights reserved, keywords.

    Cut only where a pattern begins in the last 40 % of the text, in its last line and at most 1,000 characters
    before its end; then twice more, for a keyword line above a copyright line.
    """
    earliest = int(TAIL_STARTS_AFTER * len(text))
    for _ in range(TAILS_MOST):
        match = _find_tail(text.rstrip(), patterns, earliest)
        if match is None:
            break
        text = text[: match.start()].rstrip()
    return text


def _find_tail(text: str, patterns: tuple[str, ...], earliest: int) -> re.Match[str] | None:
    start = max(earliest, len(text) - TAIL_LONGEST, text.rfind("\n") + 1)
    return _tail_pattern(patterns).search(text, start) if patterns and start < len(text) else None


@cache
def _tail_pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def squeeze_whitespace(text: str) -> str:
    """The text with one blank or one line break between words, none at the ends."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


_STEPS: dict[str, Callable[[str], str]] = {
    "unicode": repair_unicode,
    "html": strip_html,
    "urls": strip_urls,
    "emails": strip_emails,
    "lower": str.lower,
    "whitespace": squeeze_whitespace,
}
