from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from evertopic.identity.drafts import Entry
from evertopic.identity.entering import Before, faults_in_entries, turns
from evertopic.records import Edit

AT = datetime(2026, 3, 1, tzinfo=UTC)


def hour(at: int) -> datetime:
    return AT + timedelta(hours=at)


def entry(id: str, made: int | None, undone: int | None = None) -> Entry:  # noqa: A002
    times = {"at": None if made is None else hour(made), "undone_at": None if undone is None else hour(undone)}
    return Entry(kind="hide", key="t1", id=id, **times)


def told(*entries: Entry, here: tuple[str, ...] = ()) -> list[tuple[str, str | None]]:
    return [(turn.does, turn.entry.id) for turn in turns(entries, here)]


def test_undos_have_their_turn() -> None:
    """Before the first entry made later, in the order of their times, the last ones at the end."""
    entries = [entry("a", 0, 5), entry("b", 1, 3), entry("c", 2), entry("d", 4), entry("e", 6, 9), entry("f", 7, 8)]
    order = "add a, add b, add c, undo b, add d, undo a, add e, add f, undo f, undo e"
    assert ", ".join(" ".join(map(str, one)) for one in told(*entries)) == order


def test_an_entry_without_a_time_is_made_now() -> None:
    """After all undos of the entries before it."""
    assert told(entry("a", 0, 5), entry("b", None)) == [("add", "a"), ("undo", "a"), ("add", "b")]


def test_what_is_here_is_undone_alone() -> None:
    """It was added before."""
    assert told(entry("a", 0, 5), here=("a",)) == [("undo", "a")]


class Counted(tuple[Edit, ...]):
    """Edits that know how often they were gone through."""

    times = 0

    def __iter__(self) -> Iterator[Edit]:
        Counted.times += 1
        return super().__iter__()


def test_edits_are_gone_through_once_for_all_entries() -> None:
    """Not once for each."""
    edits = Counted(Edit(f"e{at}", "news", AT, "ann", "hide", "t1") for at in range(5))
    entries = [entry(f"n{at}", None) for at in range(50)]
    assert faults_in_entries(entries, Before("news", edits, {"t1"}, {}, {}), hour(1)) == ()
    assert Counted.times < 5
