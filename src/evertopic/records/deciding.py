"""Facts of deciding: what the triggers saw, what was decided, which retraining was asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from evertopic.records.monitoring import DriftReport, Performance

Action = Literal["nothing", "request", "open", "cooling down", "over budget", "backing off", "gave up"]
"""Nothing fired; a retraining was asked for; one is asked for or running already; it would have been asked for, but the
last one was too lately; but there were too many this week; but the last one failed too lately; but too many failed."""
EpisodeState = Literal["open", "done", "gave up"]


@dataclass(frozen=True, slots=True)
class Situation:
    """All that triggers may look at, gathered once for each decision."""

    loop: str
    now: datetime
    version: int
    """The champion."""
    trained_at: datetime
    trained_documents: int
    new_documents: int
    """Accepted since then, ingested and served."""
    drift: tuple[DriftReport, ...]
    """Of the checks of this champion, newest first."""
    performance: Performance | None
    """None before the first check."""
    wrong_by: tuple[tuple[str, int, int], ...]
    """(who, right, wrong): feedback since the champion was released."""
    unassigned_budget: float
    asked: str | None = None
    """Why a person asked for a retraining now; None: nobody did."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one trigger said."""

    trigger: str
    fired: bool
    value: float | None
    threshold: float | None
    reason: str
    """In words: what was found, beside what was expected."""
    priority: int
    """1 urgent to 5 routine."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, at rest, also when nothing fired."""

    id: str
    loop: str
    at: datetime
    check: str | None
    """Id of the check it followed; None: a person asked."""
    version: int
    evaluations: tuple[Evaluation, ...]
    fired: bool
    """The triggers together."""
    action: Action
    reason: str
    """Why this action, in one or two sentences."""
    episode: str | None
    """Id of the open episode, if there is one."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One need for a retraining: opened when the triggers fire, closed when a retraining has ended it."""

    id: str
    loop: str
    version: int
    """The champion it is about."""
    opened_at: datetime
    reasons: tuple[str, ...]
    triggers: tuple[str, ...]
    state: EpisodeState
    attempts: int
    """Retrainings that were begun for it."""
    requested_at: datetime | None
    run: str | None
    """Id of the last Prefect run that was asked for."""
    failed_at: datetime | None
    """When the last attempt failed; None: none did, or the next one has begun."""
    closed_at: datetime | None
    outcome: str | None
    """What came of it in words: promoted, held by the gate, failed; of an open one, why the last attempt failed."""
