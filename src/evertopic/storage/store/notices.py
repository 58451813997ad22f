"""Notices at rest: what people were told, and what they were not told because they knew already."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, insert, or_, select, update

from evertopic.records import Notice, NoticeLine, NoticeOutcome
from evertopic.storage.store.engine import writing
from evertopic.storage.store.loop_tables import notices as table
from evertopic.storage.store.rows import spelled

SENDING = timedelta(minutes=5)
"""After which a notice still on its way is taken for lost, with the process that sent it."""
TOLD = ("delivered", "no receiver")


@dataclass(frozen=True, slots=True)
class NoticeStore:
    """The notices of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def claim(self, id: str, notice: Notice, body: str, *, at: datetime, cool_down: timedelta) -> bool:  # noqa: A002
        """True when the caller is to send it: of any number that ask at once, one. The others are `suppressed`.

        A notice that failed, or whose sender died on the way, does not stop the next one.

        Args:
            id: of the new line.
            notice: what is to be told.
            body: as it will be delivered.
            at: now, with a zone.
            cool_down: for so long the same event of the same subject is not told again; also after a clock that was
                set back.
        """
        with writing(self.engine) as connection:
            self._queue_up(connection, notice)
            free = connection.execute(_told(notice, at, cool_down)).first() is None
            connection.execute(insert(table).values(_row(id, notice, body, at, "sending" if free else "suppressed")))
        return free

    def put(self, id: str, notice: Notice, body: str, *, at: datetime, outcome: NoticeOutcome) -> None:  # noqa: A002
        """Keep a notice of which nobody is told."""
        with writing(self.engine) as connection:
            connection.execute(insert(table).values(_row(id, notice, body, at, outcome)))

    def close(self, id: str, outcome: NoticeOutcome) -> None:  # noqa: A002
        """Write down what came of the claimed one."""
        with writing(self.engine) as connection:
            connection.execute(update(table).where(table.c.id == id).values(outcome=outcome))

    def list(self, loop: str | None = None, *, limit: int = 100) -> tuple[NoticeLine, ...]:
        """The notices of a loop, of all without one, newest first."""
        wanted = select(table).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
        wanted = wanted if loop is None else wanted.where(table.c.loop == loop)
        with self.engine.connect() as connection:
            return tuple(NoticeLine(**row) for row in connection.execute(wanted).mappings())

    def _queue_up(self, connection: Connection, notice: Notice) -> None:
        """SQLite lets one writer in at a time; PostgreSQL is asked to, for this loop, event and subject."""
        if self.engine.dialect.name == "postgresql":
            name = "\x1f".join(["notice", notice.loop, notice.event, spelled(notice.subject)])
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _told(notice: Notice, at: datetime, cool_down: timedelta) -> Any:
    """The lines that make another one needless."""
    same = and_(table.c.loop == notice.loop, table.c.event == notice.event, table.c.subject == spelled(notice.subject))
    arrived = and_(table.c.outcome.in_(TOLD), table.c.at > at - cool_down, table.c.at < at + cool_down)
    lately = min(cool_down, SENDING)
    on_its_way = and_(table.c.outcome == "sending", table.c.at > at - lately, table.c.at < at + lately)
    return select(table.c.id).where(same, or_(arrived, on_its_way)).limit(1)


def _row(id: str, notice: Notice, body: str, at: datetime, outcome: NoticeOutcome) -> dict[str, Any]:  # noqa: A002
    return {
        "id": id,
        "loop": notice.loop,
        "event": notice.event,
        "subject": spelled(notice.subject),
        "at": at,
        "severity": notice.severity,
        "title": spelled(notice.title),
        "body": spelled(body),
        "outcome": outcome,
    }
