"""A topic's key is short, opaque, and its own for ever."""

import re
from datetime import UTC, datetime
from random import Random

import pytest

from evertopic.errors import Unavailable
from evertopic.storage.store import Store

NOW = datetime(2024, 5, 1, tzinfo=UTC)


class Stuck(Random):
    """A source of randomness that always says the same."""

    def choices(self, population, weights=None, *, cum_weights=None, k=1):  # type: ignore[no-untyped-def, override]
        return list(population)[:k]


def mint(store: Store, n: int, seed: int = 0, loop: str = "news") -> tuple[str, ...]:
    return store.keys.mint(loop, n, at=NOW, randomness=Random(seed))


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
