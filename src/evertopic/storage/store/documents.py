"""Documents at rest: what was accepted, in which batch, and what was refused and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Engine, Select, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from evertopic.errors import BadInput, Unavailable
from evertopic.records import BatchFacts
from evertopic.storage.store.batches import Batch, accepted_only, add_facts, add_rejected
from evertopic.storage.store.engine import ROWS_PER_STATEMENT, chunks, shown, writing
from evertopic.storage.store.rows import READ, REJECTED, document_frame, document_rows, utc_times
from evertopic.storage.store.tables import batches, documents, quarantine


@dataclass(frozen=True, slots=True)
class DocumentStore:
    """The documents of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def known(self, loop: str, ids: Sequence[str]) -> dict[str, str]:
        """The text digest of each of these ids that is stored already."""
        found: dict[str, str] = {}
        wanted = select(documents.c.id, documents.c.text_digest).where(documents.c.loop == loop)
        with self.engine.connect() as connection:
            for chunk in chunks(ids):
                rows = connection.execute(wanted.where(documents.c.id.in_(chunk)))
                found.update((row.id, row.text_digest) for row in rows)
        return found

    def add_batch(
        self,
        loop: str,
        batch: str,
        *,
        at: datetime,
        source: str,
        facts: BatchFacts,
        accepted: pd.DataFrame,
        rejected: pd.DataFrame,
    ) -> None:
        """Store a batch, its new documents and its refused rows: everything or nothing.

        Args:
            loop: the loop it belongs to.
            batch: its name, new in this loop.
            at: when; it becomes `ingested_at` of the documents.
            source: the source in words.
            facts: the counts; `facts.new` must be the number of accepted rows.
            accepted: columns id, text, label, timestamp (UTC), metadata (mappings), origin.
            rejected: columns origin, id, reason, found, raw.

        Raises:
            BadInput: a column is missing, the counts disagree, or a text cannot be stored.
            Unavailable: another ingest stored this batch or one of these ids meanwhile; a second run will see it.
        """
        if facts.new != len(accepted):
            raise BadInput(f"Batch {batch} counts {facts.new} new documents and holds {len(accepted)}: count again.")
        try:
            with writing(self.engine) as connection:
                add_facts(connection, loop, batch, at=at, source=source, facts=facts, outcome="accepted")
                common = {"loop": loop, "batch": batch, "ingested_at": at}
                for chunk in chunks(document_rows(accepted)):
                    connection.execute(insert(documents), [row | common for row in chunk])
                add_rejected(connection, loop, batch, rejected)
        except IntegrityError as error:
            raise Unavailable(
                f"Batch {batch} of {loop} or one of its documents was stored in {shown(self.engine)} by another run "
                "meanwhile, or an id is there twice: run the ingest again, it takes only what is new."
            ) from error

    def fill_in(self, loop: str, known: pd.DataFrame) -> int:
        """How many stored documents got a label or a timestamp they lacked; what they have stays.

        A source that is read again under another column mapping knows more of the same texts. `known` has the columns
        id, label and timestamp (UTC).
        """
        facts = zip(known["id"], known["label"], utc_times(known["timestamp"]), strict=True)
        rows = [{"of": own, "says": None if pd.isna(label) else str(label), "when": time} for own, label, time in facts]
        lacking = (documents.c.label.is_(None) & bindparam("says", type_=documents.c.label.type).is_not(None)) | (
            documents.c.timestamp.is_(None) & bindparam("when", type_=documents.c.timestamp.type).is_not(None)
        )
        filled = (
            update(documents)
            .where(documents.c.loop == loop, documents.c.id == bindparam("of"), lacking)
            .values(
                label=func.coalesce(documents.c.label, bindparam("says", type_=documents.c.label.type)),
                timestamp=func.coalesce(documents.c.timestamp, bindparam("when", type_=documents.c.timestamp.type)),
            )
        )
        with writing(self.engine) as connection:
            return sum(
                connection.execute(filled, row).rowcount for row in rows if row["says"] is not None or row["when"]
            )

    def record_refused(
        self, loop: str, batch: str, *, at: datetime, source: str, facts: BatchFacts, rejected: pd.DataFrame
    ) -> None:
        """Store that a batch was refused and why; no document of it enters. A batch already there is left alone."""
        with writing(self.engine) as connection:
            there = select(batches.c.batch).where(batches.c.loop == loop, batches.c.batch == batch)
            if connection.execute(there).first() is None:
                add_facts(connection, loop, batch, at=at, source=source, facts=facts, outcome="refused")
                add_rejected(connection, loop, batch, rejected)

    def read_documents(
        self,
        loop: str,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
        came_after: datetime | None = None,
    ) -> pd.DataFrame:
        """The documents with `since` <= timestamp < `until`, as they were known at `as_of` (inclusive).

        With `came_after` only those that were ingested later than it. Ordered by timestamp (those without one first)
        and id. A bound of the timestamp leaves out documents without one.
        Columns: id, text, label, timestamp (datetime64[s]), metadata, origin, text_digest, batch, ingested_at.
        """
        parts = list(self.stream_documents(loop, since, until, as_of, came_after))
        return pd.concat(parts, ignore_index=True) if parts else document_frame([])

    def stream_documents(
        self,
        loop: str,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
        came_after: datetime | None = None,
        rows: int = ROWS_PER_STATEMENT,
    ) -> Iterator[pd.DataFrame]:
        """The same as `read_documents`, in tables of at most `rows` rows; none for no documents."""
        with (
            self.engine.connect().execution_options(yield_per=rows) as connection,
            connection.execute(_wanted(loop, since, until, as_of, came_after)) as found,
        ):
            for part in found.partitions():
                yield document_frame(part)

    def last_batch(self, loop: str, source_digest: str) -> Batch | None:
        """The latest accepted batch of a source with exactly this content, None if it never came in."""
        wanted = select(batches).where(batches.c.loop == loop, batches.c.source_digest == source_digest)
        with self.engine.connect() as connection:
            row = connection.execute(accepted_only(wanted).order_by(batches.c.at.desc()).limit(1)).first()
        return None if row is None else Batch(**row._mapping)

    def batch_sizes(self, loop: str) -> tuple[int, ...]:
        """Rows read by each accepted batch, oldest first: what a sudden jump in volume is measured against."""
        wanted = select(batches.c.read).where(batches.c.loop == loop).order_by(batches.c.at, batches.c.batch)
        with self.engine.connect() as connection:
            return tuple(connection.execute(accepted_only(wanted)).scalars())

    def count_since(self, loop: str, since: datetime) -> int:
        """How many documents came in after this time."""
        wanted = select(func.count()).where(documents.c.loop == loop, documents.c.ingested_at > since)
        with self.engine.connect() as connection:
            return int(connection.execute(wanted).scalar_one())

    def watermark(self, loop: str) -> datetime | None:
        """The latest timestamp any accepted batch has seen, None without timestamps."""
        wanted = select(func.max(batches.c.watermark)).where(batches.c.loop == loop)
        with self.engine.connect() as connection:
            return connection.execute(accepted_only(wanted)).scalar()

    def quarantined(self, loop: str, batch: str) -> pd.DataFrame:
        """The refused rows of a batch in the order they came: origin, id, reason, found, raw."""
        wanted = select(*(quarantine.c[name] for name in REJECTED)).order_by(quarantine.c.number)
        with self.engine.connect() as connection:
            rows = connection.execute(wanted.where(quarantine.c.loop == loop, quarantine.c.batch == batch)).all()
        return pd.DataFrame([tuple(row) for row in rows], columns=list(REJECTED), dtype="str")


def _wanted(
    loop: str,
    since: datetime | None,
    until: datetime | None,
    as_of: datetime | None,
    came_after: datetime | None,
) -> Select[Any]:
    wanted = select(*(documents.c[name] for name in READ)).where(documents.c.loop == loop)
    if since is not None:
        wanted = wanted.where(documents.c.timestamp >= since)
    if until is not None:
        wanted = wanted.where(documents.c.timestamp < until)
    if as_of is not None:
        wanted = wanted.where(documents.c.ingested_at <= as_of)
    if came_after is not None:
        wanted = wanted.where(documents.c.ingested_at > came_after)
    return wanted.order_by(documents.c.timestamp.nulls_first(), documents.c.id)
