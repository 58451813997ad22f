"""A notice as people read it."""

import re

from evertopic.records import Notice

LONGEST = 2_000
"""Characters of a body; what is longer stands behind the link."""
_MARKED = re.compile(r"([\\`*_\[\]<>#|])")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def headline(notice: Notice) -> str:
    """The one line a phone shows.

    >>> headline(Notice("demo", "promoted", "version 4", "info", "Version 4 answers.", ""))
    '[demo] Version 4 answers.'
    """
    return _clean(f"[{notice.loop}] {notice.title}".replace("\n", " "))


def as_text(notice: Notice) -> str:
    """The body and its links, without any mark-up.

    >>> print(as_text(Notice("demo", "promoted", "4", "info", "", "Better by 3 points.", (("run", "http://a/1"),))))
    Better by 3 points.
    run: http://a/1
    """
    return "\n".join(filter(None, [_short(notice.body), *(f"{text}: {address}" for text, address in notice.links)]))


def as_markdown(notice: Notice) -> str:
    r"""The same for receivers that set Markdown; what documents brought along is never read as mark-up.

    >>> print(as_markdown(Notice("demo", "promoted", "4", "info", "", "A *better* one.", (("run", "http://a/1"),))))
    A \*better\* one.
    <BLANKLINE>
    [run](http://a/1)
    """
    links = " · ".join(f"[{_plain(text)}]({address})" for text, address in notice.links)
    return "\n\n".join(filter(None, [_plain(_short(notice.body)), links]))


def _short(body: str) -> str:
    cleaned = _clean(body).strip()
    return cleaned if len(cleaned) <= LONGEST else f"{cleaned[: LONGEST - 1]}…"


def _clean(text: str) -> str:
    return _INVISIBLE.sub(" ", text)


def _plain(text: str) -> str:
    return _MARKED.sub(r"\\\1", text)
