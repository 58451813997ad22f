"""The lineage of topics at rest: what every model made of them, what they were compared by, and with what evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from evertopic.errors import BadInput
from evertopic.records import Generation, LineageEvent
from evertopic.storage.store.engine import chunks, insert_new, shown, writing
from evertopic.storage.store.identity_tables import (
    anchors,
    generation_topics,
    generation_versions,
    generations,
    lineage,
    topic_keys,
)
from evertopic.storage.store.lineage_rows import (
    TOPICS,
    NewGeneration,
    Past,
    event_of,
    event_row,
    generation_of,
    generation_row,
    past_of,
    topic_rows,
)
from evertopic.storage.store.rows import spelled


class Overtaken(Exception):
    """Another training has added a generation since the lineage was read: read it again and align anew."""


@dataclass(frozen=True, slots=True)
class LineageStore:
    """The lineages of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def find(self, loop: str, clustering: str) -> Generation | None:
        """The generation of this clustering, None if it is in no lineage yet."""
        wanted = _generations(loop).where(generations.c.clustering == clustering)
        with self.engine.connect() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else generation_of(row)

    def generations(self, loop: str, until: datetime | None = None) -> tuple[Generation, ...]:
        """The generations a registered model was made of, oldest first; with `until`, those made at or before it."""
        wanted = _generations(loop).where(_registered())
        if until is not None:
            wanted = wanted.where(generations.c.at <= until)
        with self.engine.connect() as connection:
            return tuple(generation_of(row) for row in connection.execute(wanted))

    def keys(self, loop: str, number: int) -> tuple[str, ...]:
        """The permanent keys of a generation's topics, by topic."""
        wanted = select(generation_topics.c.key).order_by(generation_topics.c.topic)
        with self.engine.connect() as connection:
            own = wanted.where(generation_topics.c.loop == loop, generation_topics.c.generation == number)
            return tuple(connection.execute(own).scalars())

    def of_version(self, loop: str, model: str, version: int) -> int | None:
        """The generation that a registered version was made of, None where it is in no lineage."""
        table = generation_versions.c
        wanted = select(table.generation).where(table.loop == spelled(loop), table.model == spelled(model))
        with self.engine.connect() as connection:
            return connection.execute(wanted.where(table.version == version)).scalar()

    def past(self, loop: str) -> tuple[Past, ...]:
        """The generations a new one is aligned with, the one registered last at the end.

        Those no model is registered of come first: a training that was refused or is under way has given keys too,
        and nobody else may get other keys for the same topics.
        """
        with self.engine.connect() as connection:
            rows = connection.execute(_generations(loop)).all()
            topics: dict[int, list[Row[Any]]] = {row.number: [] for row in rows}
            own = select(generation_topics).where(generation_topics.c.loop == loop)
            for topic in connection.execute(own.order_by(generation_topics.c.topic)):
                topics[topic.generation].append(topic)
        return tuple(
            past_of(row, topics[row.number]) for row in sorted(rows, key=lambda row: (row.latest or 0, row.number))
        )

    def anchors(self, loop: str) -> tuple[tuple[str, str], ...]:
        """The anchor documents in their order: (digest, text)."""
        wanted = select(anchors.c.text_digest, anchors.c.text).where(anchors.c.loop == loop).order_by(anchors.c.number)
        with self.engine.connect() as connection:
            return tuple((row.text_digest, row.text) for row in connection.execute(wanted))

    def add(self, new: NewGeneration) -> None:
        """Keep a generation: all of it, or nothing.

        Raises:
            Overtaken: its number, its clustering or its anchors are no longer the next ones.
            BadInput: a key was not minted for this loop.
        """
        generation, profile = new.past.generation, new.past.profile
        loop, number = generation.loop, generation.number
        try:
            with writing(self.engine) as connection:
                _check_next(connection, new)
                _check_minted(connection, loop, profile.keys, self.engine)
                connection.execute(insert(generations), generation_row(new.past))
                _insert(connection, generation_topics, topic_rows(new))
                _insert(connection, lineage, [event_row(loop, event) for event in new.events])
                first = len(profile.anchors) - len(new.anchors)
                added = [
                    {"loop": loop, "number": first + at, "generation": number, "text_digest": digest, "text": text}
                    for at, (digest, text) in enumerate(new.anchors)
                ]
                _insert(connection, anchors, added)
                if new.predecessor is not None:
                    _answer_anchors(connection, new.predecessor)
        except IntegrityError as error:
            raise Overtaken from error

    def register(self, loop: str, clustering: str, model: str, version: int) -> None:
        """Say that a registered version was made of a clustering; once said, it stays."""
        number = select(generations.c.number).where(generations.c.loop == loop, generations.c.clustering == clustering)
        with writing(self.engine) as connection:
            row = {"loop": loop, "model": model, "version": version}
            row |= {"generation": connection.execute(number).scalar_one()}
            connection.execute(insert_new(self.engine, generation_versions), [row])

    def events(self, loop: str, key: str | None = None, until: datetime | None = None) -> tuple[LineageEvent, ...]:
        """What registered generations did to the topics of a loop, or to one of them: oldest first, largest first.

        To one topic belongs what names it as the other one: what was split off it, and what was merged into it.
        """
        wanted = _events(loop).where(_registered())
        if key is not None:
            with_it = (lineage.c.other == spelled(key)) & lineage.c.kind.in_(("split", "merged"))
            wanted = wanted.where((lineage.c.key == spelled(key)) | with_it)
        if until is not None:
            wanted = wanted.where(generations.c.at <= until)
        with self.engine.connect() as connection:
            return tuple(event_of(row) for row in connection.execute(wanted))

    def events_of(self, loop: str, number: int) -> tuple[LineageEvent, ...]:
        """What one generation did, registered or not, largest topic first."""
        with self.engine.connect() as connection:
            found = connection.execute(_events(loop).where(lineage.c.generation == number))
            return tuple(event_of(row) for row in found)


