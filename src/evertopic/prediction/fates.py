"""What became of each topic between two versions, read off the lineage."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from evertopic.records import Fate, LineageEvent, Score


@dataclass(frozen=True, slots=True)
class Parentage:
    """What became of one topic."""

    fate: Fate
    other: str | None = None
    score: Score | None = None


def parentage(
    events: Sequence[LineageEvent],
    old: Collection[str],
    new: Collection[str],
    span: tuple[int | None, int | None],
) -> dict[str, Parentage]:
    """What became of every topic of two versions on the way from `old` to `new`, by key.

    Which topics are the same is a matter of their keys alone. The lineage says where the others came from and went,
    over as many generations as lie between; a split or merger whose other topic is in neither version is a birth or
    an end. On the way back, to an older version, a split is a merger and a merger a split. Where the lineage does not
    know one of the versions, topics are born or gone.

    Args:
        events: the lineage of the loop, oldest first.
        old: keys of the version that is compared with.
        new: keys of the other one.
        span: the generations of both; None: it is in no lineage.
    """
    start, end = span
    between: dict[str, list[LineageEvent]] = {}
    if start is not None and end is not None:
        low, high = sorted((start, end))
        for event in events:
            if low < event.generation <= high:
                between.setdefault(event.key, []).append(event)
    back = start is not None and end is not None and end < start
    earlier = {event.key for event in events if start is not None and event.generation < start}
    found = {key: Parentage("same", None, _own_score(between.get(key, ()))) for key in old if key in new}
    for key in new:
        if key not in old:
            known = key in earlier
            found[key] = _came(key, between, old, "merged" if back else "split", known=known)
    for key in old:
        if key not in new:
            found[key] = _went(key, between, new, "split" if back else "merged")
    return found


def _own_score(events: Sequence[LineageEvent]) -> Score | None:
    """The weakest link of a key that goes on."""
    scores = [event.score for event in events if event.kind in ("kept", "revived") and event.score]
    return min(scores, key=lambda score: score.probability, default=None)


def _came(
    key: str,
    between: dict[str, list[LineageEvent]],
    old: Collection[str],
    kind: str,
    *,
    known: bool,
) -> Parentage:
    own = between.get(key, [])
    parent = _chase(key, between, kind, old)
    if parent is not None:
        score = next((event.score for event in own if event.kind == kind), None)
        return Parentage("split", parent, score)
    if known:
        return Parentage("revived", None, _own_score(own))
    return Parentage("born", None, next((event.score for event in own if event.kind == "born"), None))


def _went(key: str, between: dict[str, list[LineageEvent]], new: Collection[str], kind: str) -> Parentage:
    own = between.get(key, [])
    into = _chase(key, between, kind, new)
    if into is not None:
        return Parentage("merged", into, next((event.score for event in own if event.kind == kind), None))
    return Parentage("gone", None, next((event.score for event in own if event.kind == "retired"), None))


def _chase(key: str, between: dict[str, list[LineageEvent]], kind: str, there: Collection[str]) -> str | None:
    """The topic of `there` that events of this kind lead to from `key`, over topics in between; None: they do not."""
    seen, here = {key}, key
    while True:
        step = next((event.other for event in between.get(here, []) if event.kind == kind), None)
        if step is None or step in seen:
            return None
        if step in there:
            return step
        seen.add(step)
        here = step
