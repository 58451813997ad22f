"""Situations, verdicts, measures and episodes with the few things a test cares about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from evertopic.records import (
    DriftReport,
    DriftVerdict,
    Episode,
    Evaluation,
    Interval,
    Measure,
    Performance,
    Situation,
    Window,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WINDOW = Window("windows/w", "w", None, NOW, 200, 150, 50)


def situation(**changes: Any) -> Situation:
    """A quiet loop: trained ten days ago on 1,000 documents, nothing said, nothing drifted."""
    quiet: dict[str, Any] = {
        "loop": "news",
        "now": NOW,
        "version": 3,
        "trained_at": NOW - 10 * DAY,
        "trained_documents": 1_000,
        "new_documents": 100,
        "drift": (report(verdict()),),
        "performance": performance(),
        "wrong_by": (),
        "unassigned_budget": 0.05,
    }
    return Situation(**(quiet | changes))


def verdict(state: str = "none", **changes: Any) -> DriftVerdict:
    """What a detector said: nothing new, if nothing else is given."""
    drifted = state == "drift"
    quiet: dict[str, Any] = {
        "detector": "mmd",
        "about": "new subject",
        "state": state,
        "statistic": 0.1,
        "p": 0.001 if drifted else 0.6,
        "threshold": 0.01,
        "size": 0.2 if drifted else 0.0,
        "level": "medium" if drifted else "none",
        "least": 50,
        "said": f"mmd says {state}.",
    }
    return DriftVerdict(**(quiet | changes))


def report(*verdicts: DriftVerdict) -> DriftReport:
    """The verdicts of one check."""
    return DriftReport("news", "news", 3, NOW, WINDOW, verdicts)


def measure(name: str, now: tuple[float, float, float], then: tuple[float, float, float] | None, **of: Any) -> Measure:
    """A measure as (value, low, high), now and at registration."""
    before = None if then is None else Interval(*then)
    return Measure(name, Interval(*now), before, of.get("documents", 200), "higher", "stable", None)


def performance(*measures: Measure) -> Performance:
    """What one check measured."""
    return Performance(measures, 0, 0, 0)


def evaluation(trigger: str = "drift", *, fired: bool = True, priority: int = 1) -> Evaluation:
    """What one trigger said."""
    return Evaluation(trigger, fired, 1.0, 1.0, f"{trigger} said so.", priority)


def episode(opened_at: datetime = NOW - HOUR, **changes: Any) -> Episode:
    """An open episode, nothing asked for yet."""
    fresh: dict[str, Any] = {
        "id": "e1",
        "loop": "news",
        "version": 3,
        "opened_at": opened_at,
        "reasons": ("mmd says drift.",),
        "triggers": ("drift",),
        "state": "open",
        "attempts": 0,
        "requested_at": None,
        "run": None,
        "failed_at": None,
        "closed_at": None,
        "outcome": None,
    }
    return Episode(**(fresh | changes))
