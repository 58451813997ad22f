from dataclasses import replace

import numpy as np
import pytest

from evertopic.models.neighbours import nearest_among
from evertopic.prediction.evaluation import COVERAGES, NEIGHBOURS, Candidate, Ground, coverage, evaluate, with_stability
from evertopic.records import Tokens, TopicTable

K, FITTED, HELD = 4, 200, 600


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def planted(count, seed):
    """Documents around K axes, and the axis of each."""
    draw = np.random.default_rng(seed)
    own = np.arange(count) % K
    return unit(np.eye(K, 16)[own] + 0.04 * draw.normal(size=(count, 16))), own.astype(np.int32)


def table(labels):
    """Two words a topic: the tokens 2t and 2t + 1."""
    sizes = np.bincount(labels[labels >= 0], minlength=int(labels.max(initial=-1)) + 1)
    words = tuple((f"a{topic}", f"b{topic}") for topic in range(len(sizes)))
    grams = tuple(((2 * topic,), (2 * topic + 1,)) for topic in range(len(sizes)))
    return TopicTable(words, tuple((2.0, 1.0) for _ in words), grams, tuple(int(size) for size in sizes))


def candidate(labels):
    return Candidate(labels, table(labels))


@pytest.fixture(scope="module")
def ground():
    fitted, _ = planted(FITTED, seed=1)
    held, own = planted(HELD, seed=2)
    # Each held-out document holds the two words of its topic, side by side.
    ids = np.stack([2 * own, 2 * own + 1], axis=1).ravel().astype(np.int32)
    words = tuple(f"{letter}{topic}" for topic in range(K) for letter in "ab")
    return Ground(
        fitted=fitted,
        held=held,
        neighbours=nearest_among(held, fitted, NEIGHBOURS)[0],
        tokens=Tokens(words, ids, np.arange(0, 2 * HELD + 1, 2, dtype=np.int64)),
        labels=tuple(f"label {topic}" for topic in own),
        budget=0.05,
        seed=0,
    )


@pytest.fixture(scope="module")
def true_labels():
    return planted(FITTED, seed=1)[1]


@pytest.fixture(scope="module")
def shuffled(true_labels):
    return np.random.default_rng(3).permutation(true_labels)


def test_planted_topics_score_near_one_and_shuffled_ones_do_not(ground, true_labels, shuffled):
    """Agreement tells planted topics from the same ones dealt at random, separation and labels from merged ones."""
    merged = np.maximum(true_labels - 1, 0)
    good, bad, coarse = evaluate([candidate(labels) for labels in (true_labels, shuffled, merged)], ground)
    assert good.separation.value > 0.9
    assert good.agreement.value > 0.99
    assert good.ari > 0.85
    assert good.npmi.value == pytest.approx(1.0)
    assert coarse.separation.value < good.separation.value - 0.1
    assert coarse.ari < good.ari - 0.1
    # Ten neighbours of random topics confirm about one answer in four.
    assert bad.agreement.value < 0.6


def test_a_seed_that_finds_no_topic_counts_against_stability(ground, true_labels):
    """One of two other seeds leaves everything out: its words come back nowhere and the grouping agrees by a third."""
    first, nothing = candidate(true_labels), candidate(np.full(FITTED, -1, np.int32))
    card = evaluate([first], ground)[0]
    seen = with_stability(card, first, [first, nothing], ground)
    # Three pairs: one agrees fully (1), two compare a grouping with a single group (0).
    assert seen.stability.value == pytest.approx(1 / 3)
    assert {topic.recurrence for topic in seen.per_topic} == {0.5}


def test_unassigned_is_near_the_budget(ground, true_labels):
    """On 600 held-out documents within two points of what was asked for; none at a budget of 0."""
    shares = [evaluate([candidate(true_labels)], replace(ground, budget=b))[0].unassigned for b in (0.0, 0.05, 0.2)]
    assert shares == pytest.approx([0.0, 0.05, 0.2], abs=0.02)
    assert shares[0] == 0.0


def test_what_the_clustering_left_out_is_counted(ground, true_labels):
    """Fifty of two hundred documents without a cluster: a quarter; sizes are of the others."""
    labels = np.where(np.arange(FITTED) < 50, -1, true_labels).astype(np.int32)
    card = evaluate([candidate(labels)], ground)[0]
    assert (card.unclustered, card.topics) == (0.25, K)


def test_a_candidate_does_not_feel_the_others(ground, true_labels, shuffled):
    """The scorecard is the same alone and among others, in any order."""
    both = evaluate([candidate(shuffled), candidate(true_labels)], ground)
    alone = evaluate([candidate(true_labels)], ground)[0]
    assert both[1] == replace(alone, per_topic=both[1].per_topic)
    assert [topic.npmi for topic in both[1].per_topic] == [topic.npmi for topic in alone.per_topic]


