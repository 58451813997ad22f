"""Tiny projects, and the walk through their tasks without Prefect."""

import csv
import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml

from evertopic.config import parse_config
from evertopic.environment import read_environment
from evertopic.records import BatchFacts, ModelVersion, Parity, SnapshotRef
from tasks.build import build_model
from tasks.choice import Found, choose_candidate, plan_reseeding, score_candidates
from tasks.embed import embed_documents
from tasks.ingest import ingest_documents, take_snapshot
from tasks.job import Job
from tasks.lineage import align_topics
from tasks.parity import check_parity
from tasks.preprocess import preprocess_documents
from tasks.register import register_model
from tasks.report import ReportRef, Training, gather, write_report
from tasks.space import prepare_search
from tasks.trials import fit_baseline, plan_trials, try_embedding

STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
THEMES = (
    "cricket batsman wicket bowling innings stadium captain champion tournament umpire scored spinner overs boundary",
    "election senator parliament ballot campaign minister coalition premier voters electorate policy cabinet debate",
    "hospital surgeon patient medicine doctors vaccine nurses disease symptoms therapy infection clinical diagnosis",
    "volcano eruption earthquake magma tectonic crater geologist lava sediment seismic glacier mineral granite fault",
)
COMMON = (
    "yesterday",
    "morning",
    "people",
    "country",
    "report",
    "several",
    "another",
    "during",
    "against",
    "between",
)
Kind = TypeVar("Kind", bound=Job)


def themed(documents: int = 120, words: int = 20, seed: int = 1) -> list[str]:
    """Texts of `words` words, each on one of four themes in turn."""
    random = np.random.default_rng(seed)
    themes = [theme.split() for theme in THEMES]
    return [
        " ".join(random.permutation([*random.choice(themes[at % 4], words - 5), *random.choice(COMMON, 5)]).tolist())
        for at in range(documents)
    ]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a prefect.yaml, a config and a file of documents; all a walk leaves is under `home`."""

    root: Path
    home: Path

    @classmethod
    def make(cls, root: Path, mlflow: Path) -> "Project":
        """The project, its files written; `mlflow` is the empty database it starts with."""
        (root / "configs").mkdir(parents=True)
        (root / "home").mkdir()
        shutil.copy(mlflow, root / "home" / "mlflow.db")
        (root / "prefect.yaml").write_text("name: tiny\n", encoding="utf-8")
        project = cls(root, root / "home")
        project.write_rows(["id", "text"], [[f"d{at:03d}", text] for at, text in enumerate(themed())])
        (root / "configs" / "tiny.yaml").write_text(yaml.safe_dump(content()), encoding="utf-8")
        return project

    @property
    def documents(self) -> Path:
        """The file the config names."""
        return self.root / "documents.csv"

    def write_rows(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
        """The file of documents, written anew."""
        with self.documents.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return self.documents

    def write_texts(self, texts: Sequence[str]) -> Path:
        """The file of documents with these texts, written anew."""
        return self.write_rows(["id", "text"], [[f"d{at:03d}", text] for at, text in enumerate(texts)])

    def job(self, kind: type[Kind] = Job, started: datetime = STARTED, **changes: Any) -> Kind:  # type: ignore[assignment]
        """A run of the loop, some keys of its config replaced."""
        config = parse_config({**content(), **changes}, "the config of this test", self.root)
        return kind(config, read_environment({"EVERTOPIC_HOME": str(self.home)}, self.root), started)


def content() -> dict[str, Any]:
    """The config: no model to load, two clusterings on one embedding, one other seed."""
    return {
        "name": "tiny",
        "source": {"kind": "csv", "path": "documents.csv"},
        "columns": {"id": "id", "text": "text"},
        "tokenizer": {"language": "en"},
        "embed": {"kind": "hashing", "width": 64},
        "model": {
            "umap": {"n_neighbors": [10], "n_components": [3], "seeds": 1},
            "hdbscan": {"min_cluster_size": [6, 10], "min_samples": [3]},
        },
        "search": {"kind": "grid", "finalists": 2, "seeds": 1},
    }


@dataclass(frozen=True, slots=True)
class Walk:
    """What each task of one walk left."""

    job: Job
    batch: BatchFacts
    snapshot: SnapshotRef
    training: Training
    parity: Parity
    report: ReportRef
    version: ModelVersion


def walk(job: Job) -> Walk:
    """The flow `train` from ingest to register, task by task, without Prefect."""
    batch = ingest_documents.fn(job)
    snapshot = take_snapshot.fn(job, batch)
    training = trained(job, snapshot)
    parity = check_parity.fn(job, training.vectors, training.bundle)
    report = write_report.fn(job, batch, training, parity)
    version = register_model.fn(job, training, report)
    return Walk(job, batch, snapshot, training, parity, report, version)


def head_of(walked: Walk) -> bytes:
    """The numbers of the model; its keys, and so its digest, are its store's own."""
    return walked.job.lake().read_bytes(f"{walked.training.bundle.key}/bundle/head.safetensors")


def trained(job: Job, snapshot: SnapshotRef) -> Training:
    """From a snapshot to a model at rest."""
    cleaned = preprocess_documents.fn(job, snapshot)
    vectors = embed_documents.fn(job, cleaned)
    found = searched(job, cleaned, vectors)
    lineage = align_topics.fn(job, cleaned, found.space, found.choice)
    bundle = build_model.fn(job, cleaned, vectors, found.space, found.choice, lineage)
    return gather(cleaned, vectors, found, lineage, bundle)


def searched(job: Job, cleaned: SnapshotRef, vectors: Any) -> Found:
    """The flow `search`, task by task."""
    space = prepare_search.fn(job, cleaned, vectors)
    tried = [try_embedding.fn(job, space, plan) for plan in plan_trials.fn(job, space)]
    trials = score_candidates.fn(job, space, tried)
    baseline = fit_baseline.fn(job, space, trials)
    reseeded = [try_embedding.fn(job, space, plan) for plan in plan_reseeding.fn(job, trials)]
    return Found(space, trials, choose_candidate.fn(job, space, trials, reseeded, baseline))


def later(job: Kind, minutes: int) -> Kind:
    """The same job, started later."""
    return replace(job, started=job.started.replace(minute=minutes))


def listing(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Every file below a folder: when it was written, its size, the digest of its bytes."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mtime_ns,
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
