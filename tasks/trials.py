"""Trials: one embedding, and every clustering that is tried on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from evertopic.digests import digest_of, digest_of_code
from evertopic.models.clustering import cluster
from evertopic.models.ctfidf import describe
from evertopic.models.layout import lay_out
from evertopic.models.nmf import factorise
from evertopic.models.search import LayoutPlan
from evertopic.models.settings import HdbscanSettings, UmapSettings
from evertopic.prediction.evaluation import Candidate
from evertopic.records import CandidateRef, Floats, Integers, LayoutRef, SpaceRef, TopicTable
from evertopic.storage.lake import Lake
from tasks.artefact import once, seconds
from tasks.job import Job
from tasks.progress import Progress
from tasks.space import CODE, Space, read_space


@dataclass(frozen=True, slots=True)
class TrialsRef:
    """Every trial of a search with its scorecard, and which are the finalists."""

    key: str
    digest: str
    trials: int
    finalists: tuple[int, ...]
    """Places of the finalists among the trials, best first."""
    topics: int
    """Of the first finalist."""


Settings = dict[str, str | int | float | None]


@task(task_run_name="plan trials", cache_policy=NO_CACHE)
def plan_trials(job: Job, space: SpaceRef) -> list[LayoutPlan]:
    """The trials of the search, one plan for each embedding."""
    return list(job.config.search.plan(job.config.model, space.fitted, job.config.seed, datetime.now(UTC)))


@task(
    task_run_name="try {plan.umap.n_neighbors} neighbours, {plan.umap.n_components} dimensions, seed {plan.umap.seed}",
    cache_policy=NO_CACHE,
)
def try_embedding(job: Job, space: SpaceRef, plan: LayoutPlan) -> list[CandidateRef]:
    """The candidates of one embedding; none when the minutes of the search are spent.

    Each candidate is at rest before the next is tried, so a killed search goes on where it was.
    """
    if plan.until is not None and datetime.now(UTC) > plan.until:
        return []
    lake, progress = job.lake(), Progress("clusterings tried")
    shared = read_space(lake, space)
    layout = _laid_out(lake, space, shared, plan.umap)
    candidates = []
    for done, settings in enumerate(plan.clusterings, start=1):
        candidates.append(_tried(job, lake, space, shared, layout, plan.umap, settings))
        progress(done, len(plan.clusterings))
    return candidates


@task(task_run_name="fit the baseline", cache_policy=NO_CACHE)
def fit_baseline(job: Job, space: SpaceRef, trials: TrialsRef) -> CandidateRef:
    """NMF with as many topics as the best candidate so far has, to be beaten on equal terms."""
    k, lake = trials.topics, job.lake()
    digest = digest_of("nmf", space.digest, k, job.config.seed, job.config.model.words, digest_of_code("models", *CODE))

    def make(key: str) -> CandidateRef:
        shared = read_space(lake, space)
        labels, table = factorise(shared.terms, k, job.config.model.words.per_topic, job.config.seed)
        return _write(lake, key, digest, "nmf", labels, table, {"topics": k})

    return once(lake, f"candidates/{digest}", CandidateRef, make)


def read_candidate(lake: Lake, ref: CandidateRef) -> Candidate:
    """The labels and words of a candidate."""
    return Candidate(lake.read_array(f"{ref.key}/labels.npy"), lake.read_record(f"{ref.key}/topics.json", TopicTable))


def read_settings(lake: Lake, ref: CandidateRef) -> Settings:
    """What was tried."""
    settings: Settings = lake.read_json(f"{ref.key}/settings.json")
    return settings


def search_seconds(lake: Lake, refs: Sequence[CandidateRef]) -> float:
    """What these candidates cost to make: their clusterings, and each embedding once."""
    layouts = {lake.read_json(f"{ref.key}/from.json")["layout"] for ref in refs if ref.kind == "bertopic"}
    return sum(seconds(lake, key) for key in [*layouts, *(ref.key for ref in refs)])


def _laid_out(lake: Lake, space: SpaceRef, shared: Space, settings: UmapSettings) -> LayoutRef:
    digest = digest_of("layout", space.digest, settings)

    def make(key: str) -> LayoutRef:
        near = lake.read_arrays(f"{space.key}/neighbours.npz")
        points = lay_out(shared.vectors[shared.fitted], near["indices"], near["distances"], settings)
        lake.write_array(f"{key}/points.npy", points)
        return LayoutRef(key, digest)

    return once(lake, f"layouts/{digest}", LayoutRef, make)


def _tried(
    job: Job,
    lake: Lake,
    space: SpaceRef,
    shared: Space,
    layout: LayoutRef,
    umap: UmapSettings,
    settings: HdbscanSettings,
) -> CandidateRef:
    per_topic = job.config.model.words.per_topic
    digest = digest_of("candidate", space.digest, layout.digest, settings, per_topic)

    def make(key: str) -> CandidateRef:
        points: Floats = lake.read_array(f"{layout.key}/points.npy")
        labels = cluster(points, settings)
        table = describe(labels, shared.terms, per_topic)
        both = umap.model_dump() | settings.model_dump()
        lake.write_json(f"{key}/from.json", {"layout": layout.key})
        return _write(lake, key, digest, "bertopic", labels, table, both)

    return once(lake, f"candidates/{digest}", CandidateRef, make)


def _write(
    lake: Lake, key: str, digest: str, kind: str, labels: Integers, table: TopicTable, settings: Settings
) -> CandidateRef:
    lake.write_array(f"{key}/labels.npy", labels)
    lake.write_record(f"{key}/topics.json", table)
    lake.write_json(f"{key}/settings.json", settings)
    return CandidateRef(key, digest, kind, len(table.sizes))
