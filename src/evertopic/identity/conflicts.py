"""Edits that a later model contradicts: listed for a person, never dropped and never forced."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self

from evertopic.identity.drafts import MINTED
from evertopic.identity.edits import Changes, fold
from evertopic.records import Edit, LineageEvent

Reason = Literal["split", "merged", "gone", "unmade", "empty"]
"""What became of the topic an edit speaks of: it has split; has gone into another; is in the model no more; was made by
an edit that is undone; is there, but no document of the training is answered with it."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """An edit that means something else by now, or nothing."""

    edit: Edit
    key: str
    """The topic that is no longer what it was."""
    reason: Reason
    sentence: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What edits are held against: one model, and how it came about."""

    keys: Collection[str]
    """Of the model's own topics."""
    events: Sequence[LineageEvent]
    """Of its lineage up to this model, oldest first."""
    documents: Mapping[str, int] | None
    """Of the training, by the topic they are answered with under the edits; None: they cannot be counted."""


def conflicts(edits: Sequence[Edit], ground: Ground) -> tuple[Conflict, ...]:
    """The edits in force that need a person, in their order, with what may be done about each.

    An edit is at rest where a later one takes its place (another name of the same topic) or its topic (merged away).
    So is a merge whose topic the model has merged away too, or has no more: what is left of it is where it should be.
    A topic that has split since is no conflict any more once a person has edited the part that came out of it.

    Args:
        edits: all of the loop in order, the undone ones among them.
        ground: the model that answers.
    """
    ground = replace(ground, keys=frozenset(ground.keys))
    active = [edit for edit in edits if edit.undone_at is None]
    changes = fold(active)
    unmade = {str(getattr(edit, MINTED[edit.kind])) for edit in edits if edit.kind in MINTED and edit.undone_at}
    case = _Case(changes, changes.present(ground.keys), unmade, ground, _Lately.by(active), _Happened.by(ground.events))
    return tuple(conflict for at, edit in enumerate(active) for conflict in case.of(at, edit))


@dataclass(frozen=True, slots=True)
class _Lately:
    """What was said last of each topic. Looked up, for thousands of edits are not compared with one another."""

    place: Mapping[tuple[str, str], int]
    """Of the last active edit of a kind, by kind and key."""
    time: Mapping[str, datetime]
    """Of the last active edit that names a topic."""

    @classmethod
    def by(cls, active: Sequence[Edit]) -> Self:
        place: dict[tuple[str, str], int] = {}
        time: dict[str, datetime] = {}
        for at, edit in enumerate(active):
            place[edit.kind, edit.key] = at
            for key in (edit.key, edit.into):
                if key is not None:
                    time[key] = max(edit.at, time.get(key, edit.at))
        return cls(place, time)

    def replaces(self, at: int, edit: Edit) -> bool:
        """Does a later edit say the same thing anew, or take the topic away?"""
        made = str(getattr(edit, MINTED[edit.kind])) if edit.kind in MINTED else edit.key
        if edit.kind != "split" and self.place.get(("merge", made), -1) > at:
            return True
        return edit.kind in ("rename", "hide") and self.place[edit.kind, edit.key] > at


@dataclass(frozen=True, slots=True)
class _Happened:
    """What happened to each topic."""

    parts: Mapping[str, Sequence[LineageEvent]]
    """The events in which it lost a part."""
    last: Mapping[str, LineageEvent]

    @classmethod
    def by(cls, events: Sequence[LineageEvent]) -> Self:
        parts: dict[str, list[LineageEvent]] = {}
        for event in events:
            if event.kind == "split" and event.other is not None:
                parts.setdefault(event.other, []).append(event)
        return cls(parts, {event.key: event for event in events})