def test_one_topic_has_a_scorecard(ground):
    """Separation 0, agreement 1: there is nothing to confuse it with."""
    card = evaluate([candidate(np.zeros(FITTED, np.int32))], ground)[0]
    assert (card.topics, card.separation.value, card.agreement.value) == (1, 0.0, 1.0)


def test_no_topic_leaves_everything_unassigned(ground):
    """All noise: no agreement, no separation, nothing assigned, no error."""
    card = evaluate([candidate(np.full(FITTED, -1, np.int32))], ground)[0]
    assert (card.topics, card.unclustered, card.unassigned, card.separation.value) == (0, 1.0, 1.0, 0.0)
    assert np.isnan(card.agreement.value)


def test_no_candidates_have_no_scorecards(ground):
    """Nothing in, nothing out."""
    assert evaluate([], ground) == ()


@pytest.mark.parametrize("labels", [(), (None,) * HELD])
def test_without_labels_nothing_is_compared_with_them(ground, true_labels, labels):
    """None, not 0; the rest is measured."""
    card = evaluate([candidate(true_labels)], replace(ground, labels=labels))[0]
    assert (card.nmi, card.ari) == (None, None)
    assert card.agreement.value > 0.99


def test_the_same_topics_again_are_stable(ground, true_labels):
    """Identical fits, also numbered otherwise: stability 1; words that come back: recurrence 1."""
    first = candidate(true_labels)
    card = evaluate([first], ground)[0]
    turned = with_stability(card, first, [first, Candidate((K - 1) - true_labels, first.table)], ground)
    assert turned.stability.value == pytest.approx(1.0)
    assert [topic.recurrence for topic in turned.per_topic] == [1.0] * K
    assert replace(turned, stability=None, per_topic=card.per_topic) == card


def test_other_topics_are_not_stable(ground, true_labels):
    """A fit that merges two of four topics is less alike; an empty fit has nothing in common."""
    first = candidate(true_labels)
    card = evaluate([first], ground)[0]
    assert with_stability(card, first, [candidate(np.maximum(true_labels - 1, 0))], ground).stability.value < 0.75
    nothing = with_stability(card, first, [candidate(np.full(FITTED, -1, np.int32))], ground)
    assert nothing.stability.value == pytest.approx(0.0, abs=0.05)
    assert [topic.recurrence for topic in nothing.per_topic] == [0.0] * K


def test_without_other_fits_stability_is_not_measured(ground, true_labels):
    """The scorecard comes back as it was."""
    card = evaluate([candidate(true_labels)], ground)[0]
    assert with_stability(card, candidate(true_labels), [], ground) is card


def test_coverage_is_confirmed_by_labels_where_there_are_some(ground, true_labels):
    """Two of three labels known and one in ten of them wrong: the curve is about 0.9, by labels."""
    known = tuple(None if at % 3 == 0 else label for at, label in enumerate(ground.labels))
    wrong = tuple("wrong" if label and at % 10 == 1 else label for at, label in enumerate(known))
    found = coverage(candidate(true_labels), replace(ground, labels=wrong))
    assert found.confirmed_by == "labels"
    assert [point.coverage for point in found.curve] == list(COVERAGES)
    share = np.mean([label == "wrong" for label in wrong if label])
    assert found.curve[0].precision == pytest.approx(1 - share, abs=1e-9)


@pytest.mark.parametrize("labels", [(), (None,) * HELD])
def test_coverage_is_confirmed_by_neighbours_without_labels(ground, true_labels, labels):
    """No labels, or only empty ones: the neighbours vote, and planted topics are confirmed."""
    found = coverage(candidate(true_labels), replace(ground, labels=labels))
    assert found.confirmed_by == "neighbours"
    assert found.curve[0].precision > 0.99


def test_coverage_tells_what_was_asked_and_what_was_reached(ground, true_labels):
    """The target is the budget; what was reached is the scorecard's share, inside its interval."""
    found, card = coverage(candidate(true_labels), ground), evaluate([candidate(true_labels)], ground)[0]
    assert (found.target, found.reached.value) == (0.05, card.unassigned)
    assert found.reached.low < 0.05 < found.reached.high


def test_neighbours_that_no_topic_has_confirm_nothing(ground, true_labels):
    """Held-out documents whose neighbours were all left out are not confirmed."""
    labels = np.where(true_labels == 3, -1, true_labels).astype(np.int32)
    found = coverage(candidate(labels), replace(ground, labels=()))
    # A quarter of the held-out documents lies where nothing is clustered.
    assert found.curve[0].precision == pytest.approx(0.75, abs=0.01)
