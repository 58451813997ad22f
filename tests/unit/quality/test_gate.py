"""The gate's statistics on known values, and the table of its verdicts."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from scipy.stats import t

from evertopic.quality.classification import nmi
from evertopic.quality.contingency import weighted_nmi
from evertopic.quality.gate import Answers, GateRule, Paired, Shown, compared, decide, fewer, gauge, spread, yardstick
from evertopic.quality.resampling import resample
from evertopic.quality.separation import cosine_distances, separation, silhouettes
from evertopic.records import Interval, Tokens

RULE = GateRule()


def paired(value: float, half: float, seeds: float | None = 0.01) -> Paired:
    """A difference and its interval."""
    return Paired("quality", 0.5, 0.5 + value, Interval(value, value - half, value + half), seeds)


SAME = Shown(
    quality=paired(0.0, 0.01),
    measures=(),
    held_out=200,
    foreign=False,
    refits=4,
    stability=Interval(0.8, 0.7, 0.9),
    recent=500,
    unassigned=Interval(0.05, 0.03, 0.07),
    unassigned_before=Interval(0.05, 0.03, 0.07),
    covered=paired(0.0, 0.02),
    covered_p=1.0,
    churn=Interval(0.1, 0.08, 0.12),
    baseline=paired(0.1, 0.01),
    behaviour=(("empty", True, "fine"),),
    p95_ms=20.0,
    memory_mb=50.0,
    size_mb=5.0,
    parity=1.0,
    parity_required=0.999,
    corrections=(0, 0, 0),
    rolled_back=None,
)
BETTER = replace(SAME, quality=paired(0.05, 0.02))
OVER = Interval(0.2, 0.15, 0.25)
COVERS = replace(SAME, unassigned_before=OVER, covered=paired(-0.1, 0.05), covered_p=0.001)


def verdict(shown: Shown, name: str, *, subject: bool = False) -> str:
    """What one check says."""
    checks, _, _ = decide(shown, RULE, 0.05, first=False, subject=subject)
    return next(check.verdict for check in checks if check.name == name)


def passes(shown: Shown, *, first: bool = False, subject: bool = False) -> bool:
    """Whether the gate lets it pass."""
    return decide(shown, RULE, 0.05, first=first, subject=subject)[1]


def test_only_different_is_held() -> None:
    """A challenger that passes every check and is not better is held, and the reason says so."""
    checks, passed, reason = decide(SAME, RULE, 0.05, first=False, subject=False)
    assert not passed
    assert reason.startswith("Held: it is different, not better.")
    assert {check.name for check in checks if check.verdict == "failed"} == {"better"}


def test_better_is_released() -> None:
    """Better beyond noise is a reason, and so is whatever is the first model."""
    assert passes(BETTER)
    assert passes(replace(SAME, quality=None, covered=None, unassigned_before=None, churn=None), first=True)


def test_better_by_enough() -> None:
    """Better for certain, and by less than the gain asked for, is no reason."""
    assert not passes(replace(SAME, quality=paired(0.03, 0.02)))
    assert passes(replace(SAME, quality=paired(0.05, 0.02)))


def test_behind_the_baseline() -> None:
    """NMF has the most coherent words there are: lying a little behind it is allowed, and told."""
    checks, passed, _ = decide(replace(BETTER, baseline=paired(-0.05, 0.02)), RULE, 0.05, first=False, subject=False)
    assert passed
    assert any("does not beat the baseline" in check.said for check in checks)


def test_better_needs_known_noise() -> None:
    """Where there is one fit only, how far seeds move it is unknown: nothing is better beyond that."""
    assert not passes(replace(BETTER, quality=paired(0.05, 0.02, seeds=None)))


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"quality": paired(-0.05, 0.02)}, "quality"),
        ({"stability": Interval(0.2, 0.1, 0.3)}, "stability"),
        ({"unassigned": OVER}, "unassigned"),
        ({"churn": Interval(0.7, 0.6, 0.8)}, "churn"),
        ({"behaviour": (("typos", False, "a typo leaves 3 %"),)}, "behaviour"),
        ({"baseline": paired(-0.2, 0.05)}, "baseline"),
        ({"parity": 0.9}, "parity"),
        ({"p95_ms": 1001.0}, "latency"),
        ({"memory_mb": 1001.0}, "memory"),
        ({"size_mb": 501.0}, "size"),
        ({"corrections": (10, 2, 3)}, "corrections"),
        ({"rolled_back": "Version 2 was rolled back."}, "history"),
    ],
)
def test_each_check_can_hold(changed: dict[str, object], check: str) -> None:
    """Every check stands in the way of a challenger that is better, and the reason names it."""
    shown = replace(BETTER, **changed)  # type: ignore[arg-type]
    assert verdict(shown, check) == "failed"
    _, passed, reason = decide(shown, RULE, 0.05, first=False, subject=False)
    assert not passed
    assert reason.startswith(f"Held: {check}")


def test_what_could_not_be_measured_is_skipped() -> None:
    """Without feedback, other seeds or recent documents the checks are skipped and stand in nobody's way."""
    shown = replace(BETTER, stability=None, unassigned=None, unassigned_before=None, covered=None, churn=None, recent=0)
    for name in ("stability", "unassigned", "churn", "corrections", "budget", "new subject"):
        assert verdict(shown, name) == "skipped"
    assert passes(shown)


