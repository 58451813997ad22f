"""The champion moves in one step, and whatever a killed run leaves is mended by the next look."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evertopic.errors import BadInput, Refusal
from evertopic.records import Release
from evertopic.storage.release_lines import previous_of, rolled_back
from evertopic.storage.releasing import Wish, promote, reconcile, roll_back
from evertopic.storage.store import Store
from tests.unit.storage.aliases import Aliases, Killed

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
WISH = Wish("news", "news", "anna", "it is better", gate="gates/1", diff="releases/1", episode="e1")


class Clock:
    """Each look is a minute later."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at


@pytest.fixture
def now() -> Clock:
    return Clock()


@pytest.fixture
def aliases(store: Store, now: Clock) -> Aliases:
    """Version 1 answers, and 2 was made."""
    made = Aliases(aliases={"champion": 1, "challenger": 2})
    reconcile(made, store.releases, "news", "news", now())
    return made


def test_a_promotion(aliases: Aliases, store: Store, now: Clock) -> None:
    """The champion moves, `previous` keeps the old one, the challenger is none any more, the ledger tells it all."""
    line = promote(aliases, store.releases, WISH, 2, 1, now)
    assert aliases.aliases == {"champion": 2, "previous": 1}
    assert store.releases.list("news")[0] == line
    assert (line.version, line.previous, line.action, line.digest) == (2, 1, "promoted", "digest-2")
    assert (line.by, line.why, line.gate, line.diff, line.episode) == (
        "anna",
        "it is better",
        "gates/1",
        "releases/1",
        "e1",
    )
    assert line.verified is None


def test_a_promotion_asked_for_twice(aliases: Aliases, store: Store, now: Clock) -> None:
    """What is the champion already gets no second line."""
    line = promote(aliases, store.releases, WISH, 2, 1, now)
    assert promote(aliases, store.releases, WISH, 2, 1, now) == line
    assert len(store.releases.list("news")) == 2


def test_another_champion_meanwhile(aliases: Aliases, store: Store, now: Clock) -> None:
    """A comparison with a version that no longer answers is no reason: nothing moves."""
    promote(aliases, store.releases, WISH, 2, 1, now)
    before = dict(aliases.aliases)
    with pytest.raises(Refusal, match="compared with version 1, and the champion is version 2"):
        promote(aliases, store.releases, WISH, 3, 1, now)
    assert aliases.aliases == before


def test_no_champion(store: Store, now: Clock) -> None:
    """Where the alias is gone, a version that was compared with nothing takes its place."""
    aliases = Aliases(aliases={"challenger": 2})
    line = promote(aliases, store.releases, WISH, 2, None, now)
    assert (line.previous, aliases.aliases) == (None, {"champion": 2})
    with pytest.raises(Refusal, match="has no champion"):
        roll_back(Aliases(), store.releases, WISH, None, now)


@pytest.mark.parametrize("step", range(3))
def test_killed_while_promoting(aliases: Aliases, store: Store, now: Clock, step: int) -> None:
    """Killed before any step, the champion is the old or the new one, and the next promotion ends what was begun."""
    aliases.dies_at, aliases.steps = step, 0
    with pytest.raises(Killed):
        promote(aliases, store.releases, WISH, 2, 1, now)
    aliases.dies_at = None
    assert aliases.aliases["champion"] == (1 if step < 2 else 2)
    promote(aliases, store.releases, WISH, 2, 1, now)
    assert aliases.aliases == {"champion": 2, "previous": 1}
    assert [(line.version, line.previous) for line in store.releases.list("news")] == [(2, 1), (1, None)]


def test_killed_before_the_ledger(aliases: Aliases, store: Store, now: Clock) -> None:
    """The alias counts: a line that was never written is written by the next look, which says that it was."""

    class Deaf:
        """A ledger whose process dies when a line is written."""

        def add(self, release: Release) -> bool:
            raise Killed

        def list(self, loop: str, *, limit: int = 1_000) -> tuple[Release, ...]:
            return store.releases.list(loop, limit=limit)

        @contextmanager
        def turn(self, loop: str) -> Iterator[None]:
            with store.releases.turn(loop):
                yield

    with pytest.raises(Killed):
        promote(aliases, Deaf(), WISH, 2, 1, now)  # type: ignore[arg-type]
    assert aliases.aliases == {"champion": 2, "previous": 1, "challenger": 2}
    line = reconcile(aliases, store.releases, "news", "news", now())
    assert line is not None
    assert (line.version, line.previous, line.action, line.by) == (2, 1, "moved outside", "unknown")
    assert aliases.aliases == {"champion": 2, "previous": 1}
    assert reconcile(aliases, store.releases, "news", "news", now()) is None


