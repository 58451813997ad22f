"""A loop that was really trained, what comes in later, and passes of the monitor over it without Prefect."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import yaml

from evertopic.records import Check, Decision, Release
from evertopic.storage.registry import open_registry
from evertopic.storage.registry.registry import Registry
from tasks.deciding import decide
from tasks.drift import detect_drift, keep_check
from tasks.ingest import ingest_documents
from tasks.job import Job
from tasks.performance import measure_performance
from tasks.window import embed_window, find_champion, preprocess_window, take_window
from tests.projects import COMMON, Project, content, themed

FIFTH = "satellite orbit rocket launch astronaut telescope galaxy comet lunar spacecraft nebula asteroid shuttle cosmic"


def three_themes(documents: int = 240, seed: int = 1) -> list[str]:
    """Texts without the fourth theme."""
    return [text for at, text in enumerate(themed(documents, seed=seed)) if at % 4 != 3]


def fifth_theme(documents: int = 60, seed: int = 9) -> list[str]:
    """Texts on a theme that no other text here is about."""
    random, theme = np.random.default_rng(seed), FIFTH.split()
    return [
        " ".join(random.permutation([*random.choice(theme, 15), *random.choice(COMMON, 5)]).tolist())
        for _ in range(documents)
    ]


def arrive(project: Project, prefix: str, texts: Sequence[str]) -> None:
    """These texts are in the file that the loop reads."""
    project.write_rows(["id", "text"], [[f"{prefix}{at:03d}", text] for at, text in enumerate(texts)])


def configured(project: Project, **changes: Any) -> None:
    """The config of the loop, some keys replaced."""
    path = project.root / "configs" / "tiny.yaml"
    path.write_text(yaml.safe_dump({**content(), **changes}), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Passage:
    """What one pass of the monitor left."""

    check: Check
    decision: Decision

    @property
    def states(self) -> set[str]:
        """What the detectors said."""
        return {verdict.state for verdict in self.check.drift.verdicts}


def passage(job: Job, since: datetime | None = None, until: datetime | None = None) -> Passage:
    """The flow `monitor` up to the decision, task by task, without Prefect."""
    watch = find_champion.fn(job)
    batch = ingest_documents.fn(job)
    window = take_window.fn(watch, batch, since, until)
    cleaned = preprocess_window.fn(watch, window)
    vectors = embed_window.fn(watch, cleaned)
    drift = detect_drift.fn(watch, window, cleaned, vectors)
    performance = measure_performance.fn(watch.job, watch.champion, window, cleaned, vectors)
    check = keep_check.fn(watch, window, cleaned, vectors, drift, performance)
    return Passage(check, decide.fn(job, check))


def at(job: Job, now: datetime) -> Job:
    """The same loop at another time."""
    return replace(job, started=now)


def registry_of(job: Job) -> Registry:
    return open_registry(job.place.tracking_uri, job.place.artifacts_url)


def champion_of(job: Job) -> int | None:
    """The version that answers."""
    return registry_of(job).alias_version("tiny", "champion")


def ledger_of(job: Job) -> tuple[Release, ...]:
    """The lines of the ledger, newest first."""
    with closing(job.store()) as store:
        return store.releases.list("tiny")
