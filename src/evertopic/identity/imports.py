"""What a file of edits would do to the edits there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evertopic.identity.drafts import Entry, said
from evertopic.records import Edit


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one entry."""

    entry: Entry
    does: Literal["add", "undo", "nothing"]
    why: str
    """In words, for people."""


def plan(entries: Sequence[Entry], edits: Sequence[Edit]) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """One step for each entry, and the faults that forbid all of them. Doing it twice does nothing the second time.

    An entry with an id is that very edit; one without is new, unless one that stays in force decides the same.

    Args:
        entries: of the file, in their order.
        edits: of the loop, the undone ones among them.
    """
    by_id: dict[str | None, Edit] = {edit.id: edit for edit in edits}
    undone = {entry.id for entry in entries if entry.undone_at is not None}
    deciding = {said(edit): edit for edit in edits if edit.undone_at is None and edit.id not in undone}
    steps: list[Step] = []
    faults: list[str] = []
    first: dict[str, int] = {}
    for at, entry in enumerate(entries, 1):
        known, same = by_id.get(entry.id), deciding.get(entry.says())
        if entry.id is not None and first.setdefault(entry.id, at) != at:
            faults.append(f"entry {at} has the id {entry.id}, which entry {first[entry.id]} has too")
        elif known is not None and said(known) != entry.says():
            faults.append(f"entry {at} has the id {entry.id}, which decides something else here: edits never change")
        elif known is not None and entry.undone_at is not None and known.undone_at is None:
            steps.append(Step(entry, "undo", f"{known.id} is in force here and undone in the file"))
        elif known is not None:
            steps.append(Step(entry, "nothing", f"{known.id} is here{' and undone' if known.undone_at else ''}"))
        elif entry.undone_at is not None and entry.id is None:
            steps.append(Step(entry, "nothing", "undone in the file, and not here"))
        elif same is not None and entry.id is None:
            steps.append(Step(entry, "nothing", f"{same.id} decides the same"))
        else:
            steps.append(Step(entry, "add", "not here" + (", and undone in the file" if entry.undone_at else "")))
    return tuple(steps), tuple(faults)
