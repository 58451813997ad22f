"""What people decide about topics."""

from datetime import datetime
from typing import Annotated

from fastapi.openapi.models import Example
from pydantic import Field

from evertopic.identity.conflicts import Conflict, Reason
from evertopic.identity.drafts import Draft
from evertopic.records import Edit, EditKind
from serving.schemas.base import EXAMPLE_EDIT, EXAMPLE_KEY, Asked, Shape

EDITS: dict[str, Example] = {
    "rename": {
        "summary": "A topic by another name",
        "value": {"kind": "rename", "key": EXAMPLE_KEY, "name": "Refunds", "comment": "as support calls them"},
    },
    "pin": {
        "summary": "A topic that must exist",
        "value": {"kind": "pin", "name": "Card fraud", "texts": ["Somebody paid with my card."]},
    },
    "split": {
        "summary": "A part of a topic by documents",
        "value": {"kind": "split", "key": EXAMPLE_KEY, "name": "Vouchers", "texts": ["My voucher is refused."]},
    },
    "move": {
        "summary": "A document to a topic",
        "value": {"kind": "move", "key": EXAMPLE_KEY, "texts": ["I want my money back."]},
    },
}


class EditAsked(Asked):
    """One decision. What a kind takes: rename key, name; merge key, into; split key, name, texts; pin name, texts;
    hide key; move key, texts.
    """

    kind: EditKind
    key: str | None = None
    """Of the topic it is about; none for a pin, which gets one."""
    into: str | None = None
    """Merge: the topic that stays."""
    name: str | None = None
    """Rename, split, pin: what the topic is called."""
    texts: Annotated[tuple[str, ...], Field(max_length=1_000)] = ()
    """Split: documents of the new topic. Pin: what it is about. Move: the documents that belong to the topic."""
    comment: str | None = None


class EditShown(Shape):
    """One decision as it is kept."""

    id: Annotated[str, Field(examples=[EXAMPLE_EDIT])]
    at: datetime
    by: str
    """Id of the API key, `local` where none was needed, or the name that was given on the command line."""
    kind: EditKind
    key: str
    into: str | None
    """Merge: the topic that stays. Split: the key of the new topic."""
    name: str | None
    texts: tuple[str, ...]
    comment: str | None
    undone_at: datetime | None
    """Null: it is in force."""
    undone_by: str | None

    @classmethod
    def of(cls, edit: Edit) -> "EditShown":
        """The edit to show."""
        return cls(**{field: getattr(edit, field) for field in cls.model_fields})


class EditList(Shape):
    """All edits, the oldest first, the undone ones among them."""

    edits: tuple[EditShown, ...]


class Undone(Shape):
    """An edit that is no longer in force."""

    edit: EditShown
    undone_now: bool
    """False: it had been undone before."""


class ConflictShown(Shape):
    """An edit that means something else by now, or nothing."""

    edit: EditShown
    key: str
    """The topic that is no longer what it was."""
    reason: Reason
    sentence: str
    suggestion: str

    @classmethod
    def of(cls, conflict: Conflict) -> "ConflictShown":
        """The conflict to show."""
        return cls(
            edit=EditShown.of(conflict.edit),
            key=conflict.key,
            reason=conflict.reason,
            sentence=conflict.sentence,
            suggestion=conflict.suggestion,
        )


class ConflictList(Shape):
    """The edits to look at, the oldest first."""

    conflicts: tuple[ConflictShown, ...]


def drafted(asked: EditAsked) -> dict[str, object]:
    """What was asked for, for `draft_of`."""
    return {field: getattr(asked, field) for field in Draft.model_fields}
