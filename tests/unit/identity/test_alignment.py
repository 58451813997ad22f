"""A topic keeps its key while it is the same topic, and what else happens to it has its name."""

from dataclasses import replace

import numpy as np
import pytest

from evertopic.identity.alignment import Alignment, Crossing, align
from evertopic.identity.profile import Profile
from tests.unit.identity.profiles import profile


def said(alignment: Alignment) -> list[tuple[str, str | None]]:
    return [(one.kind, one.key) for one in alignment.topics]


def test_a_first_model() -> None:
    """Without a lineage everything is born, without evidence."""
    found = align(profile(0, 1), [])
    assert said(found) == [("born", None)] * 2
    assert all(one.score is None and one.other is None for one in found.topics)
    assert found.gone == ()


def test_other_numbers() -> None:
    """The same topics in another order keep their keys, whatever their numbers are."""
    found = align(profile(2, 0, 1), [profile(0, 1, 2, keys="abc")])
    assert said(found) == [("kept", "c"), ("kept", "a"), ("kept", "b")]
    assert found.gone == ()
    assert all(one.score is not None and one.score.probability > 0.99 for one in found.topics)


def test_another_encoder() -> None:
    """Words and anchor documents alone carry the keys over to another encoder."""
    found = align(profile(1, 0, encoder="new", width=5, anchors=[1] * 10 + [0] * 10), [profile(0, 1, keys="ab")])
    assert said(found) == [("kept", "b"), ("kept", "a")]
    assert found.topics[0].score is not None
    assert found.topics[0].score.cosine is None


def test_born_and_retired() -> None:
    """What is like nothing before is born, with the most alike for people to look at; what is no more is retired."""
    found = align(profile(0, 5), [profile(0, 1, keys="ab")])
    assert said(found) == [("kept", "a"), ("born", None)]
    assert found.topics[1].other in {"a", "b"}
    assert [(one.kind, one.key) for one in found.gone] == [("retired", "b")]
    assert found.gone[0].score is not None
    assert found.gone[0].score.probability < 0.5


def test_split() -> None:
    """One topic falls into two: the part most like it goes on, the other was split off it."""
    before = profile(0, 1, keys="ab")
    part = profile(0, 1, 4, anchors=[0] * 6 + [2] * 4 + [1] * 10)
    found = align(part, [before])
    assert said(found) == [("kept", "a"), ("kept", "b"), ("split", None)]
    assert found.topics[2].other == "a"
    assert found.topics[2].score is not None
    assert found.topics[2].score.shared == 4
    assert found.gone == ()


def test_merged() -> None:
    """Two topics become one: the one more like it goes on, the other is merged into it."""
    both = profile(0, 2, anchors=[0] * 20 + [1] * 10)
    found = align(both, [profile(0, 1, 2, keys="abc")])
    assert said(found) == [("kept", "a"), ("kept", "c")]
    assert [(one.kind, one.key, one.into) for one in found.gone] == [("merged", "b", 0)]


def crossing(now: list[int], before: list[int], then: list[int], known: int = 80) -> Crossing:
    return Crossing(known, np.array(then, np.int32), np.array(now, np.int32), np.array(before, np.int32))


@pytest.mark.parametrize(("still", "kind"), [(20, "merged"), (0, "retired")])
def test_a_subject_is_gone_or_called_otherwise(still: int, kind: str) -> None:
    """Documents of both are in one topic now: merged, where the old model still finds the subject, else retired."""
    both = profile(0, 2, anchors=[0] * 20 + [1] * 10)
    today = crossing(now=[0] * (20 + still) + [1] * 20, before=[0] * 20 + [1] * still + [2] * 20, then=[20, 20, 20])
    found = align(both, [profile(0, 1, 2, keys="abc")], today)
    assert [(one.kind, one.key) for one in found.gone] == [(kind, "b")]


