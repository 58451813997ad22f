"""How long the documents are."""

import itertools
from typing import TYPE_CHECKING

from evertopic.records import CorpusFacts
from evertopic.reporting.figures.canvas import canvas
from evertopic.reporting.palette import ACCENT

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


MOST_LABELS = 6


def length_histogram(corpus: CorpusFacts) -> "Figure":
    """Documents by number of words, one bar a bin as the corpus facts have them; empty without documents."""
    edges = [edge for edge, _ in corpus.lengths]
    labels = [f"{low}–{high - 1}" if high - low > 1 else f"{low}" for low, high in itertools.pairwise(edges)]
    labels += [f"{edges[-1]} +"] if edges else []
    figure = canvas(260)
    figure.add_bar(
        x=labels,
        y=[documents for _, documents in corpus.lengths],
        marker={"color": ACCENT},
        hovertemplate="%{x} words: %{y:,} documents<extra></extra>",
    )
    figure.update_layout(bargap=0.08)
    figure.update_xaxes(title_text="words per document", type="category", showgrid=False, tickangle=0)
    figure.update_xaxes(tickmode="array", tickvals=labels[:: max(1, -(-len(labels) // MOST_LABELS))])
    figure.update_yaxes(title_text="documents")
    return figure
