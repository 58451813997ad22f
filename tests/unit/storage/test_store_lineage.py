"""The lineage at rest: what goes in comes back, whole or not at all, and only the next generation is taken."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest

from evertopic.errors import BadInput
from evertopic.identity.profile import Profile
from evertopic.records import Generation, LineageEvent, Score
from evertopic.storage.store import NewGeneration, Overtaken, Past, Store

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCORE = Score(0.99, None, 0.5, 0.25, 3)


def minted(store: Store, count: int, loop: str = "news") -> tuple[str, ...]:
    return store.keys.mint(loop, count, at=AT, randomness=Random(7))


def generation(number: int, keys: tuple[str, ...], loop: str = "news", anchors: int = 4) -> NewGeneration:
    """The generation `number` with these topics; it brings two anchor documents."""
    random = np.random.default_rng(number)
    facts = Generation(loop, number, f"clustering{number}", AT + timedelta(days=number), len(keys), "e", None)
    profile = Profile(
        keys=keys,
        encoder="e",
        centroids=random.normal(size=(len(keys), 5)).astype(np.float32),
        words=tuple(("wörd", f"{key} two") for key in keys),
        weights=tuple((0.5, 0.25) for _ in keys),
        anchors=random.integers(-2, max(len(keys), 1), anchors).astype(np.int32),
    )
    past = Past(
        facts,
        profile,
        tuple(f"name of {key}" for key in keys),
        tuple(range(len(keys))),
        np.linspace(0, 1, len(keys), dtype=np.float32),
        {"kind": "hashing"},
    )
    events = tuple(
        LineageEvent(
            number,
            facts.at,
            "kept" if number > 1 else "born",
            key,
            f"name of {key}",
            at,
            None,
            SCORE if number > 1 else None,
        )
        for at, key in enumerate(keys)
    )
    return NewGeneration(past, events, ((f"d{number}", "a text"), (f"e{number}", "NUL-free")), None)


def equal(one: Profile, other: Profile) -> bool:
    arrays = ("centroids", "anchors")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays) and all(
        getattr(one, name) == getattr(other, name) for name in ("keys", "encoder", "words", "weights")
    )


def added(store: Store, number: int, register: int | None) -> NewGeneration:
    """A generation with two topics of its own, added; `register` is its version."""
    keys = store.keys.mint("news", 2, at=AT, randomness=Random(number))
    new = generation(number, keys, anchors=2 * number)
    store.lineage.add(new)
    if register is not None:
        store.lineage.register("news", f"clustering{number}", "news", register)
    return new


def test_it_comes_back(store: Store) -> None:
    """A generation comes back number for number; before it is registered, people are not told of it."""
    new = generation(1, minted(store, 3), anchors=2)
    store.lineage.add(new)
    assert store.lineage.generations("news") == store.lineage.events("news") == ()
    assert len(store.lineage.events_of("news", 1)) == 3
    assert store.lineage.find("news", "clustering1") == new.past.generation
    assert store.lineage.find("news", "clustering2") is None
    assert store.lineage.keys("news", 1) == new.past.profile.keys
    store.lineage.register("news", "clustering1", "news", 4)
    store.lineage.register("news", "clustering1", "news", 5)
    (past,) = store.lineage.past("news")
    assert past.generation == replace(new.past.generation, version=4)
    assert equal(past.profile, new.past.profile)
    assert (past.names, past.encoder) == (new.past.names, new.past.encoder)
    assert past.threshold.tolist() == new.past.threshold.tolist()
    assert store.lineage.anchors("news") == (("d1", "a text"), ("e1", "NUL-free"))
    assert store.lineage.events("news") == tuple(sorted(new.events, key=lambda event: (-event.documents, event.key)))


def test_the_next_one(store: Store) -> None:
    """A second generation brings more anchors, answers of the one before for them, and events with their evidence."""
    keys = minted(store, 2)
    first = generation(1, keys, anchors=2)
    store.lineage.add(first)
    store.lineage.register("news", "clustering1", "news", 1)
    asked = replace(first.past, profile=replace(first.past.profile, anchors=np.array([0, 1, -1, 0], np.int32)))
    second = replace(generation(2, keys), predecessor=asked)
    store.lineage.add(second)
    store.lineage.register("news", "clustering2", "news", 2)
    assert [past.profile.anchors.tolist() for past in store.lineage.past("news")] == [
        [0, 1, -1, 0],
        second.past.profile.anchors.tolist(),
    ]
    assert [digest for digest, _ in store.lineage.anchors("news")] == ["d1", "e1", "d2", "e2"]
    assert [event.score for event in store.lineage.events("news", keys[0])] == [None, SCORE]
    assert [one.number for one in store.lineage.generations("news")] == [1, 2]
    assert store.lineage.past("other") == store.lineage.anchors("other") == store.lineage.generations("other") == ()


def test_the_generation_of_a_version(store: Store) -> None:
    """Of every version of every model, also one that repeats an earlier clustering; the last word changes nothing."""
    added(store, 1, register=None)
    added(store, 2, register=None)
    for number, model, version in ((1, "news", 1), (2, "news", 2), (1, "news", 3), (2, "news", 3), (2, "other", 1)):
        store.lineage.register("news", f"clustering{number}", model, version)
    found = [store.lineage.of_version("news", "news", version) for version in (0, 1, 2, 3, 4)]
    assert found == [None, 1, 2, 1, None]
    assert store.lineage.of_version("news", "other", 1) == 2
    assert [one.version for one in store.lineage.generations("news")] == [1, 1]


def test_the_last_registered_comes_last(store: Store) -> None:
    """What a new model is held against ends with what was registered last; what never was comes first, and counts."""
    for number in (1, 2, 3):
        added(store, number, register=None)
    assert [past.generation.number for past in store.lineage.past("news")] == [1, 2, 3]
    store.lineage.register("news", "clustering2", "news", 1)
    store.lineage.register("news", "clustering1", "news", 2)
    assert [past.generation.number for past in store.lineage.past("news")] == [3, 2, 1]


def test_as_of(store: Store) -> None:
    """With a time, only what was made by then is there."""
    for number in (1, 2):
        added(store, number, register=number)
    between = AT + timedelta(days=1, hours=1)
    assert [one.number for one in store.lineage.generations("news", until=between)] == [1]
    assert {event.generation for event in store.lineage.events("news", until=between)} == {1}
    assert store.lineage.events("news", until=AT) == ()


def test_what_concerns_a_topic(store: Store) -> None:
    """To a topic belong its own events, what was split off it and what was merged into it; not what is only like it."""
    one, part, other, like = minted(store, 4)
    new = generation(1, (one, part, other, like), anchors=2)
    kinds = {part: ("split", one), other: ("merged", one), like: ("born", one)}
    events = tuple(
        replace(event, kind=kinds[event.key][0], other=kinds[event.key][1]) if event.key in kinds else event
        for event in new.events
    )
    store.lineage.add(replace(new, events=events))
    store.lineage.register("news", "clustering1", "news", 1)
    assert {event.key for event in store.lineage.events("news", one)} == {one, part, other}
    assert {event.key for event in store.lineage.events("news", like)} == {like}


@pytest.mark.parametrize(("number", "anchors"), [(1, 4), (3, 4), (2, 3)])
def test_overtaken(store: Store, number: int, anchors: int) -> None:
    """A number that is taken or skips one, and anchors that do not follow on those there are: nothing is kept."""
    keys = minted(store, 2)
    store.lineage.add(generation(1, keys, anchors=2))
    with pytest.raises(Overtaken):
        store.lineage.add(generation(number, keys, anchors=anchors))
    assert len(store.lineage.past("news")) == 1
    assert len(store.lineage.anchors("news")) == 2


def test_the_same_clustering_twice(store: Store) -> None:
    """A clustering is in a lineage once."""
    keys = minted(store, 1)
    store.lineage.add(generation(1, keys, anchors=2))
    again = generation(2, keys)
    with pytest.raises(Overtaken):
        store.lineage.add(
            replace(
                again, past=replace(again.past, generation=replace(again.past.generation, clustering="clustering1"))
            )
        )


def test_wrong_keys(store: Store) -> None:
    """Invented keys, keys of another loop and a key twice are refused, and nothing is kept."""
    (key,) = minted(store, 1)
    for keys in (("t000000",), minted(store, 1, "other"), (key, key)):
        with pytest.raises(BadInput, match="mint keys, never invent them"):
            store.lineage.add(generation(1, keys, anchors=2))
    assert store.lineage.past("news") == ()


def test_no_topics(store: Store) -> None:
    """A model without topics is a generation too."""
    store.lineage.add(generation(1, (), anchors=2))
    store.lineage.register("news", "clustering1", "news", 1)
    assert len(store.lineage.past("news")[0].profile) == 0


PREPARE = """
from random import Random
from evertopic.storage.store import Overtaken, open_store
from tests.unit.storage.test_store_lineage import AT, generation
store = open_store(sys.argv[1])
keys = store.keys.mint("news", 3, at=AT, randomness=Random())
new = generation(1, keys, anchors=2)
"""
ACT = """
try:
    store.lineage.add(new)
except Overtaken:
    sys.exit(9)
"""


def test_added_by_four_at_once(
    store_url: str, store: Store, at_once: Callable[[int, str, str, str], list[int]]
) -> None:
    """Of four trainings that add a first generation at once, one does, and three are told to look again."""
    assert sorted(at_once(4, PREPARE, ACT, store_url)) == [0, 9, 9, 9]
    assert len(store.lineage.past("news")) == 1
    assert len(store.lineage.events_of("news", 1)) == 3