def _events(loop: str) -> Any:
    return (
        select(lineage, generations.c.at)
        .join(generations, (generations.c.loop == lineage.c.loop) & (generations.c.number == lineage.c.generation))
        .where(lineage.c.loop == spelled(loop))
        .order_by(lineage.c.generation, lineage.c.documents.desc(), lineage.c.key)
    )


def _versions() -> Any:
    table = generation_versions.c
    return (table.loop == generations.c.loop) & (table.generation == generations.c.number)


def _registered() -> Any:
    return select(generation_versions.c.version).where(_versions()).exists()


def _generations(loop: str) -> Any:
    """A query for the generations of a loop in their order, with the number of topics, first and latest version."""
    own = (generation_topics.c.loop == generations.c.loop) & (generation_topics.c.generation == generations.c.number)
    version = generation_versions.c.version
    counted = {
        "topics": select(func.count()).select_from(generation_topics).where(own),
        "version": select(func.min(version)).where(_versions()),
        "latest": select(func.max(version)).where(_versions()),
    }
    columns = (query.scalar_subquery().label(name) for name, query in counted.items())
    return select(generations, *columns).where(generations.c.loop == spelled(loop)).order_by(generations.c.number)


def _last_number(connection: Connection, loop: str) -> int:
    wanted = select(func.max(generations.c.number)).where(generations.c.loop == loop)
    return int(connection.execute(wanted).scalar() or 0)


def _check_next(connection: Connection, new: NewGeneration) -> None:
    generation = new.past.generation
    known = select(func.count()).select_from(anchors).where(anchors.c.loop == generation.loop)
    there = connection.execute(known).scalar_one() + len(new.anchors)
    if _last_number(connection, generation.loop) + 1 != generation.number or there != len(new.past.profile.anchors):
        raise Overtaken


def _check_minted(connection: Connection, loop: str, keys: Sequence[str], engine: Engine) -> None:
    found: set[str] = set()
    for chunk in chunks(keys):
        wanted = select(topic_keys.c.key).where(topic_keys.c.loop == loop, topic_keys.c.key.in_(chunk))
        found.update(connection.execute(wanted).scalars())
    unknown = sorted(set(keys) - found)
    if unknown or len(set(keys)) != len(keys):
        raise BadInput(
            f"Keys {', '.join(unknown or keys)} were not minted for {loop} in {shown(engine)}, or are there twice: "
            "mint keys, never invent them."
        )


def _insert(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    for chunk in chunks(rows, 500):
        connection.execute(insert(table), chunk)


def _answer_anchors(connection: Connection, past: Past) -> None:
    own = (generations.c.loop == past.generation.loop) & (generations.c.number == past.generation.number)
    connection.execute(update(generations).where(own).values(anchors=past.profile.anchors.astype(TOPICS).tobytes()))
