"""Slots: which process retrains a loop now. One slot a loop, freed by itself when its process or host is gone."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, select, update

from evertopic.storage.processes import is_running
from evertopic.storage.store.engine import insert_new, writing
from evertopic.storage.store.loop_tables import slots as table

SILENCE = timedelta(minutes=5)
"""After which a holder counts as lost, whoever it is."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Who holds the slot of a loop."""

    loop: str
    holder: str
    """Id of the Prefect run; without one, host and process."""
    host: str
    pid: int
    pid_started: float
    """As the system of that host counts; 0: it does not tell."""
    taken_at: datetime
    beats_at: datetime
    """When it last said that it is alive."""
    episode: str | None

    def lost(self, host: str, now: datetime) -> str | None:
        """Why the holder is lost, None while it is not.

        Args:
            host: the machine that looks, see `this_host`: it knows its own processes.
            now: the time.
        """
        if self.host == host and not is_running(self.pid, self.pid_started):
            return f"its process {self.pid} is gone"
        if now - self.beats_at > SILENCE:
            return f"it was last heard of {self.beats_at:%Y-%m-%d %H:%M:%S} UTC"
        return None


@dataclass(frozen=True, slots=True)
class SlotStore:
    """The slots of all loops. Any method raises `Unavailable` when the database does not answer."""

    engine: Engine

    def take(self, slot: Slot) -> Slot:
        """The slot as it is held now: `slot` itself when it was taken, another one while somebody else has it.

        Free is what nobody holds, what a lost one held, and what the same holder holds: a run that Prefect begins
        again is given what it had, unless its first process is still there on the same machine.
        """
        taking = update(table).where(table.c.loop == slot.loop).values(asdict(slot))
        while True:
            with writing(self.engine) as connection:
                if connection.execute(insert_new(self.engine, table), asdict(slot)).rowcount:
                    return slot
                held = _held(connection, slot.loop, slot.beats_at)
                if held is not None and not _free_for(slot, held):
                    return held
                if connection.execute(taking).rowcount:  # else it was released between the two looks
                    return slot

    def get(self, loop: str, now: datetime) -> Slot | None:
        """Who holds the slot, lost or not; None: it is free.

        A holder from the future (a clock was set back) is taken for one that is heard of now: if it is lost, it stays
        silent from now on.
        """
        with writing(self.engine) as connection:
            return _held(connection, loop, now)

    def live(self, loop: str, host: str, now: datetime) -> Slot | None:
        """Who holds the slot and is not lost; None: it can be taken."""
        held = self.get(loop, now)
        return None if held is None or held.lost(host, now) else held

    def beat(self, slot: Slot, now: datetime) -> bool:
        """True while the slot is still held by this process; it says that it is alive."""
        with writing(self.engine) as connection:
            return bool(connection.execute(_own(update(table), slot).values(beats_at=now)).rowcount)

    def release(self, slot: Slot) -> bool:
        """True when this process held the slot; it is free now."""
        with writing(self.engine) as connection:
            return bool(connection.execute(_own(delete(table), slot)).rowcount)


def _free_for(slot: Slot, held: Slot) -> bool:
    if held.lost(slot.host, slot.beats_at) is not None:
        return True
    same = (held.pid, held.pid_started) == (slot.pid, slot.pid_started)
    return held.holder == slot.holder and (held.host != slot.host or same)


def _own(statement: Any, slot: Slot) -> Any:
    """The statement for this very holder and process."""
    return statement.where(
        table.c.loop == slot.loop,
        table.c.holder == slot.holder,
        table.c.host == slot.host,
        table.c.pid == slot.pid,
        table.c.pid_started == slot.pid_started,
    )


def _held(connection: Connection, loop: str, now: datetime) -> Slot | None:
    row: Row[Any] | None = connection.execute(select(table).where(table.c.loop == loop).with_for_update()).first()
    if row is None:
        return None
    held = Slot(**row._mapping)
    if held.beats_at <= now + SILENCE:
        return held
    connection.execute(update(table).where(table.c.loop == loop).values(beats_at=now))
    return replace(held, beats_at=now)
