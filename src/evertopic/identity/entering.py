"""Entries held against what there is, in the order in which they were decided, before any of them becomes an edit."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Literal

from evertopic.identity.drafts import MINTED, Draft, Entry, said
from evertopic.records import Edit, EditKind

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens to one entry."""

    entry: Entry
    does: Literal["add", "undo"]


@dataclass(frozen=True, slots=True)
class Before:
    """What there is before the entries."""

    loop: str
    edits: Sequence[Edit]
    """All of the loop in order, the undone ones among them."""
    known: Collection[str]
    """Keys that topics of the loop have or had."""
    owners: Mapping[str, str]
    """Whose each of these keys is: of all keys that the entries bring, in whatever loop."""
    ids: Mapping[str, str]
    """Whose each of these edits is: of all ids that the entries bring, in whatever loop."""


class Course:
    """The topics a person may speak of, as one edit follows another."""

    def __init__(self, edits: Sequence[Edit], known: Collection[str]) -> None:
        self._known = set(known)
        self._merged: dict[str, tuple[str, str]] = {}
        self._unmade: dict[str, str] = {}
        for edit in edits:
            self.add(edit, edit.id)
            if edit.undone_at is not None:
                self.undo(edit, edit.id)

    def add(self, edit: Draft | Edit, id: str) -> None:  # noqa: A002
        """From here on the edit is in force."""
        if edit.kind == "merge":
            self._merged[str(edit.key)] = (str(edit.into), id)
        if made := minted_key(edit):
            self._known.add(made)

    def undo(self, edit: Draft | Edit, id: str) -> None:  # noqa: A002
        """From here on it is not."""
        if edit.kind == "merge" and self._merged.get(str(edit.key), ("", ""))[1] == id:
            del self._merged[str(edit.key)]
        if made := minted_key(edit):
            self._unmade[made] = id

    def faults_of(self, draft: Draft, loop: str) -> Iterator[str]:
        """Why the draft cannot come next, in sentences."""
        named = [key for field in ("key", "into") if field != MINTED.get(draft.kind) and (key := getattr(draft, field))]
        for key in named:
            if key not in self._known:
                yield f"{loop} never had a topic {key!r}: take a key that `evertopic topics` shows"
            elif key in self._merged:
                into, by = self._merged[key]
                yield f"{key} was merged into {into} by edit {by}: edit {into}, or undo {by} first"
            elif key in self._unmade:
                yield f"{key} was made by edit {self._unmade[key]}, which was undone: make the topic again"
        if draft.kind == "merge" and draft.key == draft.into:
            yield f"{draft.key} cannot be merged into itself: name two topics"


def turns(entries: Sequence[Entry], here: Collection[str]) -> tuple[Turn, ...]:
    """What happens in which order: entries in theirs, and each undo before the first entry that was made later.

    Args:
        entries: of a file; one without a time is made now, after all that has one before it.
        here: ids of the edits there are; these are undone alone.
    """
    found: list[Turn] = []
    waiting: list[tuple[datetime, int, Entry]] = []
    for at, entry in enumerate(entries):
        while waiting and (entry.at is None or waiting[0][0] <= entry.at):
            found.append(Turn(heappop(waiting)[2], "undo"))
        if entry.id not in here:
            found.append(Turn(entry, "add"))
        if entry.undone_at is not None:
            heappush(waiting, (entry.undone_at, at, entry))
    return (*found, *(Turn(entry, "undo") for _, _, entry in sorted(waiting)))


def faults_in_entries(entries: Sequence[Entry], before: Before, now: datetime) -> tuple[str, ...]:
    """Why these entries cannot follow, in sentences; () where they can.

    A time ahead of now would put every later edit after it, and one before 1970 is an accident.
    """
    by_id = {edit.id: edit for edit in before.edits}
    course, taken, keys = Course(before.edits, before.known), dict(before.ids), dict(before.owners)
    faults: list[str] = []
    for turn in turns(entries, by_id):
        entry, own = turn.entry, turn.entry.id or "before it"
        if turn.does == "undo":
            course.undo(by_id.get(own, entry), own)
            continue
        faults += course.faults_of(entry, before.loop)
        if entry.id in taken:
            faults.append(f"there is an edit {entry.id} already, of {taken[entry.id]}: edits never change")
        if (made := minted_key(entry)) in keys:
            faults.append(f"the key {made} belongs to a topic of {keys[made]}: leave it out of a new {entry.kind}")
        course.add(entry, own)
        taken |= {entry.id: before.loop} if entry.id else {}
        keys |= {made: before.loop} if made else {}
    return (*faults, *_odd(entries, by_id, now))


def minted_key(edit: Draft | Edit) -> str | None:
    """The key of the topic it makes; None: it makes none, or has no key for it yet."""
    minted: Mapping[EditKind, str] = MINTED
    made = getattr(edit, minted[edit.kind]) if edit.kind in minted else None
    return made or None


def _odd(entries: Sequence[Entry], by_id: Mapping[str, Edit], now: datetime) -> Iterator[str]:
    for entry in entries:
        here = by_id.get(entry.id or "")
        if here is not None and (entry.undone_at is None or said(here) != entry.says()):
            yield f"there is an edit {entry.id} already: edits never change"
        for field in ("at", "undone_at"):
            moment: datetime | None = getattr(entry, field)
            if moment is not None and not EARLIEST <= moment <= now:
                yield f"{field} of the {entry.kind} is {moment.isoformat()}: it should be between 1970 and now"
