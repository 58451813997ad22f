"""Programs that are started again when they end by themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from evertopic.errors import EvertopicError

LONGEST_WAIT_S = 60.0
STEADY_S = 120.0
"""A program that ran this long was well: the next time it ends, it is started again at once."""
STOP_S = 20.0


class Running(Protocol):
    """A program that was started."""

    @property
    def name(self) -> str:
        """As people know it."""

    def running(self) -> bool:
        """True until it has ended."""

    def ended(self) -> EvertopicError:
        """The fault that says that it ended, with its last words."""

    def stop(self, patience_s: float) -> None:
        """Ends it and all that it started."""


@dataclass(slots=True)
class Kept:
    """One program and how to start it anew. Restarts of one that keeps ending lie 1, 2, 4 ... 60 seconds apart."""

    start: Callable[[], Running]
    service: Running
    since: float
    """When it was started, in seconds of the caller's clock."""
    quick_ends: int = 0
    due: float | None = None
    """When it is to be started again; None: it runs."""

    def look(self, now: float, say: Callable[[str], None]) -> bool:
        """True when it was started again; told to people once for each end."""
        if self.due is None:
            if self.service.running():
                return False
            self.quick_ends = 0 if now - self.since >= STEADY_S else self.quick_ends + 1
            wait = min(LONGEST_WAIT_S, 2.0 ** max(0, self.quick_ends - 1))
            self.due = now + wait
            say(f"{self.service.ended()}\nIt is started again in {wait:.0f} s.")
        if now < self.due:
            return False
        self.service.stop(STOP_S)  # what it had started is in the way of its successor
        self.service, self.since, self.due = self.start(), now, None
        return True

    def stop(self) -> None:
        """Ends it for good."""
        self.service.stop(STOP_S)


def stop_all(kept: Sequence[Kept], say: Callable[[str], None], after: Callable[[str], None]) -> None:
    """Stops the last first: a worker must still reach the server to report. `after` is called with each name."""
    for one in reversed(kept):
        say(f"Stopping {one.service.name}")
        one.stop()
        after(one.service.name)