@dataclass(frozen=True, slots=True)
class _Case:
    changes: Changes
    present: frozenset[str]
    unmade: Collection[str]
    ground: Ground
    lately: _Lately
    happened: _Happened

    def of(self, at: int, edit: Edit) -> Iterator[Conflict]:
        """The conflicts of the edit that is `at` that place of the active ones."""
        if self.lately.replaces(at, edit):
            return
        named = {"pin": (), "merge": (edit.key, str(edit.into))}.get(edit.kind, (edit.key,))
        # A merge does what it says as long as there is a topic at its end, with or without a topic that goes there.
        arrives = edit.kind == "merge" and self.changes.resolve(edit.key, self.present) is not None
        for key in named:
            if key in self.present or not arrives:
                yield from self._of_topic(edit, key)
        if edit.kind in MINTED:
            yield from self._of_made(edit, str(getattr(edit, MINTED[edit.kind])))

    def _of_topic(self, edit: Edit, key: str) -> Iterator[Conflict]:
        if key in self.present:
            parts = [event for event in self.happened.parts.get(key, ()) if _unseen(event, edit)]
            new = [event.key for event in parts if event.key in self.ground.keys and not self._seen_to(event)]
            if new:
                listed = " and ".join((key, *new))
                yield Conflict(edit, key, "split", *_told(edit, key, f"has split into {listed}", _split(edit, new)))
        elif key in self.unmade:
            yield Conflict(edit, key, "unmade", *_told(edit, key, "was made by an edit that is undone", _undo(edit)))
        else:
            last = self.happened.last.get(key)
            if last is not None and last.kind == "merged":
                advice = f"{_undo(edit)}, and edit {last.other} if it still holds"
                yield Conflict(edit, key, "merged", *_told(edit, key, f"has gone into {last.other}", advice))
            else:
                advice = _undo(edit) + ("" if edit.kind == "hide" else ", or pin the topic by some of its documents")
                yield Conflict(edit, key, "gone", *_told(edit, key, "is no topic of this model", advice))

    def _of_made(self, edit: Edit, key: str) -> Iterator[Conflict]:
        documents, stays = self.ground.documents, key not in self.changes.merged and key not in self.changes.hidden
        if documents is not None and key in self.present and stays and not documents.get(key):
            advice = f"{_undo(edit)}, and {edit.kind} it again by other texts"
            said = f"{_said(edit)}: no document of the training is answered with {key}"
            yield Conflict(edit, key, "empty", said, advice)

    def _seen_to(self, event: LineageEvent) -> bool:
        return event.key in self.lately.time and self.lately.time[event.key] > event.at


def _unseen(event: LineageEvent, edit: Edit) -> bool:
    """Did it happen in a model that nobody had seen at work when the edit was made?"""
    return event.at > edit.at if edit.generation is None else event.generation > edit.generation


def _told(edit: Edit, key: str, what: str, advice: str) -> tuple[str, str]:
    subject = {"rename": "which", "hide": "but it"}.get(edit.kind, f"but {key}")
    return f"{_said(edit)}, {subject} {what}", advice


def _said(edit: Edit) -> str:
    count = f"{len(edit.texts)} document" + ("s were" if len(edit.texts) != 1 else " was")
    return {
        "rename": f"`{edit.name}` was given to {edit.key}",
        "merge": f"{edit.key} was merged into {edit.into}",
        "split": f"`{edit.name}` ({edit.into}) was split off {edit.key}",
        "pin": f"`{edit.name}` ({edit.key}) was pinned",
        "hide": f"{edit.key} was hidden",
        "move": f"{count} moved to {edit.key}",
    }[edit.kind]


def _undo(edit: Edit) -> str:
    return f"undo {edit.id}"


def _split(edit: Edit, new: Sequence[str]) -> str:
    listed = " and ".join(new)
    again = "; to keep it as it is, say it again" if edit.kind in ("rename", "hide") else ""
    verb = {"merge": "edit", "move": "look at"}.get(edit.kind, edit.kind)
    return f"{verb} {listed} too, or {_undo(edit)}{again}"
