"""The lineage of NeurIPS papers, 1987 to 2018: windows of years, one model each, and what became of the topics.

python -m benchmarks.identity_papers [--years N] [--step N]
"""

import argparse
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.corpora import papers
from benchmarks.lineages import Lineage
from benchmarks.measure import keep, show
from benchmarks.rolling import SENTENCES, field_of, trained
from benchmarks.stages import one_thread
from evertopic.identity.alignment import Alignment

SMALLEST = 12


def main() -> None:
    """Train, align, print the table of topics by window, write benchmarks/results/identity_papers.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=8, help="of a window")
    parser.add_argument("--step", type=int, default=4, help="years from window to window")
    chosen = parser.parse_args()
    one_thread()
    corpus, years = papers()
    field = field_of(corpus, 0)
    when = years[np.random.default_rng(0).permutation(len(years))]
    lineage, spans, told = Lineage(field), [], []
    for seed, first in enumerate(range(int(when.min()), int(when.max()) - chosen.years + 2, chosen.step)):
        rows = np.flatnonzero((when >= first) & (when < first + chosen.years))
        made = trained(field, rows, SENTENCES, max(SMALLEST, int(np.sqrt(len(rows)) / 2)), seed)
        told.append(_told(lineage.add(made)))
        spans.append(f"{first}-{(first + chosen.years - 1) % 100:02d}")
    table = list(_lives(lineage))
    show("Topics by window: documents", ["key", "words in the last one", *spans], table)
    kinds = ("kept", "born", "split", "revived", "merged", "retired")
    counts = [[span, *(one.get(kind, 0) for kind in kinds)] for span, one in zip(spans, told, strict=True)]
    show("What happened", ["window", *kinds], counts)
    print(f"Written to {keep('identity_papers', {'spans': spans, 'lives': table, 'events': told})}")


def _told(alignment: Alignment) -> dict[str, int]:
    kinds = [one.kind for one in (*alignment.topics, *alignment.gone)]
    return {kind: kinds.count(kind) for kind in kinds}


def _lives(lineage: Lineage) -> Iterator[list[str]]:
    """Each topic with its documents by window, those that lived longest first."""
    found: dict[str, dict[int, tuple[int, Sequence[str]]]] = {}
    for at, (made, keys) in enumerate(zip(lineage.models, lineage.keys, strict=True)):
        sizes = np.bincount(made.topic + 1, minlength=made.topics + 1)[1:]
        for topic, key in enumerate(keys):
            found.setdefault(key, {})[at] = (int(sizes[topic]), made.table.words[topic])
    for key, life in sorted(found.items(), key=lambda one: (-len(one[1]), min(one[1]))):
        words = ", ".join(life[max(life)][1][:4])
        yield [key, words, *(str(life[at][0]) if at in life else "" for at in range(len(lineage.models)))]


if __name__ == "__main__":
    main()
