"""The release ledger: which version took whose place, when, by whom and why. Lines are added, never changed."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text, update
from sqlalchemy import select as look

from evertopic.digests import digest_of
from evertopic.errors import Unavailable
from evertopic.records import Release
from evertopic.storage.store.engine import insert_new, shown, writing
from evertopic.storage.store.loop_tables import releases as table
from evertopic.storage.turns import turn

PATIENCE_S = 60.0
FIELDS = Release.__slots__


@dataclass(frozen=True, slots=True)
class ReleaseStore:
    """The releases of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def add(self, release: Release) -> bool:
        """True when the line is new; one that is there already is left as it is."""
        row = {name: getattr(release, name) for name in FIELDS}
        with writing(self.engine) as connection:
            return bool(connection.execute(insert_new(self.engine, table), row).rowcount)

    def list(self, loop: str, *, limit: int = 1_000) -> tuple[Release, ...]:
        """The lines of a loop, newest first."""
        wanted = look(table).where(table.c.loop == loop).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
        with self.engine.connect() as connection:
            return tuple(Release(**row._mapping) for row in connection.execute(wanted))

    def serving_at(self, loop: str, at: datetime) -> Release | None:
        """The line that was in force at this moment; None: nothing was released yet."""
        wanted = look(table).where(table.c.loop == loop, table.c.at <= at)
        newest = wanted.order_by(table.c.at.desc(), table.c.id.desc()).limit(1)
        with self.engine.connect() as connection:
            row = connection.execute(newest).first()
        return None if row is None else Release(**row._mapping)

    def verified(self, id: str, said: str) -> None:  # noqa: A002
        """Write what asking the canary set has shown beside a line; the last word stands."""
        with writing(self.engine) as connection:
            connection.execute(update(table).where(table.c.id == id).values(verified=said))

    @contextmanager
    def turn(self, loop: str, *, patience_s: float = PATIENCE_S) -> Iterator[None]:
        """While it lasts nobody else moves the champion of this loop; freed when its process dies.

        Raises:
            Unavailable: another release or rollback goes on for longer than `patience_s` seconds.
        """
        if self.engine.dialect.name == "postgresql":
            with self._on_server(loop, patience_s):
                yield
            return
        path = Path(f"{self.engine.url.database}.{digest_of('release', loop)[:12]}.lock")
        try:
            with turn(path, patience_s):
                yield
        except sqlite3.OperationalError as error:
            raise Unavailable(_busy(loop, shown(self.engine), str(error))) from error

    @contextmanager
    def _on_server(self, loop: str, patience_s: float) -> Iterator[None]:
        number = int(digest_of("release", loop)[:15], 16)
        with self.engine.connect() as connection, connection.begin():
            connection.execute(text(f"SET LOCAL lock_timeout = {int(patience_s * 1000)}"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
            yield


def _busy(loop: str, where: str, reason: str) -> str:
    return f"Another release or rollback of {loop} goes on ({where}: {reason}): look at `evertopic releases {loop}`."
