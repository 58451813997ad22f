"""`evertopic edit`: what people decide about topics, in force at once and after every training."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import Annotated, Any

import typer

from evertopic.cli.answering import loader
from evertopic.cli.consoles import show, show_json
from evertopic.cli.deciding import author, generation_served
from evertopic.cli.edit_files import carry_out, read, texts_of, written
from evertopic.cli.project import Project, defaults, set_defaults
from evertopic.cli.screens.edits import conflicts_screen, edit_screen, edits_screen, steps_screen, undo_screen
from evertopic.config import LoopConfig, load_config
from evertopic.errors import BadInput
from evertopic.identity.drafts import draft_of
from evertopic.identity.imports import plan
from evertopic.prediction.reviewing import review
from evertopic.storage.lake import Lake
from evertopic.storage.registry import CHAMPION
from evertopic.storage.store import Store, open_store

Key = Annotated[str, typer.Argument(help="Permanent key of a topic, as `evertopic topics` shows it.")]
Name = Annotated[str, typer.Option(help="What the new topic is called.")]
Texts = Annotated[list[str] | None, typer.Option("--text", "--document", help="One text; say it again for more.")]
TextFile = Annotated[Path | None, typer.Option("--documents", metavar="FILE", help="Texts, one a line.")]
Loop = Annotated[str | None, typer.Option(help="A name or a path; without one, the only config there is.")]
By = Annotated[str | None, typer.Option(help="Who decides it; without it, your login name.")]
Comment = Annotated[str | None, typer.Option(help="Why, in words.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="Such as edits.yaml.")]

edit = typer.Typer(
    no_args_is_help=True,
    help="Rename, merge, split, pin and hide topics, and move documents: in force at once, and after every training.",
    epilog="Edits are kept with author and time; `undo` takes one back, `conflicts` lists those to look at again.",
)


@edit.command(epilog='Example:\n\nevertopic edit rename t8s7g0x "Refunds" --comment "as support calls them"')
def rename(
    key: Key,
    name: str,
    loop: Loop = None,
    by: By = None,
    comment: Comment = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Call a topic by another name."""
    _add(loop, by, as_json=as_json, kind="rename", key=key, name=name, comment=comment)


