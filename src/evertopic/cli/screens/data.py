"""What a source holds, as people read it."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from evertopic.cli.screens.parts import addresses, bar, heading, line, pairs, table, word
from evertopic.records import BatchFacts, CorpusFacts, Quarantined
from evertopic.reporting.formats import count, moment, plural, share

SHOWN = 10


def data_screen(loop: str, source: str, batch: BatchFacts, corpus: CorpusFacts, report: str) -> RenderableType:
    """Rows, refusals, lengths, languages, labels and words, and where the report is."""
    parts: list[RenderableType] = [
        Text(f"{loop}: the data", style="bold"),
        pairs(_rows(source, batch, corpus)),
        *_refused("Quarantined", batch.quarantined),
        *_refused("Dropped by cleaning", corpus.dropped),
        heading("Words in a document"),
        _histogram([(_bin(corpus.lengths, at), size) for at, (_, size) in enumerate(corpus.lengths)]),
        *_named("Languages", corpus.languages),
        *_named("Labels", corpus.labels),
        heading("Most frequent words"),
        line(", ".join(f"{name} {count(times)}" for name, times in corpus.top_words[: 2 * SHOWN])),
        heading("Where to look"),
        addresses((("report", report),)),
    ]
    return Group(*parts)


def _rows(source: str, batch: BatchFacts, corpus: CorpusFacts) -> list[tuple[str, str]]:
    refused = sum(group.rows for group in batch.quarantined)
    dropped = sum(group.rows for group in corpus.dropped)
    span = "no timestamps" if corpus.since is None else f"{moment(corpus.since)} to {moment(corpus.until)}"
    return [
        ("source", source),
        ("rows read", count(batch.read)),
        ("quarantined", f"{count(refused)} ({share(refused / batch.read if batch.read else 0)})"),
        ("repeated rows", count(batch.known)),
        ("dropped by cleaning", count(dropped)),
        ("documents", count(corpus.documents)),
        ("duplicate texts", f"{count(corpus.duplicates)} (kept, not fitted twice)"),
        ("time span", span),
    ]


def _refused(title: str, groups: Sequence[Quarantined]) -> list[RenderableType]:
    if not groups:
        return []
    made = table("reason", "rows", "first ones", right=("rows",))
    for group in groups:
        made.add_row(group.reason, count(group.rows), Text("\n").join(word(each, 100) for each in group.examples[:3]))
    return [heading(title), Padding(made, (0, 0, 0, 2))]


def _named(title: str, values: Sequence[tuple[str, int]]) -> list[RenderableType]:
    if not values:
        return []
    rest = len(values) - SHOWN
    more = [line(f"and {plural(rest, 'other')}", "dim")] if rest > 0 else []
    return [heading(title), _histogram(values[:SHOWN]), *more]


def _histogram(values: Sequence[tuple[str, int]]) -> Padding:
    made = table("", "", "")
    made.show_header = False
    made.columns[1].justify = "right"
    largest = max((size for _, size in values), default=0) or 1
    for name, size in values:
        made.add_row(word(name, 40), count(size), bar(size / largest, 30))
    return Padding(made, (0, 0, 0, 2))


def _bin(lengths: Sequence[tuple[int, int]], at: int) -> str:
    low = lengths[at][0]
    return f"{low:,} to {lengths[at + 1][0] - 1:,}" if at + 1 < len(lengths) else f"{low:,} and more"
