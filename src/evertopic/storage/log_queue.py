"""What waits for the database: on this disk, and only while the disk fails, in memory."""

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock

from evertopic.storage.journal import Journal, Part
from evertopic.storage.segments import PART_LINES

ROW_BYTES = 8_192
"""Of memory, for each row that may wait there; longer rows take the place of several."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """What the database should take next: payloads, None for damaged ones."""

    payloads: tuple[bytes | None, ...]
    part: Part | None
    """Of the journal; None for what waits in memory."""

    @property
    def full(self) -> bool:
        """More may be waiting."""
        return self.part.full if self.part else len(self.payloads) == PART_LINES


class LogQueue:
    """Payloads in the journal, or up to `rows` of them in memory. Any thread puts, one takes."""

    def __init__(self, journal: Journal, rows: int) -> None:
        self.journal = journal
        self.lost = 0
        """Neither disk nor memory took them, or they vanished from the disk."""
        self.remembered = 0
        """Ever put into memory."""
        self.released = 0
        """Those of them that are out of it again."""
        self.disk_away: str | None = None
        self._rows = rows
        self._room = rows * ROW_BYTES
        self._memory: deque[bytes] = deque()
        self._disk_next = False
        self._lock = Lock()

    def put(self, payloads: Sequence[bytes]) -> None:
        """Keep these; what cannot be kept is counted as lost."""
        try:
            self.journal.append(payloads)
            self._disk_back()
        except OSError as error:
            self.disk_fails(error)
            self._remember(payloads)

    def take(self) -> Batch | None:
        """The next payloads; they stay until they are `done`.

        Memory comes first, it would die with the process; but after each of its batches comes one of the disk: else a
        disk that the journal itself has filled would stay full for as long as new payloads find their way into memory.

        Raises:
            OSError: the disk cannot be read; memory is next.
        """
        remembered = self._first()
        if self._disk_next or not remembered:
            self._disk_next = False
            part = self.journal.read()
            if part is not None:
                return Batch(part.payloads, part)
        return Batch(remembered, None) if remembered else None

    def done(self, batch: Batch) -> None:
        """Forget these payloads.

        Raises:
            OSError: the disk does not let go of them; they are forgotten all the same.
        """
        if batch.part is None:
            self._disk_next = True
            self._release(len(batch.payloads))
            return
        vanished = self.journal.done(batch.part)
        if vanished:
            self.lose(vanished)
            logger.error("%d predictions vanished from the journal with %s", vanished, batch.part.segment.path)

    def rescue(self) -> None:
        """Bring what waits in memory to the disk, as far as it takes it."""
        while remembered := self._first():
            try:
                self.journal.append(remembered)
            except OSError as error:
                self.disk_fails(error)
                return
            self._release(len(remembered))
            self._disk_back()

    def disk_fails(self, error: OSError) -> None:
        """Remember that the disk is away, until it takes something again."""
        if self.disk_away is None:
            logger.warning("The disk does not take the prediction log, it is kept in memory: %s", error)
        self.disk_away = str(error)

    def lose(self, payloads: int) -> None:
        """Count some as lost."""
        with self._lock:
            self.lost += payloads

    def in_memory(self) -> int:
        """Payloads that wait in memory."""
        return len(self._memory)

    def close(self) -> None:
        """Leave what waits for the next process; what only memory holds is lost.

        Raises:
            OSError: the disk does not let go.
        """
        self.rescue()
        with self._lock:
            self.lost += len(self._memory)
            self._rows = 0
            self._memory.clear()
        self.journal.close()

    def _first(self) -> tuple[bytes, ...]:
        with self._lock:
            return tuple(islice(self._memory, PART_LINES))

    def _remember(self, payloads: Sequence[bytes]) -> None:
        with self._lock:
            kept = 0
            for payload in payloads:
                if len(self._memory) >= self._rows or len(payload) > self._room:
                    break
                self._memory.append(payload)
                self._room -= len(payload)
                kept += 1
            self.remembered += kept
            if kept < len(payloads) and not self.lost:
                logger.error("The memory of the prediction log is full too: predictions are being lost, and counted")
            self.lost += len(payloads) - kept

    def _release(self, payloads: int) -> None:
        with self._lock:
            for _ in range(min(payloads, len(self._memory))):
                self._room += len(self._memory.popleft())
            self.released += payloads

    def _disk_back(self) -> None:
        if self.disk_away is not None:
            self.disk_away = None
            logger.warning("The disk takes the prediction log again; lost so far: %d", self.lost)
