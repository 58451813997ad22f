"""The outlier budget: what share of documents held out from fit and calibration stays without a topic.

python -m benchmarks.budget [--repeats N]
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.corpora import Corpus, bbc, column, vectors_of
from benchmarks.measure import keep, measure, show
from benchmarks.stages import one_thread
from evertopic.embedding import Encoder, HashingEncoder, SentenceTransformerEncoder
from evertopic.records import UNASSIGNED, Floats

TARGETS = (0.05, 0.10)
GOAL = 0.01
CALIBRATED = 0.2
JUDGED = 0.3
"""Shares of the documents; the rest is fitted."""


@dataclass(frozen=True, slots=True)
class Reached:
    """One corpus, one target, over all splits."""

    corpus: str
    target: float
    splits: int
    mean: float
    """Share without a topic among judged documents, mean over splits."""
    deviation: float
    """Standard deviation over splits."""
    expected_deviation: float
    """What it would be if only chance drew the documents: calibration and judgement both count a finite number."""
    topics: float
    """Mean number of topics."""


def main() -> None:
    """Measure, print the table, write benchmarks/results/budget.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30, help="random splits of each corpus")
    repeats = parser.parse_args().repeats
    one_thread()
    reached = [
        row for corpus, encoder in _corpora() for row in measure(_budgets, corpus, encoder, TARGETS, repeats).value
    ]
    rows = [
        [r.corpus, r.target, r.mean, r.mean - r.target, r.deviation, r.expected_deviation, r.topics] for r in reached
    ]
    columns = ["corpus", "target", "reached", "off by", "deviation", "by chance", "topics"]
    show(f"Documents without a topic, {repeats} splits, {CALIBRATED:.0%} calibrate, {JUDGED:.0%} judge", columns, rows)
    worst = max(abs(r.mean - r.target) for r in reached)
    print(f"On average at most {worst:.2%} off (goal: {GOAL:.0%}).")
    fields = Reached.__slots__
    facts = {"rows": [{name: getattr(r, name) for name in fields} for r in reached], "worst": worst, "goal": GOAL}
    print(f"Written to {keep('budget', {**facts, 'met': worst <= GOAL})}")


def _corpora() -> Iterator[tuple[Corpus, Encoder]]:
    yield bbc(), SentenceTransformerEncoder(precision="bf16")
    yield column("20newsgroups_bydate.parquet", ["title", "text"], 3_000), HashingEncoder()
    yield column("abcnews_2003_2004_partial.parquet", ["text"], 3_000), HashingEncoder()


def _budgets(corpus: Corpus, encoder: Encoder, targets: Sequence[float], repeats: int) -> list[Reached]:
    """Fit, calibrate and judge on `repeats` random partitions of the corpus in three."""
    vectors = vectors_of(corpus, encoder)
    found = [_one_split(vectors, targets, seed) for seed in range(repeats)]
    shares, topics = np.array([shares for shares, _ in found]), float(np.mean([k for _, k in found]))
    calibrate, judge = round(CALIBRATED * len(vectors)), round(JUDGED * len(vectors))
    return [
        Reached(
            corpus=corpus.name,
            target=target,
            splits=repeats,
            mean=float(shares[:, at].mean()),
            deviation=float(shares[:, at].std(ddof=1)),
            expected_deviation=float(np.sqrt(target * (1 - target) * (1 / calibrate + 1 / judge))),
            topics=topics,
        )
        for at, target in enumerate(targets)
    ]


def _one_split(vectors: Floats, targets: Sequence[float], seed: int) -> tuple[list[float], int]:
    """The share without a topic for each target, and the number of topics."""
    from evertopic.models.assignment import assign
    from evertopic.models.clustering import cluster
    from evertopic.models.head import cut_for, fit_topics, head_at, standing
    from evertopic.models.layout import lay_out
    from evertopic.models.neighbours import nearest_neighbours
    from evertopic.models.settings import HdbscanSettings, UmapSettings

    order = np.random.default_rng(seed).permutation(len(vectors))
    calibrate, judge = round(CALIBRATED * len(vectors)), round(JUDGED * len(vectors))
    held, unseen, own = np.split(vectors[order], [calibrate, calibrate + judge])
    points = lay_out(own, *nearest_neighbours(own, 15), UmapSettings(seed=seed))
    labels = cluster(points, HdbscanSettings(min_cluster_size=round(np.sqrt(len(own)) / 2), min_samples=5))
    fit = fit_topics(own, labels)
    _, typical = standing(held, fit)
    answers = [assign(unseen, head_at(fit, cut_for(typical, target))).topic for target in targets]
    return [float(np.mean(topic == UNASSIGNED)) for topic in answers], len(fit.mean)


if __name__ == "__main__":
    main()
