"""What a loop was given lately: texts that came from its source and texts that were asked about."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from heapq import nlargest
from typing import TYPE_CHECKING

from evertopic.prediction.canary import FIXED
from evertopic.records import ModelVersion
from evertopic.storage.lake import Lake
from evertopic.storage.store import Store

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

LEAST = 30
"""Texts below which what came since the last release says nothing."""
FEEDBACK_AT_MOST = 5_000
"""Newest answers that are looked through for corrections."""

Dated = tuple[datetime, str]


def released_at(store: Store, registry: "Registry", loop: str, champion: ModelVersion) -> datetime:
    """When the champion took its place; where the ledger does not know, when it was made."""
    own = (champion.name, champion.version)
    line = next((line for line in store.releases.list(loop) if (line.model, line.version) == own), None)
    return line.at if line is not None else registry.registered_at(champion)


def recent_texts(store: Store, loop: str, since: datetime | None, most: int) -> tuple[str, ...]:
    """The newest distinct texts that came in or were asked about later than this, newest first, `most` at most.

    Where fewer than LEAST came since then, the newest ones altogether.
    """
    found = _newest(store, loop, since, most)
    return found if since is None or len(found) >= LEAST else _newest(store, loop, None, most)


def window_texts(lake: Lake, key: str, most: int) -> tuple[str, ...]:
    """The texts of a window that is at rest in the lake, the last ones first."""
    frame = lake.read_frame(f"{key}/documents.parquet", ["text"])
    return _distinct(reversed([str(text) for text in frame["text"]]), most)


def corrections(store: Store, loop: str) -> tuple[tuple[str, str], ...]:
    """(text, key that people said is right) of answers that were called wrong; the last word on each text."""
    found: dict[str, str] = {}
    cursor, seen = None, 0
    while seen < FEEDBACK_AT_MOST:
        rows, cursor = store.predictions.page(loop, after=cursor, limit=1_000)
        said = store.feedback.of(loop, [row.id for row in rows])
        for row in rows:
            last = said.get(row.id, ())[-1:]
            if row.text is not None and last and last[0].verdict == "wrong" and last[0].key is not None:
                found.setdefault(row.text, last[0].key)
        seen += len(rows)
        if cursor is None:
            break
    return tuple(found.items())


def _newest(store: Store, loop: str, since: datetime | None, most: int) -> tuple[str, ...]:
    both = nlargest(most, _dated(store, loop, since, most), key=lambda one: one[0])
    return _distinct((text for _, text in both if text not in FIXED), most)


def _dated(store: Store, loop: str, since: datetime | None, most: int) -> Iterator[Dated]:
    for part in store.documents.stream_documents(loop):
        for text, came, at in zip(part["text"], part["ingested_at"], part["timestamp"], strict=True):
            entered = _utc(came)
            if since is None or entered > since:
                # By its own time, where it has one: a whole archive may have come in one batch.
                yield (min(_utc(at), entered) if at == at else entered), str(text)  # noqa: PLR0124 - NaT
    cursor, seen = None, 0
    while seen < most:
        rows, cursor = store.predictions.page(loop, since=since, after=cursor, limit=min(1_000, max(most, 1)))
        yield from ((row.at, row.text) for row in rows if row.text is not None)
        seen += len(rows)
        if cursor is None:
            return


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _distinct(texts: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))[:most]
