"""What people decided about topics, at rest: edits are added and undone, never changed and never deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, text

from evertopic.errors import BadInput
from evertopic.identity.drafts import MINTED, Draft, Entry, faults_of
from evertopic.records import Edit
from evertopic.storage.store.engine import insert_new, writing
from evertopic.storage.store.identity_tables import edit_undos, edits, topic_keys
from evertopic.storage.store.keys import ALPHABET, CHARACTERS, KeyStore
from evertopic.storage.store.rows import spelled

TICK = timedelta(microseconds=1)
ID_CHARACTERS = 8
OWN = ("id", "loop", "at", "by", "kind", "key", "into", "name", "texts", "comment", "generation")


@dataclass(frozen=True, slots=True)
class EditStore:
    """The edits of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def list(self, loop: str, *, undone: bool = False) -> tuple[Edit, ...]:
        """The edits in force, in the order in which they were made; with `undone`, those undone among them."""
        with self.engine.connect() as connection:
            found = _all(connection, loop)
        return tuple(edit for edit in found if undone or edit.undone_at is None)

    def stamp(self, loop: str) -> tuple[int, int]:
        """(edits, undos) so far: as long as both are the same, so are the edits in force."""
        own = select(func.count(edits.c.id), func.count(edit_undos.c.edit)).where(edits.c.loop == spelled(loop))
        with self.engine.connect() as connection:
            made, undone = connection.execute(own.outerjoin(edit_undos, edit_undos.c.edit == edits.c.id)).one()
        return int(made), int(undone)

    def known(self, loop: str) -> frozenset[str]:
        """Every key that a topic of the loop has or had."""
        with self.engine.connect() as connection:
            return _known(connection, loop)

    def add(
        self, loop: str, draft: Draft, *, by: str, at: datetime, randomness: Random, generation: int | None = None
    ) -> Edit:
        """The edit that is now in force; a split or pinned topic has got its permanent key.

        Args:
            loop: whose topics.
            draft: what was decided.
            by: who decided it.
            at: now, with a zone; an edit is later than all before it, whatever the clocks say.
            randomness: where id and key come from; pass `random.SystemRandom()` in production.
            generation: of the model in service.

        Raises:
            BadInput: it names a topic the loop never had, or one that an earlier edit has merged away or unmade.
        """
        entry = Entry(**draft.model_dump())
        return self.enter(loop, [entry], by=by, at=at, randomness=randomness, generation=generation)[0]

    def enter(
        self,
        loop: str,
        entries: Sequence[Entry],
        *,
        by: str,
        at: datetime,
        randomness: Random,
        generation: int | None = None,
    ) -> tuple[Edit, ...]:
        """The edits of these entries, all or none; what an entry says of id, key, author and time is kept.

        Raises:
            BadInput: as `add`; or an id is taken, or the key of a new topic is another one's already.
        """
        self.check(loop, entries, at=at)  # before a key is minted: one that is minted is never given again
        completed = [_with_key(self.engine, loop, entry, at, randomness) for entry in entries]
        with writing(self.engine) as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE edits IN SHARE ROW EXCLUSIVE MODE"))
            before = _all(connection, loop)
            _check(completed, before, _known(connection, loop), loop, at)
            made: list[Edit] = []
            last = max((edit.at for edit in before), default=None)
            for entry in completed:
                edit = replace(_edit(entry, loop, by, at, randomness), generation=generation)
                edit = edit if last is None or edit.at > last else replace(edit, at=last + TICK)
                last = edit.at
                _claim(connection, loop, edit)
                connection.execute(insert(edits).values({**{f: getattr(edit, f) for f in OWN}, "texts": [*edit.texts]}))
                made.append(edit)
        return tuple(made)

    def check(self, loop: str, entries: Sequence[Entry], *, at: datetime) -> None:
        """Passes where these entries could be entered now.

        Raises:
            BadInput: as `enter`.
        """
        with self.engine.connect() as connection:
            _check(entries, _all(connection, loop), _known(connection, loop), loop, at)

    def undo(self, loop: str, id: str, *, by: str, at: datetime) -> tuple[Edit, bool]:  # noqa: A002
        """The edit, which is no longer in force, and whether it was until now; the first undo counts.

        Raises:
            BadInput: the loop has no such edit; those in force are named.
        """
        found = {edit.id: edit for edit in self.list(loop, undone=True)}
        if id not in found:
            present = ", ".join(edit.id for edit in found.values() if edit.undone_at is None) or "none"
            raise BadInput(f"{loop} has no edit {id!r}: those in force are {present}.")
        with writing(self.engine) as connection:
            row = {"edit": id, "at": at, "by": spelled(by)}
            fresh = connection.execute(insert_new(self.engine, edit_undos), [row]).rowcount == 1
        return next(edit for edit in self.list(loop, undone=True) if edit.id == id), fresh


