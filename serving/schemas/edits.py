"""What people decide about topics."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi.openapi.models import Example
from pydantic import Field

from evertopic.identity.conflicts import Conflict, Reason
from evertopic.identity.fields import TEXTS_AT_MOST, Comment, Key, Name, Text
from evertopic.records import Edit, EditKind
from serving.schemas.base import EXAMPLE_EDIT, EXAMPLE_KEY, Asked, Shape

Topic = Annotated[Key, Field(examples=[EXAMPLE_KEY])]
Texts = Annotated[tuple[Text, ...], Field(min_length=1, max_length=TEXTS_AT_MOST)]
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


class Rename(Asked):
    """A topic by another name."""

    kind: Literal["rename"]
    key: Topic
    name: Name
    comment: Comment | None = None


class Merge(Asked):
    """A topic that goes into another one."""

    kind: Literal["merge"]
    key: Topic
    into: Topic
    """The topic that stays."""
    comment: Comment | None = None


class Split(Asked):
    """A part of a topic by documents; it gets a key of its own."""

    kind: Literal["split"]
    key: Topic
    name: Name
    """Of the part."""
    texts: Texts
    """Documents of the part."""
    comment: Comment | None = None


class Pin(Asked):
    """A topic that must exist; it gets a key."""

    kind: Literal["pin"]
    name: Name
    texts: Texts
    """What it is about."""
    comment: Comment | None = None


class Hide(Asked):
    """A topic whose documents are answered as unassigned."""

    kind: Literal["hide"]
    key: Topic
    comment: Comment | None = None


class Move(Asked):
    """Documents to a topic."""

    kind: Literal["move"]
    key: Topic
    texts: Texts
    """The documents that belong to the topic."""
    comment: Comment | None = None


EditAsked = Rename | Merge | Split | Pin | Hide | Move


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
