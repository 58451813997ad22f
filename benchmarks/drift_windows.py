"""References and windows with a known amount of drift, drawn from labelled corpora."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import Corpus, bbc, newsgroups, vectors_of
from evertopic.embedding import OnnxEncoder
from evertopic.models.assignment import assign, logits
from evertopic.models.head import Fit, cut_for, fit_topics, head_at, standing
from evertopic.records import Floats, Sample

TOPICS = 12
HELD_OUT = 0.25
BUDGET = 0.05
HISTORY = 12
BURST, MIX = 60.0, 4.0
"""Concentrations of the Dirichlet that shares are drawn from: of ordinary busy weeks, and of other proportions."""
SUBJECTS = {
    "comp": "computers",
    "rec": "leisure",
    "sci": "science",
    "misc": "for sale",
    "talk.politics": "politics",
    "talk.religion": "religion",
    "soc.religion": "religion",
    "alt.atheism": "religion",
}
"""The six subjects that the twenty newsgroups are usually sorted into."""
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One case: a model's reference, windows of its past, and one window to judge."""

    reference: Sample
    history: tuple[Sample, ...]
    window: Sample
    topics: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled corpus to draw from: distinct texts, their vectors and subjects."""

    name: str
    vectors: Floats
    subjects: NDArray[np.str_]
    reference: int
    """Documents of a reference."""


def fields() -> Iterator[Field]:
    """BBC News and 20 Newsgroups."""
    yield _field("BBC News", bbc(), 800)
    yield _field("20 Newsgroups", newsgroups(), 1_000)


def _field(name: str, corpus: Corpus, reference: int) -> Field:
    _, first = np.unique(np.array(corpus.texts), return_index=True)
    labels = np.array([_subject(corpus.labels[row]) for row in first])
    return Field(name, vectors_of(corpus, OnnxEncoder())[first], labels, reference)


def _subject(label: str) -> str:
    return next((subject for start, subject in SUBJECTS.items() if label.startswith(start)), label)


def drawn(field: Field, cell: str, size: int, seed: int) -> Drawn:
    """A case of one cell: none, burst, mix, or the share of an unseen subject in per cent.

    Every fifth (sixth) case has the same subject withheld. Documents of reference, past and window are distinct.
    """
    rng = np.random.default_rng([seed, size])
    names = np.unique(field.subjects)
    unseen, known = names[seed % len(names)], np.delete(names, seed % len(names))
    pools = {name: rng.permutation(np.flatnonzero(field.subjects == name)) for name in names}
    all_known = rng.permutation(np.concatenate([pools[name] for name in known]))
    rows = all_known[: field.reference]
    free = set(all_known[field.reference :].tolist())
    left = {name: np.array([row for row in pools[name] if row in free]) for name in known}
    share = np.array([len(pools[name]) for name in known], float)
    share /= share.sum()
    model = _model(field.vectors[rows])
    # Past windows are drawn from the same documents as the window, each by itself: there are not enough for all.
    past = [_mixed(left, rng.dirichlet(BURST * share), size, rng) for _ in range(HISTORY)]
    now = {"none": share, "burst": rng.dirichlet(BURST * share), "mix": rng.dirichlet(MIX * share)}.get(cell, share)
    new = round(size * int(cell) / 100) if cell.isdigit() else 0
    window = np.concatenate([_mixed(left, now, size - new, rng), pools[unseen][:new]])
    return Drawn(
        reference=_sample(field, rows, model, held_out=np.arange(len(rows)) >= (1 - HELD_OUT) * len(rows)),
        history=tuple(_sample(field, one, model) for one in past),
        window=_sample(field, window, model),
        topics=tuple((f"t{topic}", f"topic {topic}") for topic in range(len(model[0].mean))),
    )


def _mixed(pools: dict[str, Rows], share: NDArray[np.float64], size: int, rng: np.random.Generator) -> Rows:
    """`size` distinct documents with these shares of the subjects, as far as there are enough."""
    most = np.array([len(pool) for pool in pools.values()])
    counts = np.minimum(rng.multinomial(size, share), most)
    while counts.sum() < size:
        counts[rng.choice(np.flatnonzero(counts < most))] += 1
    return np.concatenate([rng.permutation(pool)[:count] for pool, count in zip(pools.values(), counts, strict=True)])


def _model(vectors: Floats) -> tuple[Fit, float]:
    """Topics of the first three quarters, and the cut that leaves 5 % of the rest unassigned, as the product has it."""
    from sklearn.cluster import KMeans

    fitted = round((1 - HELD_OUT) * len(vectors))
    labels = KMeans(TOPICS, n_init=1, random_state=0).fit(vectors[:fitted]).labels_
    fit = fit_topics(vectors[:fitted], labels.astype(np.int32))
    return fit, cut_for(standing(vectors[fitted:], fit)[1], BUDGET)


def _sample(field: Field, rows: Rows, model: tuple[Fit, float], held_out: NDArray[np.bool_] | None = None) -> Sample:
    vectors, head = field.vectors[rows], head_at(*model)
    answers = assign(vectors, head)
    return Sample(
        ids=tuple(str(row) for row in rows),
        vectors=vectors,
        topic=answers.topic,
        nearest=logits(vectors, head).argmax(axis=1).astype(np.int32),
        strength=answers.strength,
        numbers={},
        languages=(),
        times=np.full(len(rows), np.datetime64("NaT", "s")),
        held_out=np.ones(len(rows), bool) if held_out is None else held_out,
    )