def test_a_champion_over_its_budget() -> None:
    """Where the champion leaves too many out, a challenger that covers more is released without being better."""
    assert verdict(COVERS, "budget") == "passed"
    assert passes(COVERS)
    assert not passes(replace(COVERS, unassigned_before=SAME.unassigned_before))
    assert not passes(replace(COVERS, covered=paired(-0.01, 0.05)))
    assert not passes(replace(COVERS, covered_p=0.2))
    assert not passes(replace(COVERS, covered=paired(-0.1, 0.05, seeds=None)))


def test_a_new_subject() -> None:
    """When an episode says that a subject is new, covering it better is a reason, within the champion's budget too."""
    shown = replace(COVERS, unassigned_before=SAME.unassigned_before)
    assert verdict(shown, "new subject", subject=True) == "passed"
    assert passes(shown, subject=True)
    assert not passes(SAME, subject=True)


def test_no_worse_than_the_champion() -> None:
    """Leaving out no more than the champion, or answering no fewer corrections, passes whatever the threshold says."""
    assert verdict(replace(BETTER, unassigned=OVER, unassigned_before=OVER), "unassigned") == "passed"
    assert verdict(replace(BETTER, corrections=(10, 2, 2)), "corrections") == "passed"


def test_the_interval_of_a_difference() -> None:
    """Documents and seeds join: half the width is Student's quantile times the root of both variances."""
    draws = np.array([-0.01, 0.01] * 50)
    documents = draws.std(ddof=1)
    refits = [0.50, 0.52, 0.54]  # standard deviation 0.02
    found = compared("quality", 0.4, 0.5, draws, refits)
    whole = sqrt(documents**2 + 2 * 0.02**2)
    freedom = 2 / (2 * 0.02**2 / whole**2) ** 2
    assert found.by_seeds == pytest.approx(0.02)
    assert found.difference.value == pytest.approx(0.1)
    assert found.difference.high - 0.1 == pytest.approx(t.ppf(0.975, freedom) * whole)


def test_no_noise_at_all() -> None:
    """Draws that never differ and one fit give an interval of no width, and no spread of seeds."""
    found = compared("quality", 0.4, 0.5, np.zeros(10), [0.5])
    assert found.difference == Interval(pytest.approx(0.1), pytest.approx(0.1), pytest.approx(0.1))
    assert found.by_seeds is None
    assert spread([]) is None


def test_fewer_marks() -> None:
    """The sign test looks only at documents that the two mark differently: 8 of 8 is 1 in 256."""
    before, after = [True] * 8 + [True] * 50, [False] * 8 + [True] * 50
    assert fewer(before, after) == pytest.approx(1 / 256)
    assert fewer(after, before) == 1.0
    assert fewer(before, before) == 1.0


def test_one_yardstick() -> None:
    """A model that finds the two subjects is better in every measure than one that mixes them; itself it equals."""
    rows = np.array([0, 1] * 20)
    noise = np.random.default_rng(0).normal(0, 0.05, (40, 4))
    vectors = np.eye(4, dtype=np.float32)[rows] + noise.astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    # Documents of subject 0 read "cup goal", those of subject 1 "bank loan".
    ids = np.array([word for row in rows for word in ((2, 3) if row else (0, 1))], np.int32)
    tokens = Tokens(("cup", "goal", "bank", "loan"), ids, np.arange(0, 81, 2))
    labels = tuple("sport" if row == 0 else "money" for row in rows)
    right = Answers((("cup", "goal"), ("bank", "loan")), rows.astype(np.int32), rows.astype(np.int32))
    mixed = np.random.default_rng(1).permutation(rows).astype(np.int32)
    wrong = Answers((("cup", "bank"), ("goal", "elsewhere")), mixed, mixed)
    by = yardstick(vectors, tokens, labels, [right.words, wrong.words], 0)
    weights = resample(40, 50, 0)
    good, again, bad = (gauge(one, by, weights) for one in (right, right, wrong))
    assert good.values == again.values
    assert good.values["labels"] == good.values["agreement"] == good.values["diversity"] == 1.0
    for name in ("quality", "coherence", "separation", "agreement", "labels"):
        assert good.values[name] > bad.values[name]
        assert (good.draws[name] > bad.draws[name]).all()


def test_nothing_to_measure() -> None:
    """A model without topics has quality 0 in everything that cannot be measured, and no warning."""
    vectors = np.eye(3, dtype=np.float32)
    tokens = Tokens(("cup",), np.zeros(3, np.int32), np.arange(4))
    nothing = Answers((), np.zeros(3, np.int32), np.full(3, -1, np.int32))
    by = yardstick(vectors, tokens, (), [()], 0)
    assert set(gauge(nothing, by, resample(3, 5, 0)).values.values()) == {0.0}


def test_weighted_nmi_is_nmi() -> None:
    """With every document once, the weighted measure is the plain one; documents without a label do not count."""
    labels = ["a", "a", "b", "b", None, "c"]
    topics = np.array([0, 0, 1, -1, 1, 1], np.int32)
    assert weighted_nmi(labels, topics, np.ones((1, 6)))[0] == pytest.approx(nmi(labels, topics))
    only_a = np.array([[1.0, 1, 0, 0, 0, 0]])
    assert weighted_nmi(labels, topics, only_a)[0] == 0.0


def test_silhouettes_are_the_separation() -> None:
    """Their mean is the separation; one topic has none."""
    vectors = np.random.default_rng(0).normal(size=(30, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    _, distances = cosine_distances(vectors, 0)
    topic = (np.arange(30) % 3).astype(np.int32)
    assert silhouettes(distances, topic).mean() == pytest.approx(separation(distances, topic).value)
    assert not silhouettes(distances, np.zeros(30, np.int32)).any()
