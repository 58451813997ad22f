"""Features of texts at rest, by text digest and by the version of their definition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Engine, Row, select

from evertopic.errors import BadInput
from evertopic.storage.store.engine import chunks, insert_new, writing
from evertopic.storage.store.rows import plain
from evertopic.storage.store.tables import documents, text_features


@dataclass(frozen=True, slots=True)
class FeatureStore:
    """Numbers about texts. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def missing(self, digests: Sequence[str], version: str) -> tuple[str, ...]:
        """Those of the digests that have no features in this version, each once, in their order."""
        found = {row.text_digest for row in self._rows(digests, version)}
        return tuple(digest for digest in dict.fromkeys(digests) if digest not in found)

    def put(self, frame: pd.DataFrame, version: str) -> None:
        """Store features: columns text_digest, language, and any numbers. What is there already is left alone.

        Raises:
            BadInput: text_digest or language is missing.
        """
        absent = [name for name in ("text_digest", "language") if name not in frame]
        if absent:
            raise BadInput(f"Features without {', '.join(absent)}: the columns are {list(frame)}.")
        numbers = frame.drop(columns=["text_digest", "language"]).to_dict("records")
        rows = {
            digest: {"text_digest": digest, "version": version, "language": plain(language), "numbers": plain(values)}
            for digest, language, values in zip(frame["text_digest"], frame["language"], numbers, strict=True)
        }
        with writing(self.engine) as connection:
            for chunk in chunks(rows.values()):
                connection.execute(insert_new(self.engine, text_features), chunk)

    def get(self, digest: str, version: str) -> dict[str, Any] | None:
        """Language and numbers of one text, None if they are not stored."""
        row = next(self._rows([digest], version), None)
        return None if row is None else {"language": row.language} | row.numbers

    def get_batch(self, digests: Sequence[str], version: str) -> pd.DataFrame:
        """The features of those digests that have them, each once, in their order: text_digest, language, numbers."""
        found = {row.text_digest: row for row in self._rows(digests, version)}
        return _frame([_record(found[digest]) for digest in dict.fromkeys(digests) if digest in found])

    def training_set(self, loop: str, as_of: datetime, version: str) -> pd.DataFrame:
        """The features of the documents that were stored at `as_of` (inclusive), as a retrain then would have seen.

        One row a document, ordered by timestamp (none first) and id: id, timestamp, label, text_digest, language,
        numbers. Documents without features in this version are left out.
        """
        joined = documents.join(text_features, documents.c.text_digest == text_features.c.text_digest)
        columns = (documents.c.id, documents.c.timestamp, documents.c.label, *text_features.c)
        wanted = select(*columns).select_from(joined).where(documents.c.loop == loop, documents.c.ingested_at <= as_of)
        wanted = wanted.where(text_features.c.version == version)
        with self.engine.connect() as connection:
            rows = connection.execute(wanted.order_by(documents.c.timestamp.nulls_first(), documents.c.id)).all()
        frame = _frame([{"id": row.id, "label": row.label} | _record(row) for row in rows])
        naive = [None if row.timestamp is None else row.timestamp.replace(tzinfo=None) for row in rows]
        frame.insert(1, "timestamp", pd.Series(naive, dtype="datetime64[s]"))
        return frame

    def _rows(self, digests: Sequence[str], version: str) -> Iterator[Row[Any]]:
        wanted = select(text_features).where(text_features.c.version == version)
        with self.engine.connect() as connection:
            for chunk in chunks(dict.fromkeys(digests)):
                yield from connection.execute(wanted.where(text_features.c.text_digest.in_(chunk)))


def _record(row: Row[Any]) -> dict[str, Any]:
    return {"text_digest": row.text_digest, "language": row.language, **row.numbers}


def _frame(records: list[dict[str, Any]]) -> pd.DataFrame:
    if not records:
        return pd.DataFrame({"text_digest": pd.Series(dtype="str"), "language": pd.Series(dtype="str")})
    return pd.DataFrame(records)
