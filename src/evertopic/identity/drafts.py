"""What a person wants to decide about topics, checked before it becomes an edit."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from evertopic.errors import BadInput
from evertopic.identity.fields import TEXTS_AT_MOST, By, Comment, Id, Key, Name, Text
from evertopic.records import Edit, EditKind

NEEDED: Mapping[EditKind, tuple[str, ...]] = {
    "rename": ("key", "name"),
    "merge": ("key", "into"),
    "split": ("key", "name", "texts"),
    "pin": ("name", "texts"),
    "hide": ("key",),
    "move": ("key", "texts"),
}
MINTED: Mapping[EditKind, str] = {"split": "into", "pin": "key"}
"""The field that holds the key of the new topic: left out, unless the edit comes out of a file that has it."""


class Draft(BaseModel):
    """One decision as a person words it: no id yet, and no key for a new topic."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: EditKind
    key: Key | None = None
    into: Key | None = None
    name: Name | None = None
    texts: Annotated[tuple[Text, ...], Field(max_length=TEXTS_AT_MOST)] = ()
    comment: Comment | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = NEEDED[self.kind]
        missing = [name for name in needed if not getattr(self, name)]
        foreign = [
            name
            for name in ("key", "into", "name", "texts")
            if getattr(self, name) and name not in (*needed, MINTED.get(self.kind))
        ]
        if missing or foreign:
            found = [f"{', '.join(missing)} missing"] * bool(missing) + [f"no {', '.join(foreign)}"] * bool(foreign)
            raise ValueError(f"{self.kind} takes {', '.join(needed)}: {'; '.join(found)}")
        return self

    def says(self) -> tuple[Any, ...]:
        """What it decides; the key of a new topic is no part of it."""
        return said(self)


class Entry(Draft):
    """A decision as a file has it: one that was made before brings its id, its author and its time."""

    id: Id | None = None
    at: AwareDatetime | None = None
    by: By | None = None
    undone_at: AwareDatetime | None = None
    undone_by: By | None = None


def said(edit: Draft | Edit) -> tuple[Any, ...]:
    """What an edit decides, for comparing: two that say the same are one decision."""
    minted = MINTED.get(edit.kind)
    fields = [None if field == minted else getattr(edit, field) for field in ("key", "into")]
    return (edit.kind, *fields, edit.name, edit.texts)


def draft_of(content: Mapping[str, Any]) -> Draft:
    """The draft that fields describe; those that are None are left out.

    Raises:
        BadInput: it has faults, all of them named.
    """
    try:
        return Draft.model_validate({name: value for name, value in content.items() if value is not None})
    except ValidationError as fault:
        raise BadInput(f"This edit cannot be made: {'; '.join(faults_in(fault))}.") from fault


def faults_in(fault: ValidationError) -> tuple[str, ...]:
    """Each fault as a person reads it: where, and what."""
    told = []
    for each in fault.errors(include_url=False, include_context=False, include_input=False):
        where, what = ".".join(map(str, each["loc"])), each["msg"].removeprefix("Value error, ")
        told.append(f"{where}: {what}" if where else what)
    return tuple(told)
