"""Edits as a file that people read, review and bring to another store."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from evertopic.cli.consoles import plain
from evertopic.errors import BadInput
from evertopic.identity.drafts import Entry, faults_in
from evertopic.identity.imports import Step
from evertopic.records import Edit
from evertopic.storage.store import Store

HEAD = """# Edits of the topics of {loop}, in the order in which they were made.
# An entry without id, at and by is a new edit: `evertopic edit import FILE --dry-run` shows what a file would do.
"""


class EditFile(BaseModel):
    """What an edits.yaml holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    loop: str | None = None
    """Whose topics; another loop refuses the file."""
    edits: tuple[Entry, ...]


def written(loop: str, edits: Sequence[Edit]) -> str:
    """The file, as text: what is not set is left out."""
    entries = [_entry(edit) for edit in edits]
    content = yaml.safe_dump({"loop": loop, "edits": entries}, sort_keys=False, allow_unicode=True, width=110)
    return HEAD.format(loop=loop) + content


def read(path: Path, loop: str) -> tuple[Entry, ...]:
    """The entries of the file.

    Raises:
        BadInput: it cannot be read, is no such file, or is of another loop; all faults are listed.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = EditFile.model_validate(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise BadInput(
            f"{path} cannot be read as YAML: {fault}. `evertopic edit export` writes such a file."
        ) from fault
    except ValidationError as fault:
        listed = "; ".join(faults_in(fault))
        raise BadInput(f"{path} is no file of edits: {listed}. `evertopic edit export` writes one.") from fault
    if found.loop not in {None, loop}:
        raise BadInput(f"{path} holds edits of {found.loop}, not of {loop}: say --loop {found.loop}.")
    return found.edits


def carry_out(store: Store, loop: str, steps: Sequence[Step], by: str, *, dry: bool) -> None:
    """Does what an import has planned; dry, it finds out whether that could be done.

    Raises:
        BadInput: it cannot; nothing was added and nothing undone.
    """
    wanted, at = [step.entry for step in steps if step.does != "nothing"], datetime.now(UTC)
    if dry:
        store.edits.check(loop, wanted, at=at)
    else:
        store.edits.enter(loop, wanted, by=by, at=at, randomness=SystemRandom())


def texts_of(given: Sequence[str] | None, file: Path | None) -> tuple[str, ...]:
    """The texts given one by one, then those of a file, one a line.

    Raises:
        BadInput: the file cannot be read.
    """
    texts = list(given or ())
    if file is not None:
        try:
            texts += [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        except (OSError, UnicodeDecodeError) as fault:
            raise BadInput(f"{file} cannot be read: {fault}. It should hold texts in UTF-8, one a line.") from fault
    return tuple(texts)


def _entry(edit: Edit) -> dict[str, Any]:
    fields = ("id", "at", "by", "kind", "key", "into", "name", "texts", "comment", "undone_at", "undone_by")
    content = {field: plain(getattr(edit, field)) for field in fields}
    return {field: value for field, value in content.items() if value not in (None, [])}
