"""What every kind of detector promises, proved once for all of them."""

from dataclasses import replace
from math import isfinite
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from evertopic.drift import Detector, DetectorBase, Look
from evertopic.drift.topic_shares import counts_of, keyed
from evertopic.drift.topics import Topics
from evertopic.records import DriftVerdict, Sample
from tests.unit.drift.spheres import KEYS, SUBJECTS, WIDTH, constant, reference, sample, taken, window

KINDS: tuple[type[DetectorBase], ...] = get_args(get_args(Detector)[0])
PAST = tuple(keyed(counts_of(window(100 + at, 60), SUBJECTS), KEYS) for at in range(10))
LOOK = Look(0.05, 0, KEYS, PAST)
REFERENCE = reference()
# Of one document over and over, k-means finds fewer strata than it was asked for, and says so.
ONE_CLUSTER = pytest.mark.filterwarnings("ignore:Number of distinct clusters")
EMPTY = sample(np.empty((0, WIDTH), np.float32), np.random.default_rng(0))


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def detector(request: pytest.FixtureRequest) -> DetectorBase:
    made: DetectorBase = request.param()
    return made


def sound(verdict: DriftVerdict) -> DriftVerdict:
    """The verdict, if its numbers are numbers where they should be and it names documents of a window."""
    if verdict.state == "refused":
        assert (verdict.p, verdict.statistic, verdict.size, verdict.level) == (None, None, None, "none")
    else:
        assert verdict.p is not None
        assert verdict.statistic is not None
        assert verdict.size is not None
        assert 0 < verdict.p <= 1
        assert isfinite(verdict.statistic)
        assert 0 <= verdict.size <= 1
        assert verdict.drifted is (verdict.p <= LOOK.alpha)
    assert "nan" not in verdict.said.lower().split()
    assert verdict.said.endswith(".")
    assert all(isfinite(number) for shift in verdict.topics for number in (shift.before, shift.now, shift.p or 0.0))
    assert verdict.seconds >= 0
    TypeAdapter(DriftVerdict).dump_json(verdict)
    return verdict


def test_a_kind_comes_back_from_json(detector: DetectorBase) -> None:
    """Written and read again it is equal, a setting that nobody knows is refused, and so is a window of four."""
    adapter = TypeAdapter[Any](Detector)
    assert adapter.validate_json(detector.model_dump_json()) == detector
    with pytest.raises(ValidationError):
        adapter.validate_python({"kind": detector.kind, "surprise": 1})
    with pytest.raises(ValidationError):
        adapter.validate_python({"kind": detector.kind, "least": 4})


def test_no_drift_is_none(detector: DetectorBase) -> None:
    """On a window of what the reference is made of p is not tiny, and nothing is found."""
    verdict = sound(detector.judge(REFERENCE, window(3), LOOK))
    assert verdict.state == "none"
    assert verdict.p is not None
    assert verdict.p > 0.05
    assert verdict.level == "none"


def test_the_same_seed_says_the_same(detector: DetectorBase) -> None:
    """Two looks with one seed differ in nothing but the seconds they took."""
    one, other = (detector.judge(REFERENCE, window(4, new=20), LOOK) for _ in range(2))
    assert replace(one, seconds=0.0) == replace(other, seconds=0.0)


@pytest.mark.parametrize("documents", [0, 1, 4])
def test_too_few_documents_are_refused(detector: DetectorBase, documents: int) -> None:
    """The sentence names how many are needed, how many there are, and what to do."""
    few = EMPTY if documents == 0 else taken(window(), np.arange(documents))
    verdict = sound(detector.judge(REFERENCE, few, LOOK))
    assert verdict.state == "refused"
    assert f"at least {detector.least} documents" in verdict.said
    assert f"has {documents}:" in verdict.said
    assert "monitor.window" in verdict.said
    assert verdict.threshold == LOOK.alpha


def test_the_smallest_window_is_judged(detector: DetectorBase) -> None:
    """Of exactly so many documents as it says it needs, it says something."""
    able = Topics(each=2) if isinstance(detector, Topics) else detector
    assert sound(able.judge(REFERENCE, window(5, able.least), LOOK)).state != "refused"


