"""Parts that several screens share. Foreign words are never read as markup."""

from collections.abc import Iterable, Sequence

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evertopic.reporting.formats import clip, harmless

BAR = 12


def heading(text: str) -> Text:
    """A line that begins a section."""
    return Text(f"\n{text}", style="bold")


def line(text: str, style: str = "") -> Padding:
    """One paragraph, wrapped and indented."""
    return Padding(Text(harmless(text), style=style), (0, 0, 0, 2))


def word(text: str, length: int = 60) -> Text:
    """A name or word that came with the documents, on one line."""
    return Text(clip(harmless(text), length))


def bar(part: float, width: int = BAR) -> Text:
    """A bar of `part` of `width` characters; anything above nothing is seen.

    >>> bar(0.5, 4).plain, bar(0.001, 4).plain, bar(0, 4).plain
    ('██', '▏', '')
    """
    eighths = round(min(max(part, 0), 1) * width * 8)
    full, rest = divmod(max(eighths, 1 if part > 0 else 0), 8)
    return Text("█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else ""), style="cyan")


def table(*columns: str, right: Iterable[str] = ()) -> Table:
    """An empty table without frame; the columns named in `right` are set flush right."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    flush = set(right)
    for column in columns:
        made.add_column(column, justify="right" if column in flush else "left")
    return made


def addresses(rows: Sequence[tuple[str, str]]) -> Text:
    """Labels and addresses, one a line and never broken: they are there to be copied."""
    width = max((len(label) for label, _ in rows), default=0)
    text = Text(no_wrap=True, overflow="ignore")
    for at, (label, value) in enumerate(rows):
        text.append("\n" if at else "").append(f"  {label:{width}}  ", style="dim").append(harmless(value))
    return text


def pairs(rows: Sequence[tuple[str, str]]) -> Padding:
    """Labels and values in two columns."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for label, value in rows:
        grid.add_row(Text(label), Text(harmless(value)))
    return Padding(grid, (0, 0, 0, 2))
