"""Reading a page as a browser's parser does."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest


@dataclass
class Page(HTMLParser):
    """The elements of a page: ids, addresses and scripts; text is what a reader sees."""

    source: str
    ids: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    text: str = ""
    _inside: str | None = None

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append((tag, named))
        self.ids += [named["id"] or ""] if "id" in named else []
        if tag in {"script", "style"}:
            self._inside = tag
            self.scripts += [""] if tag == "script" else []

    def handle_endtag(self, tag: str) -> None:
        self._inside = None if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside is None:
            self.text += data

    def attribute(self, tag: str, name: str) -> list[str]:
        return [named[name] or "" for found, named in self.tags if found == tag and name in named]


def check_sound(source: str) -> Page:
    """The page, after checking what every page promises."""
    page = Page(source)
    assert len(page.ids) == len(set(page.ids))
    for anchor in page.attribute("a", "href"):
        assert anchor.startswith(("#", "http://", "https://")), anchor
        assert not anchor.startswith("#") or anchor[1:] in page.ids
    for tag in ("script", "img", "iframe", "link", "source", "audio", "video", "embed"):
        assert not page.attribute(tag, "src"), tag
    assert not any(tag in {"link", "base", "object", "iframe", "img"} for tag, _ in page.tags)
    assert not any(name.startswith("on") for _, named in page.tags for name in named)
    assert "nan" not in page.text.lower().split()
    if "None" in page.text:
        pytest.fail(page.text[max(page.text.index("None") - 80, 0) :][:200])
    return page
