"""A loop that was really trained, what comes in later, and passes of the monitor over it."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import yaml
from prefect import flow

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


def seen(job: Job, since: datetime | None = None, until: datetime | None = None) -> Check:
    """What the flow `monitor` does before it decides; as one flow, and no task is tried again."""
    check: Check = flow(_seen, name="seen", validate_parameters=False)(job, since, until)
    return check


def passage(job: Job, since: datetime | None = None, until: datetime | None = None) -> Passage:
    """The same, and the decision."""
    check = seen(job, since, until)
    return Passage(check, decide.fn(job, check))


def _seen(job: Job, since: datetime | None, until: datetime | None) -> Check:
    watch = find_champion.fn(job)
    batch = ingest_documents.fn(job)
    window = take_window.fn(watch, batch, since, until)
    cleaned = preprocess_window.fn(watch, window)
    vectors = embed_window.fn(watch, cleaned)
    drift = detect_drift.fn(watch, window, cleaned, vectors)
    performance = measure_performance.fn(watch.job, watch.champion, window, cleaned, vectors)
    return keep_check.fn(watch, window, cleaned, vectors, drift, performance)


def registry_of(job: Job) -> Registry:
    return open_registry(job.place.tracking_uri, job.place.artifacts_url)


def champion_of(job: Job) -> int | None:
    """The version that answers."""
    return registry_of(job).alias_version("tiny", "champion")


def ledger_of(job: Job) -> tuple[Release, ...]:
    """The lines of the ledger, newest first."""
    with closing(job.store()) as store:
        return store.releases.list("tiny")
