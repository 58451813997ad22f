"""A topic's key is short, opaque, and its own for ever."""

import re
from datetime import UTC, datetime
from random import Random

import pytest

from evertopic.errors import BadInput, Unavailable
from evertopic.storage.store import Store

NOW = datetime(2024, 5, 1, tzinfo=UTC)


class Stuck(Random):
    """A source of randomness that always says the same."""

    def choices(self, population, weights=None, *, cum_weights=None, k=1):  # type: ignore[no-untyped-def, override]
        return list(population)[:k]


def mint(store: Store, n: int, seed: int = 0, loop: str = "news") -> tuple[str, ...]:
    return store.keys.mint(loop, n, at=NOW, randomness=Random(seed))


def record(store: Store, bundle: str, keys: tuple[str, ...], name: str = "name") -> tuple[str, ...]:
    return store.keys.record(
        "news", bundle, model="news", keys=keys, names=[name] * len(keys), words=[["a", "b"]] * len(keys)
    )


def test_form(store: Store) -> None:
    """A key is `t` and six characters without vowels."""
    keys = mint(store, 50)
    assert len(set(keys)) == 50
    assert all(re.fullmatch("t[0-9b-df-hj-km-np-tv-z]{6}", key) for key in keys)
    assert mint(store, 0) == ()


def test_never_twice(store: Store) -> None:
    """The same randomness gives other keys once the first are taken, in whatever loop."""
    first = mint(store, 20)
    assert not set(first) & set(mint(store, 20, loop="other"))


def test_poor_randomness(store: Store) -> None:
    """Randomness that only repeats itself is an error, and no key is taken for it."""
    with pytest.raises(Unavailable, match="Only 1 of 2"):
        store.keys.mint("news", 2, at=NOW, randomness=Stuck())
    assert store.keys.mint("news", 1, at=NOW, randomness=Stuck()) == ("t012345",)


def test_record(store: Store) -> None:
    """The keys of a model come back by topic; recording it again, even differently, changes nothing."""
    keys = mint(store, 12)
    assert store.keys.keys_of("news", "m1") == ()
    assert record(store, "m1", keys) == keys
    assert record(store, "m1", keys[::-1]) == keys
    assert store.keys.keys_of("news", "m1") == keys
    assert store.keys.keys_of("other", "m1") == ()


def test_key_lives_on(store: Store) -> None:
    """A key may be carried by a later model, in another place."""
    keys = mint(store, 2)
    record(store, "m1", keys)
    assert record(store, "m2", keys[::-1], name="later") == keys[::-1]


def test_no_topics(store: Store) -> None:
    """A model without topics has no keys."""
    assert record(store, "m1", ()) == ()


def test_wrong_keys(store: Store) -> None:
    """Invented keys, keys of another loop, a key twice and lists of different length are refused."""
    with pytest.raises(BadInput, match="t000000 were not minted for news"):
        record(store, "m1", ("t000000",))
    with pytest.raises(BadInput, match="not minted"):
        record(store, "m1", mint(store, 1, loop="other"))
    key = mint(store, 1)[0]
    with pytest.raises(BadInput, match="no key twice"):
        record(store, "m1", (key, key))
    with pytest.raises(BadInput, match="1 keys, 0 names"):
        store.keys.record("news", "m1", model="news", keys=[key], names=[], words=[])
    assert store.keys.keys_of("news", "m1") == ()
