"""How much shares move in ordinary times, by hand and by drawing."""

import numpy as np
import pytest
from pydantic import ValidationError

from evertopic.drift import Look, TopicMix
from evertopic.drift.ordinary import Ordinary, _directions, _dispersion, _scaled, _shares
from evertopic.drift.topic_shares import counts_of, keyed
from tests.unit.drift.spheres import KEYS, SUBJECTS, reference, window

HALVES = np.array([0.5, 0.5])
STEADY = [np.array([10, 10, 10]) for _ in range(8)]


def test_shares_leave_nothing_impossible() -> None:
    """0 and 3 documents: 0.5 / 4 and 3.5 / 4."""
    assert _shares(np.array([0, 3])) == pytest.approx([0.125, 0.875])


def test_dispersion_by_hand() -> None:
    """60 and 40 of 100, halves expected: chi-square (10^2 + 10^2) / 50 = 4, over 1 direction; (4 - 1) / 99."""
    assert _dispersion([np.array([60, 40])], [HALVES]) == pytest.approx(3 / 99)


def test_dispersion_is_a_share() -> None:
    """Windows more even than chance have none; windows of one topic alone have all of it."""
    assert _dispersion([np.array([50, 50])], [HALVES]) == 0.0
    assert _dispersion([np.array([100, 0])], [HALVES]) == pytest.approx(1.0)


def test_residuals_by_hand() -> None:
    """60 of 100, half expected: 10 / sqrt(50) without dispersion; with 1 / 99 its variance is 1 + 99 / 99 = 2 times."""
    assert _scaled(np.array([60, 40]), HALVES, 0.0) == pytest.approx([10 / 50**0.5, -10 / 50**0.5])
    assert _scaled(np.array([60, 40]), HALVES, 1 / 99) == pytest.approx([1.0, -1.0])


def test_one_direction_is_one() -> None:
    """Residuals that are all multiples of one vector differ in one direction, however many topics there are."""
    strengths = np.random.default_rng(0).normal(size=200)
    assert _directions(np.outer(strengths, [1.0, -1.0, 1.0, -1.0, 0.0])) == pytest.approx(1.0, abs=0.1)


def test_free_residuals_have_all_directions() -> None:
    """Independent residuals of 5 topics differ in 4 directions at the most; no residuals in as many."""
    assert _directions(np.random.default_rng(0).normal(size=(400, 5))) == pytest.approx(4.0, abs=0.1)
    assert _directions(np.zeros((8, 5))) == 4.0


def test_moved_by_hand() -> None:
    """Shares of a third each; a window all of the first: two thirds would have to change."""
    ordinary = Ordinary.learnt(STEADY)
    assert ordinary.moved(np.array([9, 0, 0])) == pytest.approx(2 / 3)
    assert ordinary.moved(np.array([5, 5, 5])) == pytest.approx(0.0)


def test_usual_is_what_moves_by_chance() -> None:
    """Windows drawn from the shares themselves move as much on the average; small ones more than large ones."""
    ordinary = Ordinary(np.array([0.5, 0.3, 0.2]), 0.0, 2.0, 2.0, 8)
    rng = np.random.default_rng(0)
    for size in (50, 500):
        drawn = [ordinary.moved(counts) for counts in rng.multinomial(size, ordinary.shares, 400)]
        assert ordinary.usual(size) == pytest.approx(np.mean(drawn), rel=0.1)
    assert ordinary.usual(0) <= 1.0
    assert ordinary.usual(1) <= 1.0


def test_windows_all_alike() -> None:
    """Where nothing ever moved, any move is beyond the ordinary, and p is a number."""
    ordinary = Ordinary.learnt(STEADY)
    assert ordinary.dispersion == 0.0
    assert 0 < ordinary.p(np.array([30, 0, 0])) < 0.001
    assert ordinary.p(np.array([10, 10, 10])) > 0.5


def test_false_alarms_of_ordinary_windows() -> None:
    """Of 400 ordinary busy windows, of a Dirichlet of concentration 60, at most 7.5 % are beyond p = 0.05."""
    rng = np.random.default_rng(0)

    def draw(documents: int) -> np.ndarray:
        return rng.multinomial(documents, rng.dirichlet(60 * np.array([0.4, 0.3, 0.2, 0.1])))

    alarms = 0
    for _ in range(400):
        alarms += Ordinary.learnt([draw(100) for _ in range(12)]).p(draw(100)) <= 0.05
    assert alarms <= 30


def test_one_past_window_tells_nothing() -> None:
    """How much shares move is seen from two windows on, and from as many as the config wants."""
    with pytest.raises(ValidationError):
        TopicMix(windows=1)
    past = tuple(keyed(counts_of(window(at, 60), SUBJECTS), KEYS) for at in range(2))
    assert TopicMix(windows=2).judge(reference(), window(9), Look(0.05, 0, KEYS, past)).state == "none"
    few = TopicMix().judge(reference(), window(9), Look(0.05, 0, KEYS, past))
    assert few.state == "refused"
    assert "must see 8 ordinary windows" in few.said
    assert "it has seen 2:" in few.said
