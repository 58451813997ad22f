"""Batches at rest: each ingest, what it read, and the rows it refused: a part of `documents`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, insert

from evertopic.records import BatchFacts
from evertopic.storage.store.engine import chunks
from evertopic.storage.store.rows import rejected_rows
from evertopic.storage.store.tables import batches, quarantine


@dataclass(frozen=True, slots=True)
class Batch:
    """One ingest: what was read from where, and what became of it. Times are UTC."""

    loop: str
    batch: str
    at: datetime
    source: str
    """The source in words, for instance its path."""
    source_digest: str
    read: int
    new: int
    known: int
    quarantined: int
    watermark: datetime | None
    outcome: str
    """`accepted`, or `refused`: nothing of it was stored but the reasons."""


def accepted_only(wanted: Select[Any]) -> Select[Any]:
    """The same question, of batches that were not refused."""
    return wanted.where(batches.c.outcome == "accepted")


def add_facts(
    connection: Connection, loop: str, batch: str, *, at: datetime, source: str, facts: BatchFacts, outcome: str
) -> None:
    """Adds what one ingest read, and what became of it."""
    row = Batch(
        loop=loop,
        batch=batch,
        at=at,
        source=source,
        source_digest=facts.source_digest,
        read=facts.read,
        new=facts.new,
        known=facts.known,
        quarantined=sum(reason.rows for reason in facts.quarantined),
        watermark=facts.watermark,
        outcome=outcome,
    )
    connection.execute(insert(batches).values({name: getattr(row, name) for name in Batch.__slots__}))


def add_rejected(connection: Connection, loop: str, batch: str, rejected: pd.DataFrame) -> None:
    """Adds the refused rows of a batch, each with its reason."""
    for chunk in chunks(rejected_rows(rejected)):
        connection.execute(insert(quarantine), [row | {"loop": loop, "batch": batch} for row in chunk])
