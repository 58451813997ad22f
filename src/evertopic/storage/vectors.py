"""Unit vectors by text digest, one LanceDB table per encoder: a text is encoded once in its life."""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evertopic.digests import digest_of
from evertopic.errors import BadInput, Unavailable
from evertopic.records import Floats
from evertopic.storage.turns import turn

KEYS_PER_QUERY = 5_000
"""More keys than this are not asked for by name: reading the whole table is faster (measured at 50,000 rows)."""
ATTEMPTS = 5
TURN_SECONDS = 60.0
UNIT_TOLERANCE = 1e-3
PRIMARY_KEY = {"lance-schema:unenforced-primary-key": "true"}
"""Without this mark two writers that add the same key at the same time both succeed, and the row is there twice."""

logger = logging.getLogger(__name__)


class VectorStore:
    """Vectors at rest below `url`: a folder, or an object-store URL that LanceDB speaks.

    Raises:
        Unavailable: (any method) the folder or bucket cannot be read or written.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def count(self, fingerprint: str) -> int:
        """How many texts this encoder has vectors for; 0 for an unknown encoder."""
        table = self._table(fingerprint)
        return 0 if table is None else int(table.count_rows())

    def lookup(self, fingerprint: str, keys: Sequence[str]) -> tuple[NDArray[np.bool_], Floats]:
        """Which of the n keys have a vector, bool (n,), and the vectors of those, float32 (m, d), in their order.

        A key that is asked for twice is answered twice. Nothing found: (0, d), with d = 0 for an unknown encoder.
        """
        table = self._table(fingerprint)
        if table is None:
            return np.zeros(len(keys), dtype=np.bool_), np.zeros((0, 0), dtype=np.float32)
        width = _width(table)
        rows_of: dict[str, list[int]] = {}
        for row, key in enumerate(keys):
            rows_of.setdefault(key, []).append(row)
        found = np.zeros(len(keys), dtype=np.bool_)
        vectors = np.empty((len(keys), width), dtype=np.float32)
        for batch in _batches(table, list(rows_of)):
            _fill(batch, rows_of, found, vectors)
        return found, vectors if found.all() else vectors[found]

    def add(self, fingerprint: str, keys: Sequence[str], vectors: Floats) -> None:
        """Store unit vectors, float32 (n, d), under n keys; keys that are there already are left as they are.

        Raises:
            BadInput: numbers of keys and rows differ, a key is empty, a row is not finite or not of length 1, or d is
                not the width this encoder has had so far.
        """
        _check(keys, vectors)
        if not keys:
            return
        table = self._table(fingerprint)
        if table is None:
            table = self._create(fingerprint, vectors.shape[1])
        if _width(table) != vectors.shape[1]:
            raise BadInput(
                f"Encoder {fingerprint} has vectors of width {_width(table)} in {self.url}, these have "
                f"{vectors.shape[1]}: give a different encoder a different fingerprint."
            )
        rows = _rows(keys, vectors, table.schema)
        merge = table.merge_insert("key").when_not_matched_insert_all()
        self._reach(lambda: merge.execute(rows), attempts=ATTEMPTS)

    def compact(self, fingerprint: str) -> None:
        """Merge the pieces that many small `add`s leave behind and index the keys; worth it after a long encode."""
        from lancedb.index import BTree

        table = self._table(fingerprint)
        if table is None:
            return
        self._reach(table.optimize, attempts=ATTEMPTS)
        if not table.list_indices():
            self._reach(lambda: table.create_index("key", config=BTree()), attempts=ATTEMPTS)

    def _table(self, fingerprint: str) -> Any:
        import lancedb

        try:
            return self._reach(lambda: lancedb.connect(self.url).open_table(_table_name(fingerprint)))
        except ValueError as error:
            if "was not found" not in str(error):
                raise
            return None

    def _create(self, fingerprint: str, width: int) -> Any:
        import lancedb
        import pyarrow as pa

        vector = pa.field("vector", pa.list_(pa.float32(), width), nullable=False)
        schema = pa.schema([pa.field("key", pa.string(), nullable=False, metadata=PRIMARY_KEY), vector])
        database = lancedb.connect(self.url)
        # Of two processes that create at once, the second would write an empty table over the rows of the first.
        with turn(Path(self.url) / ".lock", TURN_SECONDS) if "://" not in self.url else nullcontext():
            there = self._table(fingerprint)
            if there is not None:
                return there
            return self._reach(lambda: database.create_table(_table_name(fingerprint), schema=schema, exist_ok=True))

    def _reach(self, action: Callable[[], Any], attempts: int = 1) -> Any:
        for attempt in range(1, attempts + 1):
            try:
                return action()
            except (OSError, RuntimeError) as error:
                if attempt < attempts and "conflict" in str(error).lower():
                    logger.info("Another process wrote vectors at the same moment, attempt %d: %s", attempt, error)
                    continue
                raise Unavailable(
                    f"Vectors at {self.url} could not be read or written: {error}. Check that the place is there, "
                    "writable and not full, and run again; what was stored stays."
                ) from error
        raise AssertionError("unreachable: the last attempt returns or raises")


def _table_name(fingerprint: str) -> str:
    """A name that LanceDB accepts, whatever the fingerprint holds; the readable part is for people only."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", fingerprint)[:40].strip("-")
    return f"{readable or 'encoder'}-{digest_of(fingerprint)[:12]}"


def _width(table: Any) -> int:
    return int(table.schema.field("vector").type.list_size)


def _batches(table: Any, keys: list[str]) -> Iterator[Any]:
    if len(keys) > KEYS_PER_QUERY:
        yield from table.search().select(["key", "vector"]).to_batches()
    elif keys:
        names = ",".join("'" + key.replace("'", "''") + "'" for key in keys)
        yield from table.search().where(f"key IN ({names})").select(["key", "vector"]).to_batches()


def _fill(batch: Any, rows_of: dict[str, list[int]], found: NDArray[np.bool_], vectors: Floats) -> None:
    rows, sources = [], []
    for source, key in enumerate(batch.column("key").to_pylist()):
        for row in rows_of.get(key, ()):
            rows.append(row)
            sources.append(source)
    content = batch.column("vector").flatten().to_numpy().reshape(batch.num_rows, -1)
    vectors[rows] = content[sources]
    found[rows] = True


def _rows(keys: Sequence[str], vectors: Floats, schema: Any) -> Any:
    import pyarrow as pa

    _, first = np.unique(np.asarray(keys, dtype=object), return_index=True)
    flat = pa.array(np.ascontiguousarray(vectors[first], dtype=np.float32).ravel())
    names = pa.array([keys[row] for row in first], type=pa.string())
    return pa.table([names, pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])], schema=schema)


def _check(keys: Sequence[str], vectors: Floats) -> None:
    if vectors.ndim != 2 or len(keys) != len(vectors) or vectors.dtype != np.float32:
        raise BadInput(
            f"{len(keys)} keys came with an array {vectors.dtype} {vectors.shape}: give float32 (keys, width)."
        )
    if not all(keys):
        raise BadInput("A key is empty: name every vector by the digest of its text.")
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    wrong = np.flatnonzero(~(np.abs(lengths - 1.0) <= UNIT_TOLERANCE))
    if wrong.size:
        raise BadInput(
            f"{wrong.size} of {len(keys)} vectors are not finite or not of length 1 (the first, row {wrong[0]}, has "
            f"length {lengths[wrong[0]]:.4g}): normalise them before they are stored."
        )
