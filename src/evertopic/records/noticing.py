"""Facts of telling people: what happened, how bad it is, whether they were reached."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

NoticeEvent = Literal[
    "retraining triggered",
    "retraining finished",
    "retraining failed",
    "gate held",
    "approval asked",
    "promoted",
    "rolled back",
    "data refused",
    "monitor failed",
]
Severity = Literal["info", "warning", "critical"]
"""For the record; somebody should look within a day; somebody should look now."""
NoticeOutcome = Literal["sending", "delivered", "failed", "suppressed", "no receiver"]
"""On its way; every receiver took it; at least one did not; told lately already, or not asked for; nobody to tell."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should hear of."""

    loop: str
    event: NoticeEvent
    subject: str
    """What it is about, such as `version 4` or the id of an episode: notices of one event and subject are one."""
    severity: Severity
    title: str
    """One line."""
    body: str
    """A few sentences."""
    links: tuple[tuple[str, str], ...] = ()
    """(text, address), such as the run in Prefect."""


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice at rest."""

    id: str
    loop: str
    event: NoticeEvent
    subject: str
    at: datetime
    severity: Severity
    title: str
    body: str
    """With the links, as it was delivered."""
    outcome: NoticeOutcome


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one receiver took a notice."""

    position: int
    """Of its address in EVERTOPIC_NOTIFY, from 1."""
    scheme: str
    """Of its address, the only part that is no secret."""
    arrived: bool
