"""One yardstick for all models of a gate: what each answers for the same documents, measured in the same way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evertopic.quality.classification import nmi
from evertopic.quality.coherence import mean_of_known, npmi_of
from evertopic.quality.contingency import weighted_nmi
from evertopic.quality.diversity import diversity
from evertopic.quality.frequencies import lay_out, resampled, totals
from evertopic.quality.resampling import Doubles
from evertopic.quality.separation import cosine_distances, silhouettes
from evertopic.quality.windows import Counts, count
from evertopic.records import UNASSIGNED, Floats, Integers, Tokens

QUALITY = "quality"
"""The mean of the other measures: what the gate decides by."""
NEIGHBOURS = 10
Words = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one model answers for n documents, and its k topics."""

    words: Words
    """(k,) top words of each topic, best first."""
    best: Integers
    """(n,) the nearest topic, also below its threshold; all 0 for a model without topics."""
    topic: Integers
    """(n,) the nearest topic, -1 where the document is unassigned."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What is the same for all models."""

    counts: Counts
    places: Mapping[str, int]
    """Of the words among the counted."""
    rows: NDArray[np.int64]
    distances: Floats
    """Between the documents `rows`."""
    neighbours: NDArray[np.int64]
    """(n, NEIGHBOURS) the nearest other documents."""
    labels: tuple[str | None, ...]
    per_topic: int


@dataclass(frozen=True, slots=True)
class Gauged:
    """The measures of one model by name, `quality` among them; and the same in each draw of documents."""

    values: Mapping[str, float]
    draws: Mapping[str, Doubles]
    """(b,) each."""


def yardstick(
    vectors: Floats, tokens: Tokens, labels: tuple[str | None, ...], tables: Sequence[Words], seed: int
) -> Yardstick:
    """The yardstick for models with these topic words; the shortest topic says how many words of each count.

    Args:
        vectors: unit rows (n, d) of the documents.
        tokens: of the same documents.
        labels: of the same documents; () or all None without any.
        tables: the words of every model that will be measured.
        seed: of the sample that distances are measured on.
    """
    per_topic = min((len(words) for table in tables for words in table), default=0)
    words = sorted({word for table in tables for topic in table for word in topic[:per_topic]})
    places = {word: at for at, word in enumerate(words)}
    topics = [[places[word] for word in topic[:per_topic]] for table in tables for topic in table]
    rows, distances = cosine_distances(vectors, seed)
    return Yardstick(
        counts=count(tokens, _grams(tokens, words), topics),
        places=places,
        rows=rows,
        distances=distances,
        neighbours=_neighbours(vectors),
        labels=labels if len({label for label in labels if label is not None}) > 1 else (),
        per_topic=per_topic,
    )


def gauge(answers: Answers, by: Yardstick, weights: Doubles) -> Gauged:
    """The measures of one model; what could not be measured counts 0.

    Args:
        answers: of the documents of the yardstick.
        by: the yardstick.
        weights: (b, n) how often each document is drawn; the same for all models. (0, n): no draws.
    """
    every = {
        "coherence": _coherence(answers.words, by, weights),
        "separation": _separation(answers.best, by, weights),
        "agreement": _agreement(answers.topic, by, weights),
        "diversity": _diversity(answers.words, by, weights),
    }
    if by.labels:
        every["labels"] = _labels(answers.topic, by, weights)
    values = {name: float(np.nan_to_num(value)) for name, (value, _) in every.items()}
    draws = {name: np.nan_to_num(drawn) for name, (_, drawn) in every.items()}
    return Gauged(
        values | {QUALITY: float(np.mean(list(values.values())))},
        draws | {QUALITY: np.mean(list(draws.values()), axis=0)},
    )


def _coherence(words: Words, by: Yardstick, weights: Doubles) -> tuple[float, Doubles]:
    topics = [[by.places[word] for word in topic[: by.per_topic]] for topic in words]
    layout = lay_out(by.counts, topics)
    value = mean_of_known(npmi_of(totals(by.counts.narrow, layout))[0])
    return float(value), mean_of_known(npmi_of(resampled(by.counts.narrow, layout, weights)))


def _separation(best: Integers, by: Yardstick, weights: Doubles) -> tuple[float, Doubles]:
    widths, drawn = silhouettes(by.distances, best[by.rows]), weights[:, by.rows]
    return float(widths.mean()), _share(drawn, widths, np.ones(len(widths)))


def _agreement(topic: Integers, by: Yardstick, weights: Doubles) -> tuple[float, Doubles]:
    """Share of the assigned documents whose topic is the commonest among the answers for their neighbours."""
    votes = np.zeros((len(topic), int(topic.max(initial=0)) + 1), np.int32)
    near = topic[by.neighbours]
    rows, columns = np.nonzero(near != UNASSIGNED)
    np.add.at(votes, (rows, near[rows, columns]), 1)
    assigned = (topic != UNASSIGNED).astype(np.float64)
    confirmed = assigned * (votes.argmax(axis=1) == topic) * (votes.sum(axis=1) > 0)
    value = confirmed.sum() / assigned.sum() if assigned.any() else np.nan
    return float(value), _share(weights, confirmed, assigned)


def _diversity(words: Words, by: Yardstick, weights: Doubles) -> tuple[float, Doubles]:
    value = diversity([topic[: by.per_topic] for topic in words])
    return value, np.full(len(weights), value)


def _labels(topic: Integers, by: Yardstick, weights: Doubles) -> tuple[float, Doubles]:
    return nmi(by.labels, topic) or 0.0, weighted_nmi(by.labels, topic, weights)


def _share(weights: Doubles, part: Doubles, whole: Doubles) -> Doubles:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weights @ part) / (weights @ whole))


def _neighbours(vectors: Floats) -> NDArray[np.int64]:
    near = vectors @ vectors.T
    np.fill_diagonal(near, -np.inf)
    most = min(NEIGHBOURS, max(len(vectors) - 1, 0))
    return np.asarray(np.argsort(-near, axis=1, kind="stable")[:, :most])


def _grams(tokens: Tokens, words: Sequence[str]) -> list[tuple[int, ...]]:
    """The words as ids of tokens; tokens that no document has get ids of their own."""
    number = {word: at for at, word in enumerate(tokens.words)}
    return [tuple(number.setdefault(part, len(number)) for part in word.split(" ")) for word in words]
