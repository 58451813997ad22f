"""What people decided about topics, at rest: edits are added and undone, never changed and never deleted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Column, Connection, Engine, Row, func, insert, select, text

from evertopic.errors import BadInput
from evertopic.identity.drafts import MINTED, Draft, Entry
from evertopic.identity.entering import Before, faults_in_entries, minted_key
from evertopic.records import Edit
from evertopic.storage.store.engine import chunks, insert_new, writing
from evertopic.storage.store.identity_tables import edit_undos, edits, topic_keys
from evertopic.storage.store.keys import ALPHABET, CHARACTERS, KeyStore
from evertopic.storage.store.rows import spelled

TICK = timedelta(microseconds=1)
ID_CHARACTERS = 8
SHAPE = re.compile(f"t[{ALPHABET}]{{{CHARACTERS}}}")
"""Of a key."""


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
        """The edits of these entries, all or none; what an entry says of id, key, author, time and undo is kept.

        An entry with the id of an edit that is here takes that back, if it is undone in the entry.

        Raises:
            BadInput: as `add`; an id is taken; the key of a new topic is another one's already; or a time is to come.
        """
        self.check(loop, entries, at=at)  # before a key is minted: one that is minted is never given again
        completed = [_completed(self.engine, loop, entry, at, randomness) for entry in entries]
        with writing(self.engine) as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE edits IN SHARE ROW EXCLUSIVE MODE"))
            before = _before(connection, loop, entries)
            _check(entries, before, at)
            for statement, rows in (
                (insert(topic_keys), _brought(entries, before, at)),
                (insert(edits), _rows(completed, before, by, at, generation)),
                (insert_new(self.engine, edit_undos), _undos(completed, by)),
            ):
                if rows:
                    connection.execute(statement, rows)
            found = {edit.id: edit for edit in _all(connection, loop)}
        return tuple(found[str(entry.id)] for entry in completed)

    def check(self, loop: str, entries: Sequence[Entry], *, at: datetime) -> None:
        """Passes where these entries could be entered now.

        Raises:
            BadInput: as `enter`.
        """
        with self.engine.connect() as connection:
            _check(entries, _before(connection, loop, entries), at)

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


def _before(connection: Connection, loop: str, entries: Sequence[Entry]) -> Before:
    brought = [key for entry in entries if (key := minted_key(entry))]
    return Before(
        loop,
        _all(connection, loop),
        _known(connection, loop),
        _owners(connection, topic_keys.c.key, topic_keys.c.loop, brought),
        _owners(connection, edits.c.id, edits.c.loop, [entry.id for entry in entries if entry.id]),
    )


def _owners(connection: Connection, own: Column[str], loop: Column[str], wanted: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in chunks(wanted):
        found |= {row[0]: row[1] for row in connection.execute(select(own, loop).where(own.in_(part)))}
    return found


def _check(entries: Sequence[Entry], before: Before, at: datetime) -> None:
    faults = [
        *faults_in_entries(entries, before, at),
        *(
            f"{row['key']!r} is no topic key: leave it out of a new topic"
            for row in _brought(entries, before, at)
            if not SHAPE.fullmatch(row["key"])
        ),
    ]
    if faults:
        raise BadInput(f"Nothing was edited: {'; '.join(faults)}.")


def _brought(entries: Sequence[Entry], before: Before, at: datetime) -> list[dict[str, Any]]:
    """The keys of new topics that came with the entries: they are the loop's from now on."""
    here = {edit.id for edit in before.edits}
    keys = [key for entry in entries if entry.id not in here and (key := minted_key(entry))]
    return [{"key": key, "loop": before.loop, "created_at": at} for key in keys]


def _undos(entries: Sequence[Entry], by: str) -> list[dict[str, Any]]:
    return [
        {"edit": one.id, "at": one.undone_at, "by": spelled(one.undone_by or by)} for one in entries if one.undone_at
    ]


def _completed(engine: Engine, loop: str, entry: Entry, at: datetime, randomness: Random) -> Entry:
    """With an id, and a key where it makes a topic."""
    given: dict[str, str] = {}
    if entry.id is None:
        given["id"] = "e" + "".join(randomness.choices(ALPHABET, k=ID_CHARACTERS))
    if entry.kind in MINTED and minted_key(entry) is None:
        (given[MINTED[entry.kind]],) = KeyStore(engine).mint(loop, 1, at=at, randomness=randomness)
    return entry.model_copy(update=given)


def _rows(
    entries: Sequence[Entry], before: Before, by: str, at: datetime, generation: int | None
) -> list[dict[str, Any]]:
    """What is new, each later than all before it."""
    here = {edit.id for edit in before.edits}
    last = max((edit.at for edit in before.edits), default=None)
    rows = []
    for entry in entries:
        if entry.id in here:
            continue
        moment = entry.at or at
        last = moment if last is None or moment > last else last + TICK
        said = {field: getattr(entry, field) for field in ("id", "kind", "into", "name", "comment")}
        known = {"loop": before.loop, "at": last, "by": spelled(entry.by or by), "generation": generation}
        rows.append({**said, **known, "key": entry.key or "", "texts": [*entry.texts]})
    return rows