@pytest.mark.parametrize(("had", "kind"), [(4, "split"), (0, "born")])
def test_a_subject_is_new_or_was_a_part(had: int, kind: str) -> None:
    """The old model puts a new topic's documents into one it knew; split off it, where that one held such before."""
    part = profile(0, 1, 4, anchors=[0] * (10 - had) + [2] * had + [1] * 10)
    today = crossing(now=[0] * 20 + [2] * 10 + [1] * 30, before=[0] * 30 + [1] * 30, then=[30, 30])
    found = align(part, [profile(0, 1, keys="ab")], today)
    assert [one.kind for one in found.topics] == ["kept", "kept", kind]
    assert found.topics[2].other == "a"


def test_nobody_asked_today() -> None:
    """A crossing without documents is none."""
    part = profile(0, 1, 4, anchors=[0] * 6 + [2] * 4 + [1] * 10)
    before = profile(0, 1, keys="ab")
    assert align(part, [before], crossing([], [], [10, 10])) == align(part, [before])


def test_revived() -> None:
    """A topic that the last model lacked comes back under its own key."""
    lineage = [profile(0, 1, 2, keys="abc"), profile(0, 1, keys="ab"), profile(0, 1, keys="ab")]
    assert said(align(profile(0, 1, 2), lineage)) == [("kept", "a"), ("kept", "b"), ("revived", "c")]


def test_one_bad_model_changes_no_keys() -> None:
    """A model that threw two topics together leaves no trace: the next one gives both their keys again."""
    thrown = replace(profile(0, anchors=[0] * 20), keys=("a",))
    assert said(align(profile(0, 1), [profile(0, 1, keys="ab"), thrown])) == [("kept", "a"), ("revived", "b")]


def test_no_key_twice() -> None:
    """Two new topics, both like the same old one: one of them gets its key, the better one."""
    double = Profile(
        keys=(),
        encoder="e",
        centroids=np.eye(8, dtype=np.float32)[[0, 0]],
        words=(("word0", "more0"), ("word0", "else")),
        weights=((2.0, 1.0), (2.0, 1.0)),
        anchors=np.array([0] * 10 + [1] * 0, np.int32),
    )
    found = align(double, [profile(0, keys="a")])
    assert [one.key for one in found.topics] == ["a", None]


def test_the_sum_decides() -> None:
    """The best pair is not taken where the second best for both gives more together (linear_sum_assignment)."""
    axes = np.eye(8, dtype=np.float32)
    lean = (axes[0] * 0.9 + axes[1] * np.sqrt(1 - 0.81)).astype(np.float32)
    new = replace(profile(0, 1), centroids=np.stack([lean, axes[0]]), words=((), ()), weights=((), ()))
    new = replace(new, anchors=np.full(80, -2, np.int32))
    old = replace(profile(0, 1, keys="ab"), words=((), ()), weights=((), ()))
    old = replace(old, centroids=np.stack([axes[0], lean]), anchors=np.full(80, -2, np.int32))
    assert [one.key for one in align(new, [old]).topics] == ["b", "a"]


def test_no_topics() -> None:
    """A model without topics retires all of the model before, and can be aligned with."""
    found = align(profile(), [profile(0, 1, keys="ab")])
    assert found.topics == ()
    assert [(one.kind, one.key) for one in found.gone] == [("retired", "a"), ("retired", "b")]
    assert said(align(profile(0), [profile(0, keys="a"), profile()])) == [("revived", "a")]
    assert said(align(profile(0), [profile()])) == [("born", None)]


@pytest.mark.parametrize("seed", range(5))
def test_two_hundred_topics(seed: int) -> None:
    """However they are numbered, 200 topics find their keys again among three models."""
    random = np.random.default_rng(seed)
    base = profile(*range(200), width=200, anchors=np.repeat(np.arange(200), 4).tolist())
    order = random.permutation(200)
    place = np.argsort(order)
    new = Profile(
        keys=(),
        encoder="e",
        centroids=base.centroids[order],
        words=tuple(base.words[at] for at in order),
        weights=tuple(base.weights[at] for at in order),
        anchors=place[base.anchors].astype(np.int32),
    )
    keyed = replace(base, keys=tuple(f"k{at}" for at in range(200)))
    assert [one.key for one in align(new, [keyed, keyed, keyed]).topics] == [f"k{at}" for at in order]
