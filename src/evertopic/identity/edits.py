"""What all edits of a loop come to: one value that says of each key what people decided about it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from evertopic.records import Edit


@dataclass(frozen=True, slots=True)
class Said:
    """A name or a key, and the edit that says so."""

    value: str
    edit: str


@dataclass(frozen=True, slots=True)
class Made:
    """A topic that a person made."""

    edit: str
    key: str
    name: str
    texts: tuple[str, ...]
    """What lies in its middle."""
    of: str | None
    """The topic that was divided; None: pinned."""
    parents: frozenset[str]
    """The topics whose documents a part may take: the one divided, what was merged into that before, and what was
    split off it before. A pinned topic may take any."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A document that belongs to a topic, whatever it looks like."""

    edit: str
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Changes:
    """The edits in force. Nothing here depends on a model: see `resolve` for what a model lacks."""

    names: Mapping[str, Said]
    """The last name a person gave, by key."""
    merged: Mapping[str, Said]
    """Into which topic a topic goes, by key; that one may have been merged too."""
    hidden: Mapping[str, str]
    """The edit that hides a topic, by key."""
    made: tuple[Made, ...]
    """In the order in which they take documents."""
    moved: tuple[Moved, ...]

    def resolve(self, key: str, present: Collection[str]) -> Said | None:
        """Where a topic ends up: the last topic on the way of its merges that is `present`; None: it stays."""
        found, seen = None, {key}
        while key in self.merged and self.merged[key].value not in seen:
            step = self.merged[key]
            key = step.value
            seen.add(key)
            if key in present:
                found = step
        return found

    def present(self, keys: Collection[str]) -> frozenset[str]:
        """The topics there are in a model with these: its own, all pinned ones, and parts of those there are."""
        there = set(keys)
        for made in self.made:
            if made.of is None or made.of in there:
                there.add(made.key)
        return frozenset(there)


def fold(edits: Sequence[Edit]) -> Changes:
    """What the edits come to, the undone ones left out.

    Args:
        edits: in the order in which they were made. The last name counts; a split takes part in what was merged
            into its topic before, not in what came later.
    """
    names: dict[str, Said] = {}
    merged: dict[str, Said] = {}
    hidden: dict[str, str] = {}
    made: list[Made] = []
    moved: list[Moved] = []
    for edit in edits:
        if edit.undone_at is not None:
            continue
        if edit.kind == "rename" and edit.name is not None:
            names[edit.key] = Said(edit.name, edit.id)
        elif edit.kind == "merge" and edit.into is not None:
            merged[edit.key] = Said(edit.into, edit.id)
        elif edit.kind == "hide":
            hidden[edit.key] = edit.id
        elif edit.kind == "move":
            moved += [Moved(edit.id, text, edit.key) for text in edit.texts]
        else:
            made.append(_made(edit, merged, made))
    return Changes(names, merged, hidden, tuple(made), tuple(moved))


def _made(edit: Edit, merged: Mapping[str, Said], before: Sequence[Made]) -> Made:
    name = edit.name or edit.key
    if edit.kind == "pin" or edit.into is None:
        return Made(edit.id, edit.key, name, edit.texts, None, frozenset())
    siblings = {one.key for one in before if edit.key in one.parents}
    into = {key for key in merged if _end(key, merged) == edit.key}
    return Made(edit.id, edit.into, name, edit.texts, edit.key, frozenset({edit.key} | siblings | into))


def _end(key: str, merged: Mapping[str, Said]) -> str:
    seen = {key}
    while key in merged and merged[key].value not in seen:
        key = merged[key].value
        seen.add(key)
    return key
