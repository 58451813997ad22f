"""The search as the product runs it: its tasks called directly, from given vectors to the choice."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.corpora import ROOT, Corpus
from benchmarks.stages import Stages
from evertopic.records import Floats, SnapshotRef, Trial, VectorsRef

if TYPE_CHECKING:
    from tasks.job import Job


@dataclass(frozen=True, slots=True)
class Judged:
    """One trial and how it stands against the labels of held-out documents."""

    name: str
    min_cluster_size: int
    topics: int
    c_v: float
    nmi: float | None
    ari: float | None
    stability: float | None


@dataclass(frozen=True, slots=True)
class ProductRun:
    """What the product's search found and took."""

    trials: list[Judged]
    chosen: Judged
    reason: str
    cpu_s: dict[str, float]
    wall_s: dict[str, float]


def search_in_product(corpus: Corpus, vectors: Floats, sizes: Sequence[int]) -> ProductRun:
    """All trials on 80 % of the documents, judged on the others, finalists fitted with three more seeds, the choice."""
    stages = Stages()
    with tempfile.TemporaryDirectory() as home:
        os.environ["EVERTOPIC_HOME"] = home
        with stages.stage("imports"):
            import hdbscan  # noqa: F401
            import umap  # noqa: F401

            import tasks.build
            import tasks.choice  # noqa: F401
        job = _job(corpus, sizes, Path(home))
        documents, vectors_ref = _given(job, vectors)
        with stages.stage("warm-up"):
            _warm_up(vectors)
        return _walk(stages, job, documents, vectors_ref)


def _walk(stages: Stages, job: "Job", documents: SnapshotRef, vectors: VectorsRef) -> ProductRun:
    from tasks import choice, space, trials

    with stages.stage("share: neighbours and counts"):
        shared = space.prepare_search.fn(job, documents, vectors)
    with stages.stage("trials: UMAP, HDBSCAN, c-TF-IDF"):
        tried = [trials.try_embedding.fn(job, shared, plan) for plan in trials.plan_trials.fn(job, shared)]
    with stages.stage("scorecards with intervals"):
        scored = choice.score_candidates.fn(job, shared, tried)
    with stages.stage("baseline"):
        simple = trials.fit_baseline.fn(job, shared, scored)
    with stages.stage("finalists: three more seeds"):
        again = [trials.try_embedding.fn(job, shared, plan) for plan in choice.plan_reseeding.fn(job, scored)]
    with stages.stage("choice with stability"):
        found = choice.choose_candidate.fn(job, shared, scored, again, simple)
    lake = job.lake()
    known = choice.read_trials(lake, found.key)
    chosen = next(trial for trial in known if trial.candidate.digest == found.candidate.digest)
    judged = [_judged(trial) for trial in known if trial.candidate.kind != "nmf"]
    reason = choice.read_choice(lake, found)[0].reason
    return ProductRun(judged, _judged(chosen), reason, stages.cpu_s, stages.wall_s)


def _job(corpus: Corpus, sizes: Sequence[int], home: Path) -> "Job":
    from datetime import UTC, datetime

    from evertopic.config import parse_config
    from evertopic.environment import read_environment
    from tasks.job import Job

    frame = pd.DataFrame({"id": [f"{row:06d}" for row in range(len(corpus.texts))], "text": corpus.texts})
    columns = {"id": "id", "text": "text"}
    if corpus.labels:
        frame["label"], columns["label"] = corpus.labels, "label"
    frame.to_parquet(home / "corpus.parquet")
    content: dict[str, Any] = {
        "name": "benchmark",
        "source": {"kind": "parquet", "path": str(home / "corpus.parquet")},
        "columns": columns,
        "tokenizer": {"language": "en"},
        "model": {
            "umap": {"seeds": 1},
            "words": {"longest": 3},
            "hdbscan": {"min_cluster_size": list(sizes), "min_samples": [None]},
        },
    }
    return Job(parse_config(content, "benchmark", ROOT), read_environment(os.environ, ROOT), datetime.now(UTC))


def _given(job: "Job", vectors: Floats) -> tuple[SnapshotRef, VectorsRef]:
    """The documents preprocessed, and the vectors given laid beside them; neither is part of the search."""
    from tasks import ingest, preprocess

    documents = preprocess.preprocess_documents.fn(job, ingest.take_snapshot.fn(job, ingest.ingest_documents.fn(job)))
    ids = job.lake().read_frame(f"{documents.key}/documents.parquet", ["id"])["id"].astype(int)
    job.lake().write_array("vectors/given/vectors.npy", vectors[np.asarray(ids)])
    return documents, VectorsRef("vectors/given", "given", len(ids), vectors.shape[1], "given")


def _warm_up(vectors: Floats) -> None:
    from evertopic.models.layout import lay_out
    from evertopic.models.neighbours import nearest_neighbours
    from evertopic.models.settings import UmapSettings

    lay_out(vectors[:200], *nearest_neighbours(vectors[:200], 15), UmapSettings())


def _judged(trial: Trial) -> Judged:
    card, size = trial.scorecard, int(dict(trial.settings)["min_cluster_size"])
    stability = None if card.stability is None else card.stability.value
    return Judged(f"min_cluster_size {size}", size, card.topics, card.c_v.value, card.nmi, card.ari, stability)
