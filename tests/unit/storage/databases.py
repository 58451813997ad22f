"""A database that fails when a test wants it to, and waiting for what it gets."""

from collections.abc import Callable, Sequence
from threading import Event

from evertopic.errors import BadInput
from evertopic.records import LoggedPrediction

PATIENCE_S = 20.0


class Database:
    """A store that fails when a test wants it to."""

    def __init__(self) -> None:
        self.rows: dict[str, LoggedPrediction] = {}
        self.fault: Exception | None = None
        self.refused: set[str] = set()
        self.calls = 0
        self.gate = Event()
        self.gate.set()

    def add(self, rows: Sequence[LoggedPrediction], /) -> int:
        """Store, once each."""
        self.calls += 1
        assert self.gate.wait(PATIENCE_S)
        if self.fault is not None:
            raise self.fault
        if self.refused & {row.id for row in rows}:
            raise BadInput("it holds what the database cannot")
        new = {row.id: row for row in rows if row.id not in self.rows}
        self.rows |= new
        return len(new)


def eventually(true: Callable[[], bool]) -> None:
    """Wait until it is so."""
    pause, waited = Event(), 0.0
    while not true():
        assert waited < PATIENCE_S
        pause.wait(0.01)
        waited += 0.01


def ids(rows: Sequence[LoggedPrediction]) -> set[str]:
    return {row.id for row in rows}
