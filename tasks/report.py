"""The report of a training: one HTML file."""

from dataclasses import dataclass

import numpy as np
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from evertopic import __version__
from evertopic.digests import digest_of, digest_of_code
from evertopic.records import (
    BatchFacts,
    BundleRef,
    GenerationRef,
    LineageEvent,
    Parity,
    SnapshotRef,
    SpaceRef,
    Topic,
    TrainingCard,
    VectorsRef,
)
from evertopic.reporting import DocumentMap, TrainingStory, render_training, summarise
from evertopic.storage.cards import write_card
from evertopic.storage.lake import Lake
from tasks.artefact import once, seconds
from tasks.choice import ChoiceRef, Found, read_choice, read_trials
from tasks.job import Job
from tasks.preprocess import read_facts
from tasks.trials import TrialsRef, search_seconds

TITLE_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Training:
    """The refs of one finished training, from documents to bundle."""

    documents: SnapshotRef
    vectors: VectorsRef
    space: SpaceRef
    trials: TrialsRef
    choice: ChoiceRef
    lineage: GenerationRef
    bundle: BundleRef


@dataclass(frozen=True, slots=True)
class ReportRef:
    """A report at rest."""

    key: str
    digest: str


def gather(
    documents: SnapshotRef, vectors: VectorsRef, found: Found, lineage: GenerationRef, bundle: BundleRef
) -> Training:
    """The refs of one training under one name."""
    return Training(documents, vectors, found.space, found.trials, found.choice, lineage, bundle)


@task(task_run_name="write the report", cache_policy=NO_CACHE)
def write_report(job: Job, batch: BatchFacts, training: Training, parity: Parity) -> ReportRef:
    """The report of this training as one self-contained HTML file in the lake, and its card for the terminal."""
    lake = job.lake()
    digest = digest_of(
        "report and card", training.bundle.digest, job.config.registry, digest_of_code("reporting", "plotly")
    )

    def make(key: str) -> ReportRef:
        story = _story(job, lake, batch, training, parity)
        lake.write_text(f"{key}/report.html", render_training(story))
        write_card(lake, _card(job, training, story, parity, key))
        return ReportRef(key, digest)

    return once(lake, f"reports/{digest}", ReportRef, make)


def read_topics(lake: Lake, bundle: BundleRef) -> tuple[Topic, ...]:
    """The topics of a model as people see them."""
    return lake.read_record(f"{bundle.key}/topics.json", tuple[Topic, ...])


def step_seconds(lake: Lake, training: Training) -> tuple[tuple[str, float], ...]:
    """What each step cost when it was made, in seconds, in the order of the walk."""
    refs = [trial.candidate for trial in read_trials(lake, training.choice.key)]
    return (
        ("preprocess", seconds(lake, training.documents.key)),
        ("embed", seconds(lake, training.vectors.key)),
        ("share", seconds(lake, training.space.key)),
        ("search", search_seconds(lake, refs)),
        ("score", seconds(lake, training.trials.key)),
        ("choose", seconds(lake, training.choice.key)),
        ("build", seconds(lake, training.bundle.key)),
    )


def provenance(job: Job, training: Training) -> tuple[tuple[str, str], ...]:
    """What a model comes from: (what, digest or value), from documents to code."""
    return (
        ("config", digest_of(job.config)),
        ("documents", training.documents.digest),
        ("vectors", training.vectors.digest),
        ("encoder", training.vectors.encoder),
        ("search space", training.space.digest),
        ("candidate", training.choice.candidate.digest),
        ("model", training.bundle.digest),
        ("code", digest_of_code(".")),
        ("evertopic", __version__),
        ("seed", str(job.config.seed)),
        ("started", job.started.isoformat(timespec="seconds")),
    )


def _story(job: Job, lake: Lake, batch: BatchFacts, training: Training, parity: Parity) -> TrainingStory:
    choice, coverage, scorecard = read_choice(lake, training.choice)
    links = (("Prefect run", flow_run.ui_url or "none"),) if flow_run.id else ()
    return TrainingStory(
        loop=job.config.name,
        model=job.config.model_name,
        batch=batch,
        corpus=read_facts(lake, training.documents),
        criteria=(*job.config.choice.criteria, *job.config.choice.finalists),
        trials=tuple(read_trials(lake, training.choice.key)),
        choice=choice,
        topics=read_topics(lake, training.bundle),
        scorecard=scorecard,
        coverage=coverage,
        parity=parity,
        map=_map(lake, training),
        linkage=np.asarray(lake.read_array(f"{training.bundle.key}/linkage.npy")),
        provenance=provenance(job, training) + links,
        seconds=step_seconds(lake, training),
        lineage=_lineage(job, training),
    )


def _lineage(job: Job, training: Training) -> tuple[LineageEvent, ...]:
    """What became of the topics of earlier models; nothing for a first one."""
    store = job.store()
    try:
        first = len(store.lineage.past(job.config.name)) == 1
        return () if first else store.lineage.events_of(job.config.name, training.lineage.number)
    finally:
        store.close()


def _card(job: Job, training: Training, story: TrainingStory, parity: Parity, report: str) -> TrainingCard:
    return TrainingCard(
        loop=job.config.name,
        documents=training.documents,
        vectors=training.vectors,
        space=training.space,
        bundle=training.bundle,
        report=report,
        trials=len(story.trials),
        choice=story.choice,
        coverage=story.coverage,
        scorecard=story.scorecard,
        topics=story.topics,
        parity=parity,
        findings=tuple((finding.about, finding.text, finding.tone) for finding in summarise(story)),
        seconds=story.seconds,
        seed=job.config.seed,
    )


def _map(lake: Lake, training: Training) -> DocumentMap:
    arrays = lake.read_arrays(f"{training.bundle.key}/map.npz")
    frame = lake.read_frame(f"{training.documents.key}/documents.parquet", ["id", "text"]).iloc[arrays["rows"]]
    titles = tuple(text[:TITLE_CHARACTERS] for text in frame["text"])
    x, y = arrays["points"].T
    return DocumentMap(x, y, arrays["topic"], titles, tuple(frame["id"]))
