"""Facts of the gate and of releases: what was checked, who answered when, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from evertopic.records.facts import Interval

ReleaseAction = Literal["first", "promoted", "rolled back", "moved outside"]
"""The last: the alias was found where no line of the ledger had put it."""


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One line of the gate."""

    name: str
    value: float | None
    threshold: float | None
    verdict: Literal["passed", "failed", "skipped"]
    said: str
    """One sentence: what was found, what was asked for; of a skipped one, why."""


@dataclass(frozen=True, slots=True)
class GateMeasure:
    """One measure of champion and challenger."""

    name: str
    before: float
    after: float
    difference: Interval
    """after - before, with the interval in which other documents and other seeds would move it."""


@dataclass(frozen=True, slots=True)
class GateReport:
    """Champion and challenger, measured now on the same documents."""

    loop: str
    model: str
    champion: int | None
    challenger: int
    held_out: int
    """Documents that neither was fitted on."""
    recent: int
    checks: tuple[GateCheck, ...]
    passed: bool
    reason: str
    """Why it is released or held, in one or two sentences."""
    measures: tuple[GateMeasure, ...] = ()
    """What the quality is made of, the quality itself first; none without a champion."""


@dataclass(frozen=True, slots=True)
class Release:
    """One line of the ledger: a version took the place of another."""

    id: str
    loop: str
    model: str
    version: int
    digest: str
    """Of its bundle."""
    previous: int | None
    action: ReleaseAction
    at: datetime
    """When the alias moved."""
    by: str
    why: str
    gate: str | None
    """Key of the gate's report in the lake; None: nothing was gated (first release, rollback)."""
    diff: str | None
    """Key of the release diff in the lake."""
    episode: str | None
    verified: str | None
    """What asking the canary set showed, in words; None: not asked yet."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person was asked, and said, before a release."""

    loop: str
    version: int
    asked_at: datetime
    until: datetime
    """Nobody's answer counts as no from this time on."""
    run: str | None
    """Id of the Prefect run that waits."""
    decided_at: datetime | None
    by: str | None
    approved: bool | None
    """None: nobody has answered."""
    comment: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the wish to release a version."""

    released: Release | None
    """The line of the ledger that stands now for this version; None: held, or rolled back by itself."""
    gate: GateReport
    said: str
    """In one or two sentences: promoted, held and why, rolled back and why."""
    back: Release | None = None
    """The line by which it was rolled back by itself, its canary set having been answered wrongly."""
