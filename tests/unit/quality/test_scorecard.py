import dataclasses

import numpy as np
import pytest

from evertopic.quality.scorecard import Evidence, score
from evertopic.quality.windows import count
from evertopic.records import Interval


@pytest.fixture
def counts(made):
    tokens = made.tokens([["a", "b"], ["a", "b", "c"], ["c", "d"], ["d"]])
    return count(tokens, made.grams(tokens, ["a", "b", "c", "d"]), [[0, 1], [2, 3], [1, 2]])


@pytest.fixture
def evidence():
    return Evidence(
        topics=((0, 1), (2, 3)),
        sizes=(30, 30),
        unclustered=0.2,
        assigned=np.array([0, 0, 1, -1], dtype=np.int32),
        confirmed=np.array([True, False, True, True]),
        separation=Interval(0.1, 0.0, 0.2),
        labels=("x", "x", "y", None),
        recurrence=np.array([1.0, 0.5]),
    )


def test_the_scorecard_holds_what_was_measured(counts, evidence):
    """Each field comes from its measure; confirmations of unassigned documents do not count."""
    card = score(counts, evidence, seed=0)
    assert (card.topics, card.documents, card.diversity, card.balance) == (2, 4, 1.0, pytest.approx(1.0))
    assert (card.unclustered, card.unassigned) == (0.2, 0.25)
    assert card.agreement.value == pytest.approx(2 / 3)
    assert (card.nmi, card.ari) == pytest.approx((1.0, 1.0))
    assert card.separation == evidence.separation
    assert card.stability is None
    assert [topic.recurrence for topic in card.per_topic] == [1.0, 0.5]
    # (a, b) always together, (c, d) once of two each in four documents: NPMI 1 and 0
    assert [topic.npmi for topic in card.per_topic] == pytest.approx([1.0, 0.0], abs=1e-9)
    assert card.npmi.value == pytest.approx(0.5)


def test_without_labels_and_other_seeds_those_fields_are_empty(counts, evidence):
    """None where there is nothing to compare with, nan recurrence."""
    card = score(counts, dataclasses.replace(evidence, labels=(), recurrence=None), seed=0)
    assert card.nmi is card.ari is None
    assert np.isnan([topic.recurrence for topic in card.per_topic]).all()


def test_a_candidate_without_topics_has_a_scorecard(counts, evidence):
    """All noise: nan coherence and agreement, diversity and balance 0, everything unassigned."""
    nothing = dataclasses.replace(
        evidence, topics=(), sizes=(), recurrence=None, assigned=np.full(4, -1, np.int32), unclustered=1.0
    )
    card = score(counts, nothing, seed=0)
    assert np.isnan([card.c_v.value, card.agreement.value]).all()
    assert (card.diversity, card.balance, card.unassigned, card.per_topic) == (0.0, 0.0, 1.0, ())


def test_one_topic_has_a_scorecard(counts, evidence):
    """One topic: balance 0, the rest is measured."""
    card = score(counts, dataclasses.replace(evidence, topics=((0, 1),), sizes=(9,), recurrence=None), seed=0)
    assert card.balance == 0.0
    assert card.npmi.value == pytest.approx(1.0)


def test_evidence_of_other_lengths_is_refused_with_all_faults(counts, evidence):
    """The message names each part that does not fit."""
    with pytest.raises(ValueError, match=r"sizes has 1, expected 2; labels has 1, expected 4"):
        score(counts, dataclasses.replace(evidence, sizes=(1,), labels=("x",)), seed=0)
