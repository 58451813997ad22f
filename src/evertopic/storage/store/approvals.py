"""Approvals: what people are asked before a release, and what they said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select, update

from evertopic.errors import BadInput
from evertopic.records import Approval
from evertopic.storage.store.engine import insert_new, writing
from evertopic.storage.store.loop_tables import approvals as table

FIELDS = Approval.__slots__


@dataclass(frozen=True, slots=True)
class ApprovalStore:
    """The approvals of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def ask(self, loop: str, version: int, *, asked_at: datetime, until: datetime, run: str | None) -> Approval:
        """The question, open; one about this version that nobody has answered is asked again by this run.

        An answer that was given stands: a second run of the same release needs no second answer.
        """
        nothing = {"decided_at": None, "by": None, "approved": None, "comment": None}
        asked = {"asked_at": asked_at, "until": until, "run": run}
        own = (table.c.loop == loop) & (table.c.version == version)
        with writing(self.engine) as connection:
            row = {"loop": loop, "version": version, **asked, **nothing}
            if not connection.execute(insert_new(self.engine, table), row).rowcount:
                connection.execute(update(table).where(own, table.c.approved.is_(None)).values(asked))
        found = self.get(loop, version)
        if found is None:
            raise BadInput(f"The question about {loop} {version} is gone: somebody deleted it. Ask again.")
        return found

    def decide(
        self, loop: str, version: int, *, approved: bool, by: str, comment: str | None, at: datetime
    ) -> Approval:
        """The question with its answer.

        Raises:
            BadInput: nobody asked, it was answered before, or it is too late.
        """
        own = (table.c.loop == loop) & (table.c.version == version)
        answer = {"approved": approved, "by": by, "comment": comment, "decided_at": at}
        given = update(table).where(own, table.c.approved.is_(None), table.c.until > at).values(answer)
        with writing(self.engine) as connection:
            count = connection.execute(given).rowcount
        found = self.get(loop, version)
        if found is None:
            raise BadInput(f"Nobody asked whether version {version} of {loop} may be released.")
        if not count:
            raise BadInput(_refused(found))
        return found

    def get(self, loop: str, version: int) -> Approval | None:
        """The question about this version, None where nobody asked."""
        with self.engine.connect() as connection:
            row = connection.execute(select(table).where(table.c.loop == loop, table.c.version == version)).first()
        return None if row is None else Approval(**row._mapping)

    def open(self, loop: str, at: datetime) -> tuple[Approval, ...]:
        """The questions that wait for an answer at this moment, newest first."""
        wanted = select(table).where(table.c.loop == loop, table.c.approved.is_(None), table.c.until > at)
        with self.engine.connect() as connection:
            return tuple(
                Approval(**row._mapping) for row in connection.execute(wanted.order_by(table.c.version.desc()))
            )


def _refused(found: Approval) -> str:
    what = f"Version {found.version} of {found.loop}"
    if found.approved is None:
        return f"{what} could be approved until {found.until:%Y-%m-%d %H:%M} UTC: ask again with `evertopic promote`."
    word = "approved" if found.approved else "refused"
    return f"{what} was {word} by {found.by} before; an answer stands."
