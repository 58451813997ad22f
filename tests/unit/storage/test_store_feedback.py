"""Feedback: one voice for each person and answer, and the last word counts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from evertopic.records import Feedback
from evertopic.storage.store import Store
from tests.unit.storage.answers import NOW, answer, answers, say

SAID = Feedback("p1", "news", "ann", NOW, "wrong", "t654321", "chess", "Not about cricket: Ä 😀")
LATER = NOW + timedelta(seconds=1)


def test_round_trip(store: Store) -> None:
    """What was said comes back as it was, for the loop it is of."""
    assert store.feedback.give(SAID)
    assert store.feedback.of("news", ["p1", "p2"]) == {"p1": (SAID,)}
    assert store.feedback.of("other", ["p1"]) == {}
    assert store.feedback.of("news", []) == {}


def test_double_click(store: Store) -> None:
    """The same word again is not new and changes nothing, its time neither."""
    assert [store.feedback.give(replace(SAID, at=at)) for at in (NOW, NOW, LATER)] == [True, False, False]
    assert store.feedback.of("news", ["p1"]) == {"p1": (SAID,)}


@pytest.mark.parametrize(
    "change", [{"verdict": "right"}, {"key": None}, {"label": "go"}, {"comment": None}, {"key": "t1", "label": None}]
)
def test_changed_mind(store: Store, change: dict[str, str]) -> None:
    """Another word takes the place of the former one and is not new; also one that says more or less."""
    other = replace(SAID, at=LATER, **change)
    back = replace(SAID, at=LATER + timedelta(seconds=1))
    for word, new in ((SAID, True), (other, False), (back, False)):
        assert store.feedback.give(word) == new
        assert store.feedback.of("news", ["p1"]) == {"p1": (word,)}


def test_late_arrival(store: Store) -> None:
    """A word that was spoken earlier and comes in later does not count."""
    last = replace(SAID, at=LATER, verdict="right")
    assert [store.feedback.give(word) for word in (last, SAID)] == [True, False]
    assert store.feedback.of("news", ["p1"]) == {"p1": (last,)}


def test_several_voices(store: Store) -> None:
    """Each person has a voice on each answer; they are told oldest first."""
    words = [SAID, replace(SAID, by="bob", at=LATER), replace(SAID, by="cyd", at=NOW - timedelta(seconds=1))]
    assert all(store.feedback.give(word) for word in [*words, replace(SAID, prediction="p2")])
    assert store.feedback.of("news", ["p2", "p1", "p1"]) == {
        "p1": (words[2], words[0], words[1]),
        "p2": (replace(SAID, prediction="p2"),),
    }


def test_count(store: Store) -> None:
    """One counts the answers somebody spoke of since a moment, the moment included, changes of mind only once."""
    for number in range(4):
        store.feedback.give(replace(SAID, prediction=f"p{number}", at=NOW + timedelta(seconds=number)))
    store.feedback.give(replace(SAID, prediction="p3", at=NOW + timedelta(seconds=9), verdict="right"))
    store.feedback.give(replace(SAID, by="bob"))
    assert store.feedback.count("ann", NOW + timedelta(seconds=1)) == 3
    assert store.feedback.count("ann", NOW + timedelta(seconds=10)) == 0
    assert store.feedback.count("nobody", NOW) == 0


def test_odd_words(store: Store) -> None:
    r"""NUL and half characters are spelled out; ids with them are found nowhere."""
    odd = replace(SAID, comment="a\x00b", label="\ud800")
    assert [store.feedback.give(odd) for _ in range(2)] == [True, False]
    assert store.feedback.of("news", ["p1"]) == {"p1": (replace(SAID, comment="a\\x00b", label="\\ud800"),)}
    assert store.feedback.of("news", ["\x00", "\ud800"]) == store.feedback.of("\x00", ["p1"]) == {}
    assert store.feedback.count("\x00", NOW) == 0


def test_many_answers(store: Store) -> None:
    """One may ask about more answers than a statement takes."""
    store.feedback.give(SAID)
    assert store.feedback.of("news", [*(f"x{number}" for number in range(12_000)), "p1"]) == {"p1": (SAID,)}


def test_clicked_by_four_at_once(store: Store) -> None:
    """Of eighty clicks by four at once, one is new."""
    together = Barrier(4)

    def click(_who: int) -> int:
        together.wait(timeout=10)
        return sum(store.feedback.give(SAID) for _ in range(20))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(click, range(4))) == 1
    assert store.feedback.count("ann", NOW) == 1


def test_by_person(store: Store) -> None:
    """Last words on answers of one version since a moment, by person; a change of mind counts once."""
    store.predictions.add([*answers(3), answer(3, version=2)])
    for number, verdict, by in ((0, "wrong", "bob"), (1, "wrong", "bob"), (0, "right", "ann"), (3, "wrong", "ann")):
        say(store, number, verdict, by)
    say(store, 1, "right", "bob", LATER)
    say(store, 2, "wrong", "cyd", NOW - timedelta(seconds=1))
    assert store.feedback.by_person("news", 3, NOW) == (("ann", 1, 0), ("bob", 1, 1))
    assert store.feedback.by_person("news", 2, NOW) == (("ann", 0, 1),)
    assert store.feedback.by_person("other", 3, NOW) == ()


def test_words_on_a_version(store: Store) -> None:
    """Every last word on answers of one version of one loop, with the key answered, oldest first."""
    store.predictions.add([*answers(3, version=7), *answers(1, first=3, version=8), answer(9, loop="other", version=7)])
    say(store, 0, "wrong", by="ann", at=NOW + timedelta(seconds=9))
    say(store, 0, "right", by="bob")
    say(store, 1, "right", by="ann", at=NOW + timedelta(seconds=5))
    say(store, 3, "right")
    found = store.feedback.words("news", 7)
    assert [(digest, key, word.by, word.verdict) for digest, key, word in found] == [
        ("digest 0", "t123456", "bob", "right"),
        ("digest 1", "t123456", "ann", "right"),
        ("digest 0", "t123456", "ann", "wrong"),
    ]
    assert store.feedback.words("news", 99) == ()
