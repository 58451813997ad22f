"""Moving the champion: one step that counts, a line in the ledger, and mending what a killed run has left.

The alias `champion` decides who answers; moving it is a single step of the registry. The ledger tells of it, and where
the two disagree the alias is right: `reconcile` writes the missing line. `previous` follows from the ledger.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from evertopic.digests import digest_of
from evertopic.errors import BadInput, Refusal
from evertopic.records import ModelVersion, Release, ReleaseAction
from evertopic.storage.registry import CHALLENGER, CHAMPION, PREVIOUS
from evertopic.storage.release_lines import before, previous_of

if TYPE_CHECKING:
    from evertopic.storage.store.releases import ReleaseStore

OUTSIDE = (
    "The alias was found here: it was moved outside of evertopic, or the run that moved it was killed before it could "
    "write this line."
)

INSTANT = timedelta(microseconds=1)
FIRST = "The first model of the loop: there was nothing to compare it with."


class Registers(Protocol):
    """What of the registry is needed here."""

    def alias_version(self, name: str, alias: str) -> int | None:
        """The version that carries the alias."""

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Puts the alias on the version."""

    def drop_alias(self, name: str, alias: str) -> None:
        """Takes the alias away."""

    def resolve(self, reference: str) -> ModelVersion:
        """The version a reference means."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what, and on what evidence."""

    loop: str
    model: str
    by: str
    why: str
    gate: str | None = None
    """Key of the gate's report."""
    diff: str | None = None
    """Key of the release diff."""
    episode: str | None = None


def promote(
    registry: Registers,
    ledger: "ReleaseStore",
    wish: Wish,
    version: int,
    expected: int | None,
    now: Callable[[], datetime],
) -> Release:
    """The line of the ledger: `version` is the champion, and `previous` the one before.

    Killed at any step, the champion is either still the old one or already the new one, and the next look mends the
    rest. Asked again for a version that is the champion already, it gives the line there is.

    Args:
        registry: where the aliases are.
        ledger: where lines are written.
        wish: who wants it, and why.
        version: that passed the gate.
        expected: the champion it was compared with, None: there was none.
        now: the clock.

    Raises:
        Refusal: the champion is another one by now; the comparison says nothing of it.
        Unavailable: the registry or the store did not answer, or another release goes on.
    """
    with ledger.turn(wish.loop):
        reconcile(registry, ledger, wish.loop, wish.model, now())
        found = registry.alias_version(wish.model, CHAMPION)
        if found == version:
            return ledger.list(wish.loop, limit=1)[0]
        if found != expected:
            raise Refusal(
                f"Version {version} of {wish.model} was compared with version {expected}, and the champion is "
                f"version {found} by now: compare it with that one, by `evertopic promote {wish.loop}`."
            )
        return _moved(registry, ledger, wish, version, found, found, "promoted", now)


def roll_back(
    registry: Registers, ledger: "ReleaseStore", wish: Wish, to: int | None, now: Callable[[], datetime]
) -> Release:
    """The line of the ledger: the version before, or `to`, is the champion again.

    `previous` stands afterwards on what came before that version, never on the one that was rolled back: rolling back
    twice goes back twice, and leads to no bad version by accident. `to` may name any version, also a newer one.

    Raises:
        Refusal: there is no champion, nothing before it, or `to` is the champion.
        BadInput: there is no such version.
        Unavailable: as `promote`.
    """
    with ledger.turn(wish.loop):
        reconcile(registry, ledger, wish.loop, wish.model, now())
        found = registry.alias_version(wish.model, CHAMPION)
        target = to if to is not None else registry.alias_version(wish.model, PREVIOUS)
        if found is None:
            raise Refusal(f"{wish.model} has no champion: there is nothing to roll back.")
        if target is None:
            raise Refusal(f"No version was released before version {found} of {wish.model}: name one by --to.")
        if target == found:
            raise Refusal(f"Version {found} of {wish.model} is the champion: there is nothing to roll back.")
        previous = before(ledger.list(wish.loop), wish.model, target, never=found)
        return _moved(registry, ledger, wish, target, found, previous, "rolled back", now)


def reconcile(
    registry: Registers, ledger: "ReleaseStore", loop: str, model: str, at: datetime, why: str = OUTSIDE
) -> Release | None:
    """The line that was missing, None where ledger and registry agree; `previous` and `challenger` are put right.

    Args:
        registry: where the aliases are; the champion there is right.
        ledger: where the line is added.
        loop: whose.
        model: the registered model's name.
        at: when the line says that the alias moved.
        why: what it says.
    """
    champion = registry.alias_version(model, CHAMPION)
    if champion is None:
        return None
    lines = [line for line in ledger.list(loop) if line.model == model]
    newest = lines[0] if lines else None
    missing = None
    if newest is None or newest.version != champion:
        wish = Wish(loop, model, "unknown" if why == OUTSIDE else "evertopic", why)
        former = newest.version if newest else None
        missing = _line(registry, wish, champion, former, "moved outside" if newest else "first", _after(lines, at))
        ledger.add(missing)
        lines.insert(0, missing)
    _mend(registry, model, champion, lines)
    return missing


def _mend(registry: Registers, model: str, champion: int, lines: Sequence[Release]) -> None:
    wanted = previous_of(lines, model)
    if registry.alias_version(model, PREVIOUS) != wanted:
        _point(registry, model, wanted)
    # The first model of a loop is both: nobody has been challenged yet.
    if len(lines) > 1 and registry.alias_version(model, CHALLENGER) == champion:
        registry.drop_alias(model, CHALLENGER)


def _point(registry: Registers, model: str, previous: int | None) -> None:
    """Puts `previous` there, or nowhere where that version was deleted."""
    if previous is None:
        registry.drop_alias(model, PREVIOUS)
        return
    try:
        registry.set_alias(model, PREVIOUS, previous)
    except BadInput:
        registry.drop_alias(model, PREVIOUS)


def _moved(
    registry: Registers,
    ledger: "ReleaseStore",
    wish: Wish,
    version: int,
    former: int | None,
    previous: int | None,
    action: ReleaseAction,
    now: Callable[[], datetime],
) -> Release:
    held = registry.resolve(f"{wish.model}/{version}")
    _point(registry, wish.model, previous)
    registry.set_alias(wish.model, CHAMPION, held.version)  # the one step that counts
    line = _line(registry, wish, version, former, action, _after(ledger.list(wish.loop, limit=1), now()))
    ledger.add(line)
    if registry.alias_version(wish.model, CHALLENGER) == version:
        registry.drop_alias(wish.model, CHALLENGER)
    return line


def _after(lines: Sequence[Release], at: datetime) -> datetime:
    """The time of a new line: after the newest one, also when the clock was set back."""
    return max(at, lines[0].at + INSTANT) if lines else at


def _line(
    registry: Registers, wish: Wish, version: int, former: int | None, action: ReleaseAction, at: datetime
) -> Release:
    held = registry.resolve(f"{wish.model}/{version}")
    return Release(
        id=digest_of("release", wish.loop, wish.model, version, former, action, at.isoformat()),
        loop=wish.loop,
        model=wish.model,
        version=version,
        digest=held.digest,
        previous=former,
        action=action,
        at=at,
        by=wish.by,
        why=wish.why,
        gate=wish.gate,
        diff=wish.diff,
        episode=wish.episode,
        verified=None,
    )
