"""What detectors are for: each finds its own drift, and leaves that of the others alone."""

from dataclasses import replace

import numpy as np
import pytest

from evertopic.drift import Look, Novelty, TopicMix
from evertopic.drift.topic_shares import counts_of, keyed
from evertopic.drift.topics import Topics
from evertopic.records import DriftVerdict
from tests.unit.drift.spheres import CENTRES, EVEN, KEYS, SUBJECTS, around, reference, sample, window

ALPHA, WINDOWS = 0.05, 200
BUDGET = 15
"""Alarms of 200 windows at 5 %: 10 are expected, the share of 15 is 7.5 %."""
OTHER_SHARES = (6.0, 6.0, 1.0, 1.0, 1.0, 1.0, 0.2, 0.2)
PAST = tuple(keyed(counts_of(window(500 + at, 100), SUBJECTS), KEYS) for at in range(12))
LOOK = Look(ALPHA, 0, KEYS, PAST)
REFERENCE = reference(documents=400)


def novelty(seed: int, **changes: object) -> DriftVerdict:
    return Novelty().judge(REFERENCE, window(seed, **changes), LOOK)  # type: ignore[arg-type]


def topic_mix(seed: int, **changes: object) -> DriftVerdict:
    return TopicMix().judge(REFERENCE, window(seed, **changes), LOOK)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(5))
def test_known_subjects_in_other_shares(seed: int) -> None:
    """Two subjects six times as common as most are other proportions, and nothing new."""
    assert not novelty(seed, shares=OTHER_SHARES).drifted
    mix = topic_mix(seed, shares=OTHER_SHARES)
    assert mix.drifted
    assert mix.level == "high"
    assert mix.topics[0].key in {"k0", "k1"}
    assert mix.topics[0].now > mix.topics[0].before


@pytest.mark.parametrize("seed", range(5))
def test_a_new_subject(seed: int) -> None:
    """Twelve of a hundred documents of a subject nobody knows are something new, and they are the ones named."""
    found = novelty(seed, new=12)
    assert found.drifted
    assert {f"d{at}" for at in range(88, 100)} <= set(found.documents)
    assert found.size == pytest.approx(0.12, abs=0.05)
    assert found.level == "medium"


def test_one_new_subject_is_no_other_proportion() -> None:
    """Where new documents go to all the topics alike, shares stay what they are: topic_mix is silent."""
    rng = np.random.default_rng(5)
    middle = np.ones(CENTRES.shape[1], np.float32) / np.sqrt(CENTRES.shape[1])
    rows = np.concatenate([window(1, 85).vectors, around(0, 15, rng, middle)])
    one = replace(sample(rows, rng), topic=np.arange(100, dtype=np.int32) % SUBJECTS)
    assert Novelty().judge(REFERENCE, one, LOOK).drifted
    assert not TopicMix().judge(REFERENCE, one, LOOK).drifted


def test_the_one_topic_that_moved() -> None:
    """Documents of subject 2 that lie elsewhere within it: `topics` names it, and no other."""
    before, now = reference(documents=800), window(3, 200)
    own = now.nearest == 2
    moved = now.vectors.copy()
    moved[own] = around(2, int(own.sum()), np.random.default_rng(1), CENTRES[2] + 0.5 * CENTRES[20])
    found = Topics().judge(before, sample(moved, np.random.default_rng(0)), Look(ALPHA, 0, KEYS))
    assert found.drifted
    assert [shift.key for shift in found.topics if shift.p is not None and shift.p <= ALPHA] == ["k2"]
    assert set(found.documents) <= {f"d{row}" for row in np.flatnonzero(own)}
    assert found.size == pytest.approx(own.mean())


def test_false_alarms_of_novelty_keep_the_budget() -> None:
    """Of 200 windows without drift, each beside a model of its own, at most 7.5 % raise an alarm at a budget of 5 %.

    Beside one and the same small reference the share is another for each reference; on the average it is this one.
    """
    quiet = [Novelty().judge(reference(seed, 120), window(1_000 + seed, 30), LOOK) for seed in range(WINDOWS)]
    assert all(one.state != "refused" for one in quiet)
    assert sum(one.drifted for one in quiet) <= BUDGET


def test_false_alarms_of_topic_mix_keep_the_budget() -> None:
    """The same of `topic_mix`, which learnt from twelve windows of the past."""
    quiet = [topic_mix(1_000 + seed, documents=60) for seed in range(WINDOWS)]
    assert all(one.state != "refused" for one in quiet)
    assert sum(one.drifted for one in quiet) <= BUDGET


def test_false_alarms_of_topics_keep_the_budget() -> None:
    """The same of `topics`, which looks at eight of them at once: of 60 windows, at most 6."""
    detector = Topics(each=3)
    quiet = [detector.judge(reference(seed, 200), window(2_000 + seed, 60), LOOK) for seed in range(60)]
    assert sum(one.drifted for one in quiet) <= 6


def test_even_shares_are_quiet() -> None:
    """A window of the shares of the past is no other proportion."""
    assert not topic_mix(0, shares=EVEN).drifted
