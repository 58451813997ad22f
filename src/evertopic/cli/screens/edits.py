"""Edits on a screen."""

from collections.abc import Sequence

from rich.console import Group, RenderableType

from evertopic.cli.screens.parts import heading, line, table, word
from evertopic.identity.conflicts import Conflict
from evertopic.identity.drafts import MINTED, Entry
from evertopic.identity.imports import Step
from evertopic.records import Edit
from evertopic.reporting.formats import plural

DONE = {"add": "added", "undo": "undone", "nothing": "as it was"}
WOULD = {"add": "would be added", "undo": "would be undone", "nothing": "as it is"}


def edits_screen(edits: Sequence[Edit]) -> RenderableType:
    """All edits, oldest first."""
    if not edits:
        return line("Nobody has edited a topic. `evertopic edit rename KEY NAME` is one way to begin.")
    listed = table("id", "made", "by", "edit", "undone")
    for edit in edits:
        undone = f"{edit.undone_at:%Y-%m-%d %H:%M} {edit.undone_by}" if edit.undone_at else ""
        made = edit.at.strftime("%Y-%m-%d %H:%M")
        listed.add_row(word(edit.id), made, word(edit.by, 20), word(sentence(edit), 80), word(undone))
    return listed


def edit_screen(edit: Edit) -> RenderableType:
    """One edit that was made, and how to take it back."""
    minted = MINTED.get(edit.kind)
    key = f" The topic has the key {getattr(edit, minted)}." if minted else ""
    return line(f"{edit.id}: {sentence(edit)}.{key} `evertopic edit undo {edit.id}` takes it back.")


def edited_lines(edits: Sequence[Edit]) -> tuple[RenderableType, ...]:
    """What people made of the topics shown above; nothing where nobody did."""
    if not edits:
        return ()
    return (
        heading("Edited since, in force with every answer"),
        *(line(f"{sentence(edit)} ({edit.id})") for edit in edits),
    )


def undo_screen(edit: Edit, *, fresh: bool) -> RenderableType:
    """What an undo did."""
    said = f"{edit.id} is undone" if fresh else f"{edit.id} was undone before, by {edit.undone_by}"
    return line(f"{said}: {sentence(edit)} no more.")


def steps_screen(steps: Sequence[Step], *, dry: bool) -> RenderableType:
    """What an import did, or would do."""
    listed = table("", "edit", "because")
    for step in steps:
        said = (WOULD if dry else DONE)[step.does]
        listed.add_row(said, word(sentence(step.entry), 70), word(step.why, 50))
    return listed if steps else line("The file holds no edits.")


def conflicts_screen(found: Sequence[Conflict]) -> RenderableType:
    """Each conflict with what may be done about it."""
    if not found:
        return line("Every edit in force means what it meant.")
    parts: list[RenderableType] = [heading(plural(len(found), "edit") + " to look at")]
    for one in found:
        parts += [line(f"{one.edit.id}  {one.sentence}"), line(f"{' ' * len(one.edit.id)}  {one.suggestion}", "dim")]
    return Group(*parts)


def sentence(edit: Edit | Entry) -> str:
    """What it decides, in a few words."""
    texts = plural(len(edit.texts), "text")
    return {
        "rename": f"{edit.key} is called {edit.name}",
        "merge": f"{edit.key} goes into {edit.into}",
        "split": f"{edit.name} is split off {edit.key} by {texts}",
        "pin": f"{edit.name} is pinned by {texts}",
        "hide": f"{edit.key} is hidden",
        "move": f"{texts} of {edit.key}",
    }[edit.kind]
