"""The names of the registered models."""

import pytest

from evertopic.errors import Unavailable

PAGE = 100
"""Models that MLflow gives at a time."""


def test_none(registry):
    """A registry that holds nothing has no names."""
    assert registry.names() == ()


def test_in_order(registry, training):
    """Each name is there once, in alphabetical order, however many versions it has."""
    for name, digest in (("news", "a"), ("abstracts", "b"), ("news", "c")):
        registry.register(registry.log_training(training(digest * 32)), name, {})
    assert registry.names() == ("abstracts", "news")


def test_beyond_a_page(registry):
    """More names than MLflow gives at once are all there."""
    names = [f"loop-{at:03d}" for at in range(PAGE + 1)]
    for name in reversed(names):
        registry.client.create_registered_model(name)
    assert registry.names() == tuple(names)


def test_gone(registry, tracking_uri):
    """A registry whose file went away is reported as not answering."""
    path = registry.address.database
    with open(path, "r+b") as file:  # noqa: PTH123
        file.truncate(0)
    with pytest.raises(Unavailable):
        registry.names()
