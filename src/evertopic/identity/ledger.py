"""Reading a lineage: which topics are alive, how often what happened."""

from collections import Counter
from collections.abc import Iterable

from evertopic.records import LineageEvent, LineageKind

GONE: frozenset[LineageKind] = frozenset({"merged", "retired"})


def alive(events: Iterable[LineageEvent], generation: int) -> tuple[LineageEvent, ...]:
    """The events of the topics that a generation has, in their order."""
    return tuple(event for event in events if event.generation == generation and event.kind not in GONE)


def tally(events: Iterable[LineageEvent]) -> dict[int, Counter[LineageKind]]:
    """How often each kind of event happened in each generation."""
    counts: dict[int, Counter[LineageKind]] = {}
    for event in events:
        counts.setdefault(event.generation, Counter())[event.kind] += 1
    return counts