def test_a_rollback(aliases: Aliases, store: Store, now: Clock) -> None:
    """The version before is the champion again, and `previous` does not lead back to the bad one."""
    promote(aliases, store.releases, WISH, 2, 1, now)
    line = roll_back(aliases, store.releases, WISH, None, now)
    assert (line.version, line.previous, line.action) == (1, 2, "rolled back")
    assert aliases.aliases == {"champion": 1}
    with pytest.raises(Refusal, match="No version was released before version 1"):
        roll_back(aliases, store.releases, WISH, None, now)


def test_a_second_rollback_goes_back_further(aliases: Aliases, store: Store, now: Clock) -> None:
    """From 3 to 2, then from 2 to 1; only a version that is named leads forward again."""
    promote(aliases, store.releases, WISH, 2, 1, now)
    promote(aliases, store.releases, WISH, 3, 2, now)
    assert roll_back(aliases, store.releases, WISH, None, now).version == 2
    assert aliases.aliases == {"champion": 2, "previous": 1}
    assert roll_back(aliases, store.releases, WISH, None, now).version == 1
    assert aliases.aliases == {"champion": 1}
    assert roll_back(aliases, store.releases, WISH, 3, now).version == 3
    assert aliases.aliases == {"champion": 3}


def test_killed_while_rolling_back(aliases: Aliases, store: Store, now: Clock) -> None:
    """Killed before any step, a second rollback ends it; `previous` never stands on the bad version."""
    promote(aliases, store.releases, WISH, 2, 1, now)
    for step in range(2):
        aliases.dies_at, aliases.steps = step, 0
        with pytest.raises(Killed):
            roll_back(aliases, store.releases, WISH, None, now)
        assert aliases.aliases["champion"] == 2
    aliases.dies_at = None
    roll_back(aliases, store.releases, WISH, None, now)
    assert aliases.aliases == {"champion": 1}


def test_nothing_to_roll_back_to(aliases: Aliases, store: Store, now: Clock) -> None:
    """The champion itself and versions there are not are refused, and nothing moves."""
    with pytest.raises(Refusal, match="is the champion"):
        roll_back(aliases, store.releases, WISH, 1, now)
    with pytest.raises(BadInput, match="no version 9"):
        roll_back(aliases, store.releases, WISH, 9, now)
    assert aliases.aliases["champion"] == 1


def test_moved_by_hand(aliases: Aliases, store: Store, now: Clock) -> None:
    """Whoever moves the alias in MLflow's own UI finds it in the ledger afterwards, and can roll back."""
    aliases.aliases["champion"] = 4
    line = reconcile(aliases, store.releases, "news", "news", now())
    assert line is not None
    assert (line.action, line.version, line.previous) == ("moved outside", 4, 1)
    assert roll_back(aliases, store.releases, WISH, None, now).version == 1


def test_moved_back_by_hand(aliases: Aliases, store: Store, now: Clock) -> None:
    """Who moves it back by hand is not led forward again by a rollback."""
    promote(aliases, store.releases, WISH, 2, 1, now)
    aliases.aliases["champion"] = 1
    reconcile(aliases, store.releases, "news", "news", now())
    assert "previous" not in aliases.aliases


def test_a_deleted_version_is_no_previous(aliases: Aliases, store: Store, now: Clock) -> None:
    """Where the version before was deleted, `previous` stands nowhere, and nothing fails."""
    promote(aliases, store.releases, WISH, 2, 1, now)
    aliases.aliases = {"champion": 3}

    class Gone(Aliases):
        def set_alias(self, name: str, alias: str, version: int) -> None:
            if version == 2:
                raise BadInput("There is no version 2.")
            super().set_alias(name, alias, version)

    gone = Gone(aliases={"champion": 3, "previous": 1})
    reconcile(gone, store.releases, "news", "news", now())
    assert gone.aliases == {"champion": 3}


def test_what_was_rolled_back(aliases: Aliases, store: Store, now: Clock) -> None:
    """A version that was rolled back is known as such until it is released again."""
    promote(aliases, store.releases, WISH, 2, 1, now)
    roll_back(aliases, store.releases, replace(WISH, why="it was slow"), None, now)
    lines = store.releases.list("news")
    found = rolled_back(lines, "news", 2)
    assert found is not None
    assert found.why == "it was slow"
    assert rolled_back(lines, "news", 1) is None
    roll_back(aliases, store.releases, WISH, 2, now)
    assert rolled_back(store.releases.list("news"), "news", 2) is None
    assert previous_of((), "news") is None


def test_a_clock_that_was_set_back(aliases: Aliases, store: Store, now: Clock) -> None:
    """The newest line stays the newest, whatever the clock says: nothing is taken for moved by hand."""
    promote(aliases, store.releases, WISH, 2, 1, now)
    now.at = START - timedelta(days=1)
    line = roll_back(aliases, store.releases, WISH, None, now)
    assert store.releases.list("news")[0] == line
    assert reconcile(aliases, store.releases, "news", "news", now()) is None
