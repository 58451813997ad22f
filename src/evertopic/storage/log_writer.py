"""The thread that brings the prediction log to the database."""

import logging
import time
from collections.abc import Sequence
from threading import Condition, Event, Thread
from typing import Protocol

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from evertopic.errors import BadInput, EvertopicError
from evertopic.records import LoggedPrediction
from evertopic.storage.log_queue import Batch, LogQueue

PAUSE_S = 0.1
"""Between two small transactions: nobody waits longer for a row, and ten commits a second cost next to nothing."""
FIRST_RETRY_S, LONGEST_RETRY_S = 0.1, 5.0
ADOPT_EVERY_S = 60.0

logger = logging.getLogger(__name__)
row_format = TypeAdapter(LoggedPrediction)


class Stores(Protocol):
    """What the log asks of a PredictionStore."""

    def add(self, rows: Sequence[LoggedPrediction], /) -> int:
        """Store the rows, those already there excepted. BadInput: one of them cannot be stored, and none was."""


class LogWriter:
    """Takes from the queue what waits, a part at a time, and adds it to the store."""

    def __init__(self, queue: LogQueue, store: Stores) -> None:
        self.stored = 0
        self.torn = 0
        """Damaged lines."""
        self.away: str | None = None
        """Why the database takes nothing."""
        self.progress = Condition()
        """Notified whenever something of the queue is done."""
        self._queue = queue
        self._store = store
        self._work, self._hurry, self._closing = Event(), Event(), Event()
        self._deadline = float("inf")
        self._adopted_at = float("-inf")
        self._thread = Thread(target=self._run, name="prediction-log", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """The thread has died of a fault nobody foresaw."""
        return not self._thread.is_alive() and not self._closing.is_set()

    def wake(self) -> None:
        """There is work; soon will do."""
        if not self._work.is_set():
            self._work.set()

    def hurry(self) -> None:
        """Somebody waits: make no pause."""
        self._hurry.set()

    def stop(self, timeout_s: float) -> None:
        """Go on until nothing waits, the database fails, or time is over."""
        self._deadline = time.monotonic() + timeout_s
        for signal in (self._closing, self._hurry, self._work):
            signal.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            last = self._closing.is_set()
            self._work.clear()
            try:
                moved = self._move()
            except (EvertopicError, SQLAlchemyError, OSError) as error:
                self._fails(error)
                if last:
                    return
                self._closing.wait(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
                continue
            if last and (moved is None or time.monotonic() > self._deadline):
                return
            retry_s = FIRST_RETRY_S
            self._rest(moved)

    def _rest(self, moved: Batch | None) -> None:
        if moved is None:
            self._work.wait(ADOPT_EVERY_S)
        elif not moved.full:
            self._hurry.wait(PAUSE_S)
            self._hurry.clear()

    def _move(self) -> Batch | None:
        """What was brought to the database, None where nothing waits."""
        self._adopt()
        batch = self._queue.take()
        if batch is None:
            return None
        rows = [row for payload in batch.payloads if (row := self._row(payload)) is not None]
        try:
            refused = self._add(rows)
        except (EvertopicError, SQLAlchemyError):
            self._queue.rescue()
            raise
        self._answers()
        self.stored += len(rows) - refused
        self.torn += len(batch.payloads) - len(rows)
        self._queue.lose(refused)
        with self.progress:
            self._queue.done(batch)
            self.progress.notify_all()
        return batch

    def _add(self, rows: Sequence[LoggedPrediction]) -> int:
        """How many of the rows the database refuses for good; the others are in it."""
        if not rows:
            return 0
        try:
            self._store.add(rows)
        except BadInput as error:
            if len(rows) == 1:
                logger.error("Prediction %s is lost: %s", rows[0].id, error)  # noqa: TRY400
                return 1
            half = len(rows) // 2
            return self._add(rows[:half]) + self._add(rows[half:])
        return 0

    def _adopt(self) -> None:
        if time.monotonic() - self._adopted_at < ADOPT_EVERY_S:
            return
        self._adopted_at = time.monotonic()
        try:
            self._queue.journal.adopt()
        except OSError as error:
            logger.warning("The folder of the prediction log cannot be read: %s", error)

    def _row(self, payload: bytes | None) -> LoggedPrediction | None:
        if payload is not None:
            try:
                return row_format.validate_json(payload)
            except ValidationError as error:
                logger.error("A line of the journal is no prediction: %d faults", error.error_count())  # noqa: TRY400
                return None
        logger.error("A line of the journal is damaged and was left out")
        return None

    def _fails(self, error: Exception) -> None:
        if isinstance(error, OSError):
            self._queue.disk_fails(error)
            return
        # Never a statement's parameters: there are texts among them.
        reason = f"{type(error).__name__}: {error.orig}" if isinstance(error, DBAPIError) else str(error)
        if isinstance(error, SQLAlchemyError) and not isinstance(error, DBAPIError):
            reason = type(error).__name__
        if self.away is None:
            logger.warning("The database takes no predictions, they wait in the journal: %s", reason)
        self.away = reason

    def _answers(self) -> None:
        if self.away is not None:
            self.away = None
            logger.warning("The database takes predictions again")
