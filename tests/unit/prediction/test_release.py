"""Two versions side by side: what became of their topics, and which documents move."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from evertopic.models.assignment import Head
from evertopic.prediction.bundle import Bundle
from evertopic.prediction.fates import parentage
from evertopic.prediction.predictor import Predictor
from evertopic.prediction.release import Side, compare
from evertopic.records import Edit, LineageEvent, Score
from tests.unit.prediction.conftest import ENCODER

AT = datetime(2026, 3, 1, tzinfo=UTC)
SCORE = Score(0.9, 0.8, 0.7, 0.6, 5)


def event(generation: int, kind: Any, key: str, other: str | None = None, probability: float = 0.9) -> LineageEvent:
    return LineageEvent(generation, AT, kind, key, f"name of {key}", 10, other, replace(SCORE, probability=probability))


# a b c, then b divides into b and d, a goes into c; then c is no more, e is new, a comes back.
STORY = (
    *(event(1, "born", key) for key in "abc"),
    event(2, "kept", "b"),
    event(2, "kept", "c"),
    event(2, "split", "d", "b"),
    event(2, "merged", "a", "c"),
    event(3, "kept", "b", probability=0.6),
    event(3, "kept", "d"),
    event(3, "born", "e"),
    event(3, "revived", "a"),
    event(3, "retired", "c"),
)


GENERATIONS = {"abc": 1, "bcd": 2, "bdea": 3}


def fates(
    old: str, new: str, events: tuple[LineageEvent, ...] = STORY, span: tuple[int | None, int | None] | None = None
) -> dict[str, tuple[str, str | None]]:
    found = parentage(events, old, new, span or (GENERATIONS.get(old), GENERATIONS.get(new)))
    return {key: (one.fate, one.other) for key, one in found.items()}


def test_one_step() -> None:
    """Of neighbouring versions the events say it: d came out of b, a went into c."""
    assert fates("abc", "bcd") == {
        "a": ("merged", "c"),
        "b": ("same", None),
        "c": ("same", None),
        "d": ("split", "b"),
    }


def test_two_steps_at_once() -> None:
    """From the first to the third version a is simply the same, d still came out of b, c is gone and e is new."""
    assert fates("abc", "bdea") == {
        "a": ("same", None),
        "b": ("same", None),
        "c": ("gone", None),
        "d": ("split", "b"),
        "e": ("born", None),
    }


def test_a_topic_that_was_away_is_revived() -> None:
    """Topic a was in a version before the old one, so it is no new topic."""
    assert fates("bcd", "bdea")["a"] == ("revived", None)


def test_the_way_back() -> None:
    """To an older version a split is a merger, a merger a split, and what was born since is gone."""
    assert fates("bcd", "abc") == {
        "a": ("split", "c"),
        "b": ("same", None),
        "c": ("same", None),
        "d": ("merged", "b"),
    }
    assert fates("bdea", "bcd") == {
        "a": ("gone", None),
        "b": ("same", None),
        "c": ("revived", None),
        "d": ("same", None),
        "e": ("gone", None),
    }


def test_over_a_topic_in_between() -> None:
    """What came out of a topic that came out of x, came out of x; mergers likewise; a ring leads nowhere."""
    events = (
        event(1, "born", "x"),
        event(2, "kept", "x"),
        event(2, "split", "y", "x"),
        event(3, "kept", "x"),
        event(3, "split", "z", "y"),
        event(3, "merged", "y", "z"),
    )
    assert fates("x", "xz", events, (1, 3))["z"] == ("split", "x")
    ring = (event(1, "born", "x"), event(2, "merged", "x", "y"), event(2, "merged", "y", "x"), event(2, "born", "z"))
    assert fates("x", "z", ring, (1, 2))["x"] == ("gone", None)


def test_the_weakest_link_is_the_evidence() -> None:
    """A key that was kept twice, at 0.9 and 0.6, is shown with 0.6."""
    found = parentage(STORY, "abc", "bdea", (1, 3))["b"]
    assert found.score is not None
    assert found.score.probability == 0.6


def test_the_same_topics_again() -> None:
    """A set of topics that comes back is told apart by its generation: forward is not the way back."""
    events = (
        *(event(1, "born", key) for key in "ab"),
        event(2, "kept", "a"),
        event(2, "born", "c"),
        event(2, "retired", "b"),
    )
    events += (event(3, "kept", "a"), event(3, "revived", "b"), event(3, "merged", "c", "b"))
    assert fates("ac", "ab", events, (2, 3))["c"] == ("merged", "b")
    assert fates("ab", "ac", events, (1, 2))["c"] == ("born", None)


def test_without_a_lineage_keys_speak_alone() -> None:
    """Versions the lineage does not know: the same key is the same topic, others are born or gone."""
    assert fates("ab", "bc", ()) == {"a": ("gone", None), "b": ("same", None), "c": ("born", None)}


def turned(bundle: Bundle, keys: str, threshold: float = 0.0) -> Predictor:
    """A predictor with these keys; every threshold is raised by `threshold`."""
    topics = tuple(topic.model_copy(update={"key": key}) for topic, key in zip(bundle.meta.topics, keys, strict=True))
    head = bundle.head
    raised = Head(head.weight, head.bias, head.threshold + threshold, head.temperature)
    return Predictor(
        bundle.model_copy(update={"meta": bundle.meta.model_copy(update={"topics": topics}), "head": raised}), ENCODER
    )


def test_the_same_version_moves_nothing(bundle: Bundle, news: list[str]) -> None:
    """A version against itself: no move, nothing lost or found, every topic the same."""
    side = Side(1, turned(bundle, "abcde"))
    diff = compare("news", side, side, news[:50], ())
    assert (diff.moved.value, diff.lost, diff.found, diff.documents) == (0, 0, 0, 50)
    assert {topic.fate for topic in diff.topics} == {"same"}
    assert all(flow.examples == () and not flow.moves for flow in diff.flows)
    assert sum(flow.documents for flow in diff.flows) == 50


def test_moves_are_counted(bundle: Bundle, news: list[str]) -> None:
    """Two topics change keys: exactly their documents move, each flow with its newest texts; the interval holds it."""
    old, new = Side(1, turned(bundle, "abcde")), Side(2, turned(bundle, "bacde"))
    diff = compare("news", old, new, news[:100], ())
    keys = [answer.key for answer in old.predictor.predict(news[:100])]
    swapped = keys.count("a") + keys.count("b")
    assert diff.moved.value == swapped / 100
    assert diff.moved.low < diff.moved.value < diff.moved.high
    moves = {(flow.source, flow.target): flow for flow in diff.flows if flow.moves}
    assert set(moves) == {("a", "b"), ("b", "a")}
    firsts = [text for text, key in zip(news, keys, strict=False) if key == "a"][:3]
    assert moves["a", "b"].examples == tuple(firsts)


def test_unassigned_is_counted_apart(bundle: Bundle, news: list[str]) -> None:
    """Where no threshold can be met all documents lose their topic, which is no move; on the way back all find one."""
    old, new = Side(1, turned(bundle, "abcde")), Side(2, turned(bundle, "abcde", threshold=9))
    assigned = sum(answer.key is not None for answer in old.predictor.predict(news[:60]))
    there = compare("news", old, new, news[:60], ())
    assert (there.moved.value, there.lost, there.found) == (0, assigned, 0)
    back = compare("news", new, old, news[:60], ())
    assert (back.moved.value, back.lost, back.found) == (0, 0, assigned)


def test_no_documents_no_share(bundle: Bundle) -> None:
    """Without recent documents nothing is known about moves, and the topics are told all the same."""
    diff = compare("news", Side(1, turned(bundle, "abcde")), Side(2, turned(bundle, "abcdf")), (), ())
    assert diff.moved.value != diff.moved.value
    assert {(topic.key, topic.fate) for topic in diff.topics if topic.fate != "same"} == {("e", "gone"), ("f", "born")}
    assert [topic.fate for topic in diff.topics][2:] == ["same"] * 4


@pytest.mark.parametrize(
    ("key", "into", "expected"),
    [
        ("a", None, [("a", "merged")]),
        ("b", None, [("b", "split")]),
        ("c", None, []),
        ("c", "a", [("a", "merged")]),
    ],
)
def test_edits_at_risk(bundle: Bundle, key: str, into: str | None, expected: list[tuple[str, str]]) -> None:
    """An edit is at risk where its topic, or the one it merges into, is divided, merged or gone."""
    events = (
        *(event(1, "born", key) for key in "abcde"),
        *(event(2, "kept", key) for key in "bcde"),
        event(2, "split", "f", "b"),
        event(2, "merged", "a", "c"),
    )
    edit = Edit("1", "news", AT, "me", "merge" if into else "rename", key, into, "a name")
    old, new = Side(1, turned(bundle, "abcde"), 1), Side(2, turned(bundle, "fbcde"), 2)
    diff = compare("news", old, new, (), events, [edit])
    assert [(risk.key, risk.fate) for risk in diff.at_risk] == expected


def edited(predictor: Predictor, *edits: Edit) -> Predictor:
    return predictor.with_edits(edits)


def test_edits_speak_on_both_sides(bundle: Bundle, news: list[str]) -> None:
    """Two topics that people merged are one topic in either version: what goes between them does not move."""
    merge = Edit("1", "news", AT, "me", "merge", "a", "b")
    rename = Edit("2", "news", AT, "me", "rename", "b", name="ours")
    old, new = turned(bundle, "abcde"), turned(bundle, "bacde")
    apart = compare("news", Side(1, old), Side(2, new), news[:80], ())
    diff = compare("news", Side(1, edited(old, merge, rename)), Side(2, edited(new, merge, rename)), news[:80], ())
    assert apart.moved.value > 0
    assert diff.moved.value == 0
    assert {topic.key: topic.after for topic in diff.topics}["b"] == "ours"
    assert {topic.fate for topic in diff.topics} == {"same"}
    assert "a" not in {topic.key for topic in diff.topics}


def test_a_topic_that_people_merged_away_is_at_risk_all_the_same(bundle: Bundle) -> None:
    """A person merged a into b; the new version divides a: the edit is at risk, though no answer names a."""
    events = (
        *(event(1, "born", key) for key in "abcde"),
        *(event(2, "kept", key) for key in "abcd"),
        event(2, "split", "f", "a"),
        event(2, "merged", "e", "d"),
    )
    merge = Edit("1", "news", AT, "me", "merge", "a", "b")
    old, new = edited(turned(bundle, "abcde"), merge), edited(turned(bundle, "abcdf"), merge)
    diff = compare("news", Side(1, old, 1), Side(2, new, 2), (), events, [merge])
    assert [(risk.key, risk.fate) for risk in diff.at_risk] == [("a", "split")]
    (divided,) = [topic for topic in diff.topics if topic.fate == "split"]
    assert (divided.key, divided.other) == ("f", None)