@edit.command(epilog="Example:\n\nevertopic edit merge t8s7g0x t1c9d2f")
def merge(
    key: Key,
    into: Key,
    loop: Loop = None,
    by: By = None,
    comment: Comment = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Let a topic go into another one, which stays."""
    _add(loop, by, as_json=as_json, kind="merge", key=key, into=into, comment=comment)


@edit.command(epilog='Example:\n\nevertopic edit split t8s7g0x --name "Vouchers" --document "My voucher ..."')
def split(
    key: Key,
    name: Name,
    document: Texts = None,
    documents: TextFile = None,
    loop: Loop = None,
    by: By = None,
    comment: Comment = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Make a new topic of those documents of a topic that are nearer to the ones you give."""
    texts = texts_of(document, documents)
    _add(loop, by, as_json=as_json, kind="split", key=key, name=name, texts=texts, comment=comment)


@edit.command(epilog='Example:\n\nevertopic edit pin "Fraud" --text "Somebody paid with my card."')
def pin(
    name: str,
    text: Texts = None,
    documents: TextFile = None,
    loop: Loop = None,
    by: By = None,
    comment: Comment = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Make a topic that must exist, whatever trainings find, by sentences or documents."""
    _add(loop, by, as_json=as_json, kind="pin", name=name, texts=texts_of(text, documents), comment=comment)


@edit.command(epilog="Example:\n\nevertopic edit hide t8s7g0x")
def hide(key: Key, loop: Loop = None, by: By = None, comment: Comment = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Answer the documents of a topic as unassigned."""
    _add(loop, by, as_json=as_json, kind="hide", key=key, comment=comment)


@edit.command(epilog='Example:\n\nevertopic edit move t8s7g0x --text "This very text."')
def move(
    key: Key,
    text: Texts = None,
    documents: TextFile = None,
    loop: Loop = None,
    by: By = None,
    comment: Comment = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Say of these very texts that they belong to a topic."""
    _add(loop, by, as_json=as_json, kind="move", key=key, texts=texts_of(text, documents), comment=comment)


@edit.command("list", epilog="Example:\n\nevertopic edit list --json")
def list_(loop: Loop = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """List all edits, the undone ones too."""
    with _opened(loop) as (_, config, store):
        found = store.edits.list(config.name, undone=True)
    if as_json:
        show_json({"loop": config.name, "edits": found})
    else:
        show(edits_screen(found))


@edit.command(epilog="Example:\n\nevertopic edit undo e4k2m9qz1")
def undo(
    id: Annotated[str, typer.Argument(help="Of the edit, as `evertopic edit list` shows it.")],  # noqa: A002
    loop: Loop = None,
    by: By = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Take an edit back; it stays in the list."""
    with _opened(loop) as (_, config, store):
        undone, fresh = store.edits.undo(config.name, id, by=author(by), at=datetime.now(UTC))
    if as_json:
        show_json({"edit": undone, "undone_now": fresh})
    else:
        show(undo_screen(undone, fresh=fresh))


@edit.command(epilog="Example:\n\nevertopic edit conflicts")
def conflicts(loop: Loop = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """List the edits that the model in service contradicts: their topic has split, merged, or is gone."""
    with _opened(loop) as (project, config, store):
        set_defaults(defaults(project.place, bundled=False, verbose=False))
        model = loader(project.place, config)(CHAMPION)
        found = review(model, store, Lake(project.place.lake_url), config.name)
    if as_json:
        show_json({"loop": config.name, "model": model.version, "conflicts": found})
    else:
        show(conflicts_screen(found))


@edit.command(epilog="Example:\n\nevertopic edit export edits.yaml")
def export(file: File, loop: Loop = None) -> None:
    """Write all edits into a file, to be read, reviewed and imported elsewhere."""
    with _opened(loop) as (_, config, store):
        file.write_text(written(config.name, store.edits.list(config.name, undone=True)), encoding="utf-8")


@edit.command("import", epilog="Example:\n\nevertopic edit import edits.yaml --dry-run")
def import_(
    file: File,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would do, and do nothing.")] = False,  # noqa: FBT002
    loop: Loop = None,
    by: By = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Make the edits of a file that are not there yet; doing it twice changes nothing."""
    with _opened(loop) as (_, config, store):
        steps, faults = plan(read(file, config.name), store.edits.list(config.name, undone=True))
        if faults:
            raise BadInput(f"Nothing of {file} was imported: {'; '.join(faults)}.")
        carry_out(store, config.name, steps, author(by), dry=dry_run)
    if as_json:
        listed = [{"does": step.does, "why": step.why, "edit": step.entry.model_dump(mode="json")} for step in steps]
        show_json({"loop": config.name, "dry_run": dry_run, "steps": listed})
    else:
        show(steps_screen(steps, dry=dry_run))


def _add(loop: str | None, by: str | None, *, as_json: bool, **content: Any) -> None:
    draft = draft_of(content)
    with _opened(loop) as (project, config, store):
        made = store.edits.add(
            config.name,
            draft,
            by=author(by),
            at=datetime.now(UTC),
            randomness=SystemRandom(),
            generation=generation_served(project, config, store),
        )
    if as_json:
        show_json({"edit": made})
    else:
        show(edit_screen(made))


@contextmanager
def _opened(loop: str | None) -> Iterator[tuple[Project, LoopConfig, Store]]:
    project = Project.around(Path.cwd(), os.environ)
    config = load_config(project.config(loop), project.root)
    store = open_store(project.place.store_url)
    try:
        yield project, config, store
    finally:
        store.close()
