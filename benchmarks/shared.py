"""Our search on the same grid, by the functions of the library that the tasks call, stage by stage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.stages import Stages
from evertopic.records import Floats, Integers, Terms, Tokens, TopicTable

SEED = 42
LONGEST = 3
PER_TOPIC = 10


@dataclass(frozen=True, slots=True)
class OurTrial:
    """One trial of ours."""

    min_cluster_size: int
    c_v: float
    labels: Integers


@dataclass(frozen=True, slots=True)
class OurRun:
    """All trials of ours and what they took."""

    trials: list[OurTrial]
    cpu_s: dict[str, float]
    wall_s: dict[str, float]
    extra_trial_cpu_s: float
    """One more trial on the same embedding: HDBSCAN, c-TF-IDF, its own count of co-occurrences, three coherences."""


def search_shared(texts: list[str], vectors: Floats, sizes: Sequence[int]) -> OurRun:
    """One clustering for each size, and c_v, NPMI and u_mass of all; imports and compilation stand apart.

    Fitted and measured on all documents, as the peer does.
    """
    stages = Stages()
    with stages.stage("imports"):
        _imports()
    with stages.stage("warm-up"):
        _lay_out(vectors[:200])
    with stages.stage("neighbours"):
        from evertopic.models.neighbours import nearest_neighbours

        near = nearest_neighbours(vectors, 15)
    with stages.stage("UMAP"):
        points = _lay_out(vectors, near)
    with stages.stage("counts"):
        tokens, terms = _count(texts)
    with stages.stage("HDBSCAN"):
        labels = [_cluster(points, size) for size in sizes]
    with stages.stage("c-TF-IDF and words"):
        tables = [_describe(each, terms) for each in labels]
    with stages.stage("coherence"):
        scores = _coherences(tables, tokens)
    trials = [OurTrial(size, c_v, each) for size, c_v, each in zip(sizes, scores, labels, strict=True)]
    apart = Stages()
    with apart.stage("one more"):
        more = _describe(_cluster(points, max(sizes) + 1), terms)
        _coherences([more], tokens)
    return OurRun(trials, stages.cpu_s, stages.wall_s, apart.cpu_s["one more"])


def _imports() -> None:
    import hdbscan  # noqa: F401
    import umap  # noqa: F401

    import evertopic.corpus.terms
    import evertopic.prediction.evaluation  # noqa: F401


def _lay_out(vectors: Floats, near: tuple[Integers, Floats] | None = None) -> Floats:
    from evertopic.models.layout import lay_out
    from evertopic.models.neighbours import nearest_neighbours
    from evertopic.models.settings import UmapSettings

    return lay_out(vectors, *(near or nearest_neighbours(vectors, 15)), UmapSettings(seed=SEED))


def _count(texts: list[str]) -> tuple[Tokens, Terms]:
    from evertopic.corpus.terms import count_terms
    from evertopic.corpus.tokens import Tokenizer, tokenize
    from evertopic.models.settings import WordSettings, default_min_df

    tokens = tokenize(texts, Tokenizer(), "en")
    return tokens, count_terms(tokens, LONGEST, default_min_df(len(texts)), WordSettings().max_df)


def _cluster(points: Floats, size: int) -> Integers:
    from evertopic.models.clustering import cluster
    from evertopic.models.settings import HdbscanSettings

    return cluster(points, HdbscanSettings(min_cluster_size=size))


def _describe(labels: Integers, terms: Terms) -> TopicTable:
    from evertopic.models.ctfidf import describe

    return describe(labels, terms, PER_TOPIC)


def _coherences(tables: Sequence[TopicTable], tokens: Tokens) -> list[float]:
    """c_v of each candidate; NPMI and u_mass come with it."""
    from evertopic.quality.coherence import mean_of_known, measure
    from evertopic.quality.windows import count

    grams = sorted({gram for table in tables for words in table.grams for gram in words})
    place = {gram: at for at, gram in enumerate(grams)}
    topics = [[[place[gram] for gram in words] for words in table.grams] for table in tables]
    counts = count(tokens, grams, [topic for each in topics for topic in each])
    return [float(mean_of_known(np.asarray(measure(counts, each).c_v))) for each in topics]
