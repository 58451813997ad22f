"""Which documents a training takes."""

import numpy as np
import pytest

from evertopic.corpus.windows import TrainingRule, select
from evertopic.records import Times

DAY = np.timedelta64(1, "D")
START = np.datetime64("2026-01-01T00:00:00", "s")


def dates(*days: int) -> Times:
    """So many days after the start."""
    return np.array([START + day * DAY for day in days], "datetime64[s]")


def names(count: int, first: int = 0) -> list[str]:
    """Distinct ids, in order."""
    return [f"d{at:05d}" for at in range(first, first + count)]


def none(count: int) -> np.ndarray:
    """No topic is known."""
    return np.full(count, -1, np.int32)


def test_all_by_default() -> None:
    """Without a window every document is taken, whatever its age."""
    assert select(dates(0, 5_000), names(2), none(2), TrainingRule(), seed=1).all()
    assert not TrainingRule().windowed


def test_days_before_the_newest() -> None:
    """Days 0, 9, 10 and 20 under a window of 10 days: the last two, for 20 - 10 = 10 is still within."""
    taken = select(dates(0, 9, 10, 20), names(4), none(4), TrainingRule(window_days=10), seed=1)
    assert taken.tolist() == [False, False, True, True]


def test_newest_documents() -> None:
    """The newest three; of equal times the larger id is the newer, and no time at all is the oldest."""
    times = np.array([dates(5)[0], np.datetime64("NaT"), *dates(5, 5, 1)], "datetime64[s]")
    taken = select(times, names(5), none(5), TrainingRule(window_documents=2), seed=1)
    assert taken.tolist() == [False, False, True, True, False]


def test_both_bounds() -> None:
    """A document must be in both windows."""
    rule = TrainingRule(window_days=3, window_documents=2)
    assert select(dates(0, 8, 9, 10), names(4), none(4), rule, seed=1).tolist() == [False, False, True, True]
    assert select(dates(0, 1, 2, 10), names(4), none(4), rule, seed=1).tolist() == [False, False, False, True]


def test_reservoir_fills_up() -> None:
    """Topic 0 has one document in the window and gets two older ones; unassigned ones get none."""
    topics = np.array([0] * 10 + [-1] * 5 + [0, 1], np.int32)
    times = dates(*range(15), 100, 100)
    taken = select(times, names(17), topics, TrainingRule(window_days=1, reservoir=3), seed=1)
    assert taken[:10].sum() == 2
    assert not taken[10:15].any()
    assert taken[15:].all()


@pytest.mark.parametrize("reservoir", [0, 5, 20])
def test_a_quiet_topic_keeps_its_documents(reservoir: int) -> None:
    """Topic 0 falls silent; through five trainings it keeps `reservoir` documents, the very same ones."""
    rule = TrainingRule(window_days=7, reservoir=reservoir)
    ids, days, topics = names(40), list(range(40)), [0] * 40
    kept = []
    for week in range(1, 6):
        ids += names(50, first=len(ids))
        days += [40 + 30 * week] * 50
        topics += [1 + week % 2] * 50
        taken = select(dates(*days), ids, np.array(topics, np.int32), rule, seed=7)
        kept.append([own for own, topic, here in zip(ids, topics, taken, strict=True) if here and topic == 0])
        for topic in set(topics):
            here = taken & (np.array(topics) == topic)
            assert here.sum() >= min(reservoir, topics.count(topic))
    assert all(len(each) == reservoir for each in kept)
    assert all(each == kept[0] for each in kept)


def test_order_says_nothing() -> None:
    """The same documents in another order are the same choice; another seed draws another reservoir."""
    random = np.random.default_rng(1)
    times, ids = dates(*random.integers(0, 100, 200).tolist()), np.array(names(200))
    topics = random.integers(-1, 4, 200).astype(np.int32)
    rule = TrainingRule(window_days=10, reservoir=9)
    shuffled = random.permutation(200)
    first = select(times, ids.tolist(), topics, rule, seed=1)
    again = select(times[shuffled], ids[shuffled].tolist(), topics[shuffled], rule, seed=1)
    assert set(ids[first]) == set(ids[shuffled][again])
    assert set(ids[first]) != set(ids[select(times, ids.tolist(), topics, rule, seed=2)])


def test_no_documents() -> None:
    """Of nothing, nothing."""
    assert not len(select(dates(), [], none(0), TrainingRule(window_days=1, window_documents=1), seed=1))


def test_no_times() -> None:
    """Where no document has a time, days leave nothing out."""
    times = np.array(["NaT"] * 3, "datetime64[s]")
    assert select(times, names(3), none(3), TrainingRule(window_days=1), seed=1).all()
