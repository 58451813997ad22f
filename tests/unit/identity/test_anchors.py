"""Anchor documents: enough of each topic, the same on any machine, none more than needed."""

import numpy as np

from evertopic.identity.anchors import PER_TOPIC, wanted


def order(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).permutation(count).astype(np.int64)


def test_every_topic_gets_its_number() -> None:
    """Each topic is given as many as are missing, or all it has; unassigned documents are never drawn."""
    topic = np.repeat([0, 1, 2, -1], [100, 100, 5, 50]).astype(np.int32)
    rows = wanted(topic, np.array([0, PER_TOPIC - 4, 0]), order(255))
    assert np.bincount(topic[rows]).tolist() == [PER_TOPIC, 4, 5]
    assert rows.tolist() == sorted(set(rows.tolist()))


def test_covered_topics_get_none() -> None:
    """Where the anchors there are suffice, none is added."""
    topic = np.zeros(100, np.int32)
    assert len(wanted(topic, np.array([PER_TOPIC + 9]), order(100))) == 0
    assert len(wanted(np.full(9, -1, np.int32), np.zeros(0, np.int64), order(9))) == 0


def test_the_smallest_are_drawn() -> None:
    """Which ones is a matter of their order alone, not of their place."""
    topic = np.zeros(100, np.int32)
    drawn = order(100)
    rows = wanted(topic, np.array([0]), drawn)
    assert sorted(drawn[rows].tolist()) == list(range(PER_TOPIC))
