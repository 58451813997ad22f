"""Logs as JSON lines on stdout, one a request, never with a word of a text."""

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from secrets import token_hex
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evertopic.errors import BadConfig, Corrupted, Unavailable
from serving.metrics import Metrics
from serving.security import Caller

GONE = 499
"""The status of a request whose client went away before the answer began; nobody receives it."""
UNEXPECTED = "internal-error"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
OURS = ("evertopic", "uvicorn")
"""Loggers whose sentences are known; of others only the place is told, their words may quote a text."""
SPOKEN = (BadConfig, Corrupted, Unavailable)
"""Faults whose words speak of machines and files."""
SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
requests = logging.getLogger("evertopic.requests")


def start_logging() -> None:
    """From here on everything this process logs or dies of is one JSON object a line, on stdout."""
    lines = _Lines(sys.stdout)
    lines.setFormatter(JsonLine())
    logging.root.handlers[:] = [lines]
    logging.root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    # Not in our lines, and asked for with each of them.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    threading.excepthook = lambda end: logging.getLogger("evertopic.threads").error(
        "A thread ended: %s",
        end.exc_value,
        exc_info=None if end.exc_value is None else (end.exc_type, end.exc_value, end.exc_traceback),
    )


class JsonLine(logging.Formatter):
    """A record as one line of JSON: time, level, what happened; of an error its class and its place, not its words."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _sentence(record),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _errors(record.exc_info[1])
        return json.dumps(line)


class RequestLog:
    """Middleware: gives each request its id, and tells the log and the metrics what became of it.

    A client's own X-Request-ID is taken where it is 1 to 64 letters, digits, dots, dashes or underscores.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        new_id: Callable[[], str] = lambda: token_hex(16),
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._app, self._metrics, self._new_id, self._clock = app, metrics, new_id, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        own = given.decode() if SANE_ID.fullmatch(given) else self._new_id()
        scope.setdefault("state", {})["request_id"] = own
        status, started = HTTPStatus.INTERNAL_SERVER_ERROR.value, self._clock()
        answered = False

        async def marked(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", own.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        try:
            await self._app(scope, receive, marked)
            status = status if answered else GONE
        finally:
            self._tell(scope, status, self._clock() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        state = scope["state"]
        route = getattr(scope.get("route"), "path", None) or "unmatched"
        method = scope["method"] if scope["method"] in METHODS else "other"
        entrant = state.get("entrant")
        # What nobody expected is answered outside of this.
        problem = state.get("problem") or (UNEXPECTED if status == HTTPStatus.INTERNAL_SERVER_ERROR else None)
        self._metrics.request(route, method, status, seconds)
        if problem is not None:
            self._metrics.fault(problem)
        fields = {
            "id": state["request_id"],
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1_000, 3),
            "caller": entrant.id if isinstance(entrant, Caller) else None,
            "texts": state.get("texts"),
            "problem": problem,
        }
        # Made here, because a logger would first look where it was called from.
        record = logging.LogRecord(requests.name, logging.INFO, __file__, 0, "request", None, None)
        record.fields = fields
        requests.handle(record)


class _Lines(logging.StreamHandler[Any]):
    """Writes lines. A log that nobody reads any more is no reason to stop answering, nor to show what it held."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Drops the line."""


def _sentence(record: logging.LogRecord) -> str:
    if not record.name.startswith(OURS):
        return f"{record.name} spoke in {record.module}, line {record.lineno}"
    args = record.args if isinstance(record.args, tuple) else ()
    safe = tuple(_named(arg) if isinstance(arg, BaseException) else arg for arg in args)
    return (str(record.msg) % safe if safe else str(record.msg)).strip()


def _named(fault: BaseException) -> str:
    return str(fault) if isinstance(fault, SPOKEN) else type(fault).__name__


def _errors(fault: BaseException) -> list[dict[str, Any]]:
    """The error and those behind it, the last one first: class and frames."""
    told: list[dict[str, Any]] = []
    next_one: BaseException | None = fault
    while next_one is not None and len(told) < 5:
        frames = traceback.extract_tb(next_one.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        told.append({"kind": f"{type(next_one).__module__}.{type(next_one).__qualname__}", "frames": places})
        next_one = next_one.__cause__ or next_one.__context__
    return told
