"""Nothing that came in is left out of the checks because one of them was lost, or looked elsewhere."""

from evertopic.storage.store import Store
from tasks.window import Watch
from tests.unit.tasks.window.arrivals import HOUR, NOON, ingest, kept, take


def test_a_check_without_a_decision(watch: Watch, store: Store) -> None:
    """A pass that was killed after its check was kept has decided nothing: the next one looks at the same again."""
    ingest(store, ["old"], NOON - 8 * HOUR)
    ingest(store, ["a new subject"], NOON - 3 * HOUR)
    kept(store, "a", NOON - 6 * HOUR, "none")
    kept(store, "b", NOON - 2 * HOUR, "drift", since=NOON - 6 * HOUR, decided=False)
    assert take(watch)[1] == ["a new subject"]


def test_a_look_that_left_a_gap(watch: Watch, store: Store) -> None:
    """A person looked at the last hour by hand: what came before it is still to be looked at."""
    ingest(store, ["between"], NOON - 3 * HOUR)
    kept(store, "a", NOON - 6 * HOUR, "none")
    kept(store, "by hand", NOON - HOUR, "none", since=NOON - 2 * HOUR)
    assert take(watch)[1] == ["between"]
    kept(store, "b", NOON - HOUR / 2, "none", since=NOON - 6 * HOUR)
    assert take(watch)[1] == []


def test_a_look_into_the_future(watch: Watch, store: Store) -> None:
    """`--until` of next year blinds nobody until then: at the time of that check nothing later was there."""
    kept(store, "by hand", NOON + 9_000 * HOUR, "none", at=NOON - 2 * HOUR)
    ingest(store, ["later"], NOON - HOUR)
    assert take(watch)[1] == ["later"]


def test_many_checks(watch: Watch, store: Store) -> None:
    """The oldest of those that are read may join one that is not read any more."""
    for hours in range(90, 0, -1):
        for half in (0, 1, 2):
            end = NOON - hours * HOUR + half * HOUR / 3
            kept(store, f"{hours} {half}", end, "none", since=end - HOUR / 3)
    ingest(store, ["later"], NOON - HOUR / 6)
    window, texts = take(watch)
    assert texts == ["later"]
    assert window.since == NOON - HOUR / 3
