"""The data section: what was read, refused, dropped, and what the rest looks like."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evertopic.records import BatchFacts, CorpusFacts
from evertopic.reporting.figures import length_histogram
from evertopic.reporting.page import render_page

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a small bar chart made of HTML."""

    name: str
    value: float
    part: float
    """Length of the bar in [0, 1], the longest is 1."""


def render_data(
    loop: str, batch: BatchFacts | None, corpus: CorpusFacts, provenance: Sequence[tuple[str, str]] = ()
) -> str:
    """The data report of one loop as one HTML page that needs no network."""
    sections = [("data", "Data")] + ([("provenance", "Provenance")] if provenance else [])
    return render_page(
        "data.html",
        data_figures(corpus),
        title=f"{loop}: the data",
        loop=loop,
        sections=sections,
        provenance=provenance,
        **data_context(batch, corpus),
    )


def data_figures(corpus: CorpusFacts) -> dict[str, "Figure"]:
    """The figures of the data section by name."""
    return {"lengths": length_histogram(corpus)} if corpus.lengths else {}


def data_context(batch: BatchFacts | None, corpus: CorpusFacts) -> dict[str, Any]:
    """What the data section's template needs."""
    return {
        "batch": batch,
        "corpus": corpus,
        "refused": sum(part.rows for part in batch.quarantined) if batch else 0,
        "dropped": sum(part.rows for part in corpus.dropped),
        "top_words": bars(corpus.top_words),
        "languages": bars(corpus.languages),
        "labels": bars(corpus.labels),
        "more_labels": max(len(corpus.labels) - SHOWN, 0),
    }


def bars(values: Sequence[tuple[str, float]], most: int = SHOWN) -> tuple[Bar, ...]:
    """The first `most` values as bars; bars of length 0 where nothing is above zero."""
    shown = values[:most]
    longest = max((value for _, value in shown), default=0) or 1
    return tuple(Bar(name, value, max(value / longest, 0.0)) for name, value in shown)
