"""The prediction log: answers are on this disk before they leave, and in the database when it has time for them."""

import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic_core import PydanticSerializationError

from evertopic.records import LoggedPrediction, LogState
from evertopic.storage.journal import Journal
from evertopic.storage.log_queue import LogQueue
from evertopic.storage.log_writer import LogWriter, Stores, row_format
from evertopic.storage.segments import Write

logger = logging.getLogger(__name__)


class PredictionLog:
    """Answers go to a journal below `folder`, and from there, by a thread of its own, to the database.

    Ids make it exactly once: what was stored when the process died, but not yet struck off, is stored no second time.
    What `append` has taken outlives the process (not a power cut: nothing is synced). While the disk fails, answers
    wait in memory; what finds no room there is lost, and counted.

    Args:
        folder: of the journal, on a disk of this machine; several processes may share it.
        store: the database.
        memory: answers that may wait in memory, at 8 kB each.
        write: as os.pwrite; another one shows what a failing disk does.
    """

    def __init__(self, folder: Path, store: Stores, *, memory: int, write: Write = os.pwrite) -> None:
        self._queue = LogQueue(Journal(folder, write=write), memory)
        self._writer = LogWriter(self._queue, store)

    def append(self, rows: Sequence[LoggedPrediction]) -> None:
        """Keep these answers; it takes microseconds, whatever the database does. Any thread may call it."""
        self._queue.put([payload for row in rows if (payload := self._payload(row)) is not None])
        self._writer.wake()

    def settle(self, timeout_s: float) -> bool:
        """True when all that was appended before is in the database, or counted as lost; False when time is over."""
        until = time.monotonic() + timeout_s
        queue, journal, progress = self._queue, self._queue.journal, self._writer.progress
        self._writer.hurry()
        with progress:
            remembered = queue.remembered
            if not progress.wait_for(lambda: queue.released >= remembered, timeout_s):
                return False
            appended = journal.appended  # what memory gave back to the disk is among them
            return progress.wait_for(lambda: journal.finished >= appended, until - time.monotonic())

    def state(self) -> LogState:
        """How the log does at this moment."""
        on_disk, size = self._queue.journal.waiting()
        in_memory = self._queue.in_memory()
        return LogState(
            waiting=on_disk + in_memory,
            stored=self._writer.stored,
            lost=self._queue.lost,
            torn=self._writer.torn,
            journal_bytes=size,
            database_away="The writer of the log has ended: restart." if self._writer.ended else self._writer.away,
            in_memory=in_memory,
            disk_away=self._queue.disk_away,
        )

    def close(self, timeout_s: float = 5.0) -> None:
        """Store what can be stored in time; the rest stays on the disk for the next process. Append nothing after."""
        self._writer.stop(timeout_s)
        try:
            self._queue.close()
        except OSError as error:
            logger.warning("The journal could not be left in order; the next process will see to it: %s", error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _payload(self, row: LoggedPrediction) -> bytes | None:
        try:
            return row_format.dump_json(row)
        except PydanticSerializationError as error:
            logger.error("Prediction %s is lost, it cannot be written down: %s", row.id, error)  # noqa: TRY400
            self._queue.lose(1)
            return None