def _all(connection: Connection, loop: str) -> tuple[Edit, ...]:
    undone = (edit_undos.c.at.label("undone_at"), edit_undos.c.by.label("undone_by"))
    wanted = select(edits, *undone).outerjoin(edit_undos, edit_undos.c.edit == edits.c.id)
    rows = connection.execute(wanted.where(edits.c.loop == spelled(loop)).order_by(edits.c.at, edits.c.id))
    return tuple(_edit_of(row) for row in rows)


def _edit_of(row: Row[Any]) -> Edit:
    return Edit(**{**row._mapping, "texts": tuple(row.texts)})


def _known(connection: Connection, loop: str) -> frozenset[str]:
    return frozenset(connection.execute(select(topic_keys.c.key).where(topic_keys.c.loop == spelled(loop))).scalars())


def _check(entries: Sequence[Entry], before: Sequence[Edit], known: frozenset[str], loop: str, at: datetime) -> None:
    faults: list[str] = []
    taken, edits_so_far, keys = {edit.id for edit in before}, list(before), set(known)
    for entry in entries:
        faults += faults_of(entry, edits_so_far, keys, loop)
        if entry.id in taken:
            faults.append(f"there is an edit {entry.id} already: edits never change")
        edits_so_far.append(_edit(entry, loop, "", at, Random(0)))  # only to be looked at
        if entry.kind in MINTED:
            keys.add(str(getattr(entry, MINTED[entry.kind])))
    if faults:
        raise BadInput(f"Nothing was edited: {'; '.join(faults)}.")


def _with_key(engine: Engine, loop: str, entry: Entry, at: datetime, randomness: Random) -> Entry:
    field = MINTED.get(entry.kind)
    if field is None or getattr(entry, field) is not None:
        return entry
    (key,) = KeyStore(engine).mint(loop, 1, at=at, randomness=randomness)
    return entry.model_copy(update={field: key})


def _edit(entry: Entry, loop: str, by: str, at: datetime, randomness: Random) -> Edit:
    return Edit(
        id=entry.id or "e" + "".join(randomness.choices(ALPHABET, k=ID_CHARACTERS)),
        loop=loop,
        at=entry.at or at,
        by=spelled(entry.by or by),
        kind=entry.kind,
        key=entry.key or "",
        into=entry.into,
        name=entry.name,
        texts=entry.texts,
        comment=entry.comment,
    )


def _claim(connection: Connection, loop: str, edit: Edit) -> None:
    """The key of a topic that a file brings is the loop's from now on."""
    if edit.kind not in MINTED:
        return
    key = str(getattr(edit, MINTED[edit.kind]))
    owner = connection.execute(select(topic_keys.c.loop).where(topic_keys.c.key == key)).scalar()
    if owner is None:
        if len(key) != CHARACTERS + 1 or key[0] != "t" or not set(key[1:]) <= set(ALPHABET):
            raise BadInput(f"{key!r} is no topic key: leave it out of a new {edit.kind}, one is made for it.")
        connection.execute(insert(topic_keys).values(key=key, loop=loop, created_at=edit.at))
    elif owner != loop:
        raise BadInput(f"The key {key} belongs to a topic of {owner}: leave it out of the {edit.kind}.")