def test_a_reference_of_few_is_refused(detector: DetectorBase) -> None:
    """A model that remembers three documents gives no verdict and no crash; who needs no reference says one."""
    few = replace(taken(REFERENCE, np.arange(3)), words={})
    verdict = sound(detector.judge(few, window(), LOOK))
    assert verdict.state == "refused" or detector.kind == "topic_mix"
    sound(detector.judge(taken(REFERENCE, np.arange(0)), window(), LOOK))


@ONE_CLUSTER
def test_one_document_over_and_over(detector: DetectorBase) -> None:
    """Where nothing differs from anything, p is 1 or there is a refusal: no division by zero."""
    verdict = sound(detector.judge(constant(REFERENCE), constant(window()), LOOK))
    assert not verdict.drifted or detector.kind == "topic_mix"
    sound(detector.judge(REFERENCE, constant(window()), LOOK))
    sound(detector.judge(constant(REFERENCE), window(), LOOK))


@ONE_CLUSTER
def test_texts_without_a_vector(detector: DetectorBase) -> None:
    """A text of nothing has a vector of zeros: numbers stay numbers."""
    zero = np.zeros(WIDTH, np.float32)
    sound(detector.judge(constant(REFERENCE, zero), constant(window(), zero), LOOK))
    sound(detector.judge(REFERENCE, constant(window(), zero), LOOK))


def test_a_document_twice(detector: DetectorBase) -> None:
    """Each document of a window twice, or those of the reference once more: a verdict, of which all can be written."""
    one = window(6, 60)
    sound(detector.judge(REFERENCE, taken(one, np.repeat(np.arange(60), 2)), LOOK))
    again = replace(taken(REFERENCE, np.arange(60)), ids=one.ids, held_out=one.held_out)
    assert not sound(detector.judge(REFERENCE, again, LOOK)).drifted or detector.kind in {"novelty", "topic_mix"}


def test_named_documents_are_of_the_window(detector: DetectorBase) -> None:
    """Whatever is found, the documents named are ids of the window, each once, and no text of a reference."""
    strange = window(7, 1_050, new=500)
    verdict = sound(detector.judge(taken(REFERENCE, np.arange(100)), strange, LOOK))
    assert set(verdict.documents) <= set(strange.ids)
    assert len(set(verdict.documents)) == len(verdict.documents) <= 20
    assert {shift.key for shift in verdict.topics} <= {key for key, _ in KEYS} | {None}


def test_a_window_of_one_language(detector: DetectorBase) -> None:
    """All in a language that the reference hardly has, or in one nobody has seen: a verdict."""
    for code in ("de", "xx"):
        foreign = replace(window(8), languages=(code,) * 100)
        verdict = sound(detector.judge(REFERENCE, foreign, LOOK))
        assert verdict.drifted is (detector.kind == "features")


def test_a_side_without_features(detector: DetectorBase) -> None:
    """Features that one side lacks are not compared; where none is left, there is a refusal that says so."""
    bare = replace(window(9), numbers={}, languages=(), words={})
    wordless = replace(REFERENCE, numbers={"words": REFERENCE.numbers["words"]}, words={})
    old = replace(REFERENCE, numbers={}, languages=(), words={}, held_out=np.ones(len(REFERENCE), np.bool_))
    assert sound(detector.judge(REFERENCE, bare, LOOK)).state == expected(detector, {"features", "vocabulary"})
    assert sound(detector.judge(wordless, window(9), LOOK)).state == expected(detector, {"vocabulary"})
    assert sound(detector.judge(old, window(9), LOOK)).state == expected(detector, {"features", "vocabulary"})


def expected(detector: DetectorBase, refusing: set[str]) -> str:
    return "refused" if detector.kind in refusing else "none"


def test_a_number_that_is_none(detector: DetectorBase) -> None:
    """A feature that could not be computed for some documents, or for any, spoils nothing."""
    numbers = {name: values.copy() for name, values in window(10).numbers.items()}
    numbers["words"][::3] = np.nan
    holed: Sample = replace(window(10), numbers=numbers)
    assert sound(detector.judge(REFERENCE, holed, LOOK)).state == "none"
    nothing = replace(window(10), numbers=numbers | {"words": np.full(100, np.nan, np.float32)})
    assert sound(detector.judge(REFERENCE, nothing, LOOK)).state == "none"
