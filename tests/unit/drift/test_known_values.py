"""What detectors measure, worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from evertopic.drift import Look, Novelty
from evertopic.drift.base import Finding
from evertopic.drift.domain_classifier import auc
from evertopic.drift.features import Features, _languages, chi_square_p
from evertopic.drift.levels import Levels
from evertopic.drift.mmd import _kernel, _mmd
from evertopic.drift.novelty import _tail
from evertopic.drift.topic_shares import counts_of, keyed, ordered, past_windows, shares, shift_of
from evertopic.drift.topics import Topics
from evertopic.drift.vocabulary import Vocabulary, _changed
from tests.unit.drift.spheres import KEYS, SUBJECTS, constant, reference, taken, window

LOOK = Look(0.05, 0, KEYS)


def test_area_under_the_curve() -> None:
    """Scores 1, 3 of the window against 2, 0: of four pairs 1 > 0, 3 > 2, 3 > 0 are right: 3 / 4. A tie is half."""
    labels = np.array([True, True, False, False])
    assert auc(np.array([1.0, 3.0, 2.0, 0.0]), labels) == pytest.approx(0.75)
    assert auc(np.ones(4), labels) == pytest.approx(0.5)
    assert auc(np.array([5.0, 6.0, 1.0, 2.0]), labels) == pytest.approx(1.0)


def test_tails() -> None:
    """Of 100 scores 1..100 the tails have 3, 5, 10, 20 and 30; their means 99, 98, 95.5, 90.5, 85.5; mean 93.7."""
    scores = np.random.default_rng(0).permutation(np.arange(1.0, 101.0)).astype(np.float32)
    assert _tail(scores) == pytest.approx(93.7)


def test_the_tail_of_few() -> None:
    """Of two documents each tail is at least one: five times the stranger one."""
    assert _tail(np.array([1.0, 2.0], np.float32)) == pytest.approx(2.0)


def test_mmd_of_two_points() -> None:
    """Two pairs at right angles: within, the kernel is 1; across exp(-2 / 2), the median being 2: 1 + 1 - 2 / e."""
    kernel = _kernel(np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32))
    found = _mmd(kernel, np.array([False, False, True, True]), float(kernel.sum()))
    assert found == pytest.approx(2 - 2 / np.e, rel=1e-5)


def test_chi_square_of_languages() -> None:
    """2 documents of each of two languages, a window of both of one: of 6 ways to draw 2, 2 are as far: p = 1 / 3."""
    p = chi_square_p(np.array([2, 0]), np.array([2, 2]), 0.05, 0)
    assert p == pytest.approx(1 / 3, abs=0.04)


def test_two_rare_languages_are_no_certainty() -> None:
    """Two documents in languages that nobody had, of 50 beside 1,000: chance is (50 / 1,050)^2, about 0.0023.

    The table of the chi-square distribution says 1e-9.
    """
    p = chi_square_p(np.array([48, 1, 1]), np.array([1_048, 1, 1]), 1e-3, 0)
    assert p == pytest.approx(0.0022, rel=0.5)


def test_languages_apart() -> None:
    """Three quarters English against one quarter: half of 0.5 + 0.5 is a half; one language alone is 0 and p 1."""
    before, now = replace(window(documents=8), languages=("en",) * 6 + ("de",) * 2), window(documents=8)
    now = replace(now, languages=("en",) * 2 + ("de",) * 6)
    assert _languages(before, now, LOOK, 1)[0] == pytest.approx(0.5)
    assert _languages(constant(before), constant(now), LOOK, 1) == (0.0, 1.0)


def test_features_say_what_moved() -> None:
    """Words twice as many: the sentence begins with them, and tells both means."""
    before = reference()
    now = window()
    longer = replace(now, numbers={**now.numbers, "words": now.numbers["words"] * 2})
    verdict = Features().judge(before, longer, LOOK)
    assert verdict.drifted
    assert verdict.said.startswith("words: mean 39.7")
    assert "was 2" in verdict.said
    assert verdict.level == "high"


def test_vocabulary_against_held_out_documents() -> None:
    """Fitted documents have no unknown words: they are not what a window is compared with."""
    before = reference()
    unknown = np.where(before.held_out, before.numbers["unknown_words"], 0).astype(np.float32)
    known = replace(before, numbers={**before.numbers, "unknown_words": unknown})
    assert Vocabulary().judge(known, window(1), LOOK).p == Vocabulary().judge(before, window(1), LOOK).p


def test_new_and_gone_words() -> None:
    """New: of two documents at least, the commonest first. Gone: what half of all had, and none of a hundred has."""
    before = replace(reference(), words={"fire": 200, "rare": 1, "gone": 100})
    now = replace(window(), words={"fire": 50, "beta": 3, "alpha": 3, "once": 1, "common": 9})
    assert _changed(before, now) == (["common", "alpha", "beta"], ["gone"])


def test_a_word_that_may_well_be_missing_is_not_gone() -> None:
    """A word of 1 in 50 is in none of 100 with a chance of 0.98^100 = 0.13; of 500 with 0.98^500 = 0.00004."""
    before = replace(reference(), words={"all": 200, "some": 4})
    assert _changed(before, replace(window(), words={"all": 1}))[1] == []
    assert _changed(before, replace(window(documents=500), words={"all": 1}))[1] == ["some"]


def test_levels_are_of_the_share() -> None:
    """Not of p: a certain drift of 1 % is low; nothing found has no level."""
    assert [Levels().of(size) for size in (0.0, 0.0499, 0.05, 0.2, 1.0)] == ["low", "low", "medium", "high", "high"]
    assert [Levels(medium=0.3, high=0.6).of(size) for size in (0.2, 0.5, 0.7)] == ["low", "medium", "high"]
    with pytest.raises(ValueError, match="smaller share for medium"):
        Levels(medium=0.5, high=0.5)


def test_counts_are_of_held_out_documents() -> None:
    """Of a reference the others do not count; no topic is the last one."""
    one = replace(taken(reference(), np.arange(4)), topic=np.array([0, 1, -1, 0], np.int32))
    held = replace(one, held_out=np.array([True, False, True, True]))
    assert counts_of(held, 3).tolist() == [2, 0, 0, 1]
    assert keyed(counts_of(held, 2), KEYS[:2]) == {"k0": 2, "k1": 0, "unassigned": 1}


def test_counts_of_another_model() -> None:
    """Topics that the model does not have are left out, those that are missing have none."""
    assert ordered({"k1": 3, "gone": 5, "unassigned": 2}, KEYS[:2]).tolist() == [0, 3, 2]


def test_a_shift_without_documents() -> None:
    """A reference without held-out documents has a share of 0, not of 0 / 0."""
    nothing, all_of = np.zeros(3, np.int64), np.array([1, 0, 3])
    assert shift_of(2, KEYS[:2], nothing, all_of, None).before == 0.0
    assert shift_of(2, KEYS[:2], nothing, all_of, None).key is None
    assert shift_of(0, KEYS[:2], nothing, all_of, None).now == 0.25


def test_topics_of_documents() -> None:
    """The commonest first, only those that occur."""
    one = replace(window(), topic=np.array([2, 2, 1, -1] + [0] * 96, np.int32))
    assert [shift.key for shift in shares(reference(), one, KEYS, np.arange(4))] == ["k2", "k1", None]


def test_windows_of_the_past() -> None:
    """200 held-out documents: 8 blocks of 25, though a window has 100 and four would do; in order of time."""
    before = reference()
    blocks = past_windows(before, KEYS, 100)
    assert [sum(block.values()) for block in blocks] == [25] * 8
    held = np.flatnonzero(before.held_out)
    backwards = replace(before, times=before.times[::-1].copy())
    assert past_windows(backwards, KEYS, 100)[-1] == keyed(counts_of(taken(before, held[:25]), SUBJECTS), KEYS)


def test_windows_of_the_past_as_large_as_now() -> None:
    """2,000 documents, half of them held out: 10 blocks of 100 beside a window of 100; at most 20 beside one of 10."""
    before = reference(documents=2_000)
    assert len(past_windows(before, KEYS, 100)) == 10
    assert len(past_windows(before, KEYS, 10)) == 20
    assert len(past_windows(before, KEYS, 0)) == 20


def test_no_past() -> None:
    """Too few documents, or one without a time: nothing is known of the past."""
    before = reference()
    times = before.times.copy()
    times[0] = np.datetime64("NaT")
    assert past_windows(replace(before, times=times), KEYS, 50) == ()
    assert past_windows(taken(before, np.arange(90)), KEYS, 50) == ()


def test_topics_within_a_small_budget() -> None:
    """A topic that is wholly other is found at a month's budget, however many topics there are: p <= 1 / 720 / 3."""
    before, now = reference(documents=800), window(documents=200)
    moved = now.vectors.copy()
    own = now.nearest == 3
    moved[own] = np.roll(moved[own], 11, axis=1)
    verdict = Topics().judge(before, replace(now, vectors=moved), Look(1 / 720 / 3, 0, KEYS))
    assert verdict.drifted
    assert verdict.said.endswith("1 are not what they were: subject 3.")


def test_a_large_window_is_sampled() -> None:
    """Novelty looks at so many documents, and names only those it looked at."""
    verdict = Novelty(documents=40).judge(reference(), window(2, 300, new=150), LOOK)
    assert "of 40 documents" in verdict.said
    assert verdict.drifted


def test_nothing_is_found_by_default() -> None:
    """A detector that names no documents and no topics has empty ones."""
    assert Finding(0.1, 0.5, 0.0, "Nothing.").documents == ()
