"""The evidence that two topics are the same is what its definition says, and missing where there is none."""

from dataclasses import replace

import numpy as np
import pytest

from evertopic.identity.likeness import LEAST_ANCHORS, likeness
from evertopic.identity.same import EVEN, WEIGHTS, least, log_odds
from tests.unit.identity.profiles import profile


def test_the_same_model() -> None:
    """A model against itself: everything is 1 where a topic meets itself, and 0 elsewhere."""
    one = profile(0, 1, 2)
    found = likeness(one, one)
    for part in (found.cosine, found.words, found.anchors, found.inside, found.around):
        assert part == pytest.approx(np.eye(3), abs=1e-6)
    assert found.shared.tolist() == (np.eye(3) * 10).tolist()


def test_shares_of_anchors() -> None:
    """Six of the eight documents of A are in B, which has twelve: 12/20 together, 6/8 of A, 6/12 of B."""
    a = profile(0, anchors=[0] * 8 + [-1] * 6)
    b = profile(0, anchors=[-1] * 2 + [0] * 12)
    found = likeness(a, b)
    assert found.shared[0, 0] == 6
    assert (found.anchors[0, 0], found.inside[0, 0], found.around[0, 0]) == pytest.approx((0.6, 0.75, 0.5))


def test_only_documents_both_were_asked_about_count() -> None:
    """Marks for never asked, and the end of a longer list, are no disagreement."""
    a = profile(0, anchors=[0, 0, 0, 0, -2, -2])
    b = profile(0, anchors=[0, 0, 0, 0, -1, -1, -1])
    assert likeness(a, b).anchors[0, 0] == 1.0
    assert likeness(b, a).anchors[0, 0] == 1.0


def test_too_few_anchors_say_nothing() -> None:
    """Below the least number, both topics counted, there is no evidence, and no division by zero."""
    few = profile(0, anchors=[0] * (LEAST_ANCHORS // 2 - 1))
    none = profile(0, anchors=[-1, -1])
    assert np.isnan(likeness(few, few).anchors).all()
    assert np.isnan(likeness(none, none).inside).all()


def test_another_encoder_has_no_cosine() -> None:
    """Centroids of different encoders are not compared, even of another width; words and anchors are."""
    found = likeness(profile(0, 1), profile(0, 1, encoder="other", width=5, anchors=[0] * 10 + [1] * 10))
    assert np.isnan(found.cosine).all()
    assert found.words == pytest.approx(np.eye(2), abs=1e-6)
    assert found.anchors == pytest.approx(np.eye(2), abs=1e-6)


def test_cosine_is_against_what_is_usual() -> None:
    """0 is the mean cosine between two topics of a model: (1 + 1/2 + 1/2) / ... with axes at 60 degrees it is 1/2."""
    tilted = np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]], np.float32)
    one = replace(profile(0, 1), centroids=tilted)
    assert likeness(one, one).cosine == pytest.approx(np.eye(2), abs=1e-6)


def test_a_single_topic() -> None:
    """One topic a model: nothing is usual, the cosine stands as it is."""
    assert likeness(profile(0), profile(0)).cosine[0, 0] == pytest.approx(1.0)
    assert likeness(profile(0), profile(1)).cosine[0, 0] == pytest.approx(0.0)


def test_no_words() -> None:
    """A topic without words is like no other by words, and nothing is divided by zero."""
    bare = replace(profile(0), words=((),), weights=((),))
    assert likeness(bare, profile(0)).words[0, 0] == 0.0


@pytest.mark.parametrize("cosine", [True, False])
@pytest.mark.parametrize("anchors", [True, False])
def test_log_odds_by_the_evidence_there_is(cosine: bool, anchors: bool) -> None:
    """Each combination of evidence has its own weights; the same is far above even chances, the other far below."""
    one = profile(0, 1)
    other = one if cosine else replace(one, encoder="other")
    if not anchors:
        other = replace(other, anchors=np.full(80, -2, np.int32))
    odds = log_odds(likeness(one, other))
    constant, *weights = WEIGHTS[cosine, anchors]
    expected = constant + sum(w for w, there in zip(weights, (cosine, True, anchors), strict=True) if there)
    assert odds == pytest.approx(np.where(np.eye(2) == 1, expected, constant), abs=1e-4)
    assert expected > EVEN + 2
    assert constant < least(likeness(one, other)).max() - 2
