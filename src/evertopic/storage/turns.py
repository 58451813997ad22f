"""Turns: what only one process on this machine may do at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turn(path: Path, patience_s: float) -> Iterator[None]:
    """While it lasts no other process has the turn at `path`; its folder is made.

    An SQLite file as a lock: it works on every platform and is freed when its process is killed.

    Raises:
        sqlite3.OperationalError: others had it for `patience_s` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    holder = sqlite3.connect(path, timeout=patience_s, isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        holder.close()
