"""How much one caller may ask for: requests a minute, feedback an hour, bytes of a body, seconds of an answer."""

import asyncio
import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Lock
from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.leaving import leaving_if_gone
from serving.problems import Problem, TooBusy, answer
from serving.security import Caller

HOUR = timedelta(hours=1)
MOST_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Level:
    """What is left to one caller."""

    limit: int
    left: int
    full_in_s: int
    """Until everything may be asked for again."""
    wait_s: float
    """Until the next one may be asked for; 0: it may be now, and was counted."""

    def headers(self) -> dict[str, str]:
        """As clients are told."""
        told = {"Limit": self.limit, "Remaining": self.left, "Reset": self.full_in_s}
        return {f"RateLimit-{name}": str(value) for name, value in told.items()}


class Buckets:
    """One bucket a caller, which holds `per_minute` and fills evenly: whoever was quiet may ask for a minute's worth.

    At most `most` callers are remembered; the one that asked longest ago is forgotten first, which fills its bucket.
    """

    def __init__(self, per_minute: int, most: int = MOST_BUCKETS, clock: Callable[[], float] = monotonic) -> None:
        self._size, self._most, self._clock = per_minute, most, clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> Level:
        """What is left to `who` after this one, if there was one left."""
        now, a_second = self._clock(), self._size / 60
        held, at = self._levels.pop(who, (float(self._size), now))
        held = min(self._size, held + (now - at) * a_second)
        wait = max(0.0, (1 - held) / a_second)
        if not wait:
            held -= 1
        self._levels[who] = held, now
        if len(self._levels) > self._most:
            self._levels.popitem(last=False)
        return Level(self._size, math.floor(held), math.ceil((self._size - held) / a_second), wait)


class FeedbackAllowance:
    """How much feedback one caller may give in an hour, counted from the store, so that a restart changes nothing."""

    def __init__(self, count: Callable[[str, datetime], int], per_hour: int) -> None:
        """Counts by `count` (`store.feedback.count`), which may be called from several threads."""
        self._count, self._per_hour = count, per_hour
        self._given_now: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def one(self, by: str, at: datetime) -> Iterator[None]:
        """Around the giving of one feedback. It asks the database: call it in a thread, not on the loop.

        Raises:
            TooBusy: this caller has given as many in the hour before `at`.
            Unavailable: the store does not answer.
        """
        with self._lock:
            self._given_now[by] += 1  # those on their way count: two at once must not both be the last one
            ahead = self._given_now[by] - 1
        try:
            if self._count(by, at - HOUR) + ahead >= self._per_hour:
                raise TooBusy(
                    f"{self._per_hour} answers were judged within an hour, which is all that one caller may.",
                    retry_after_s=HOUR.total_seconds(),
                )
            yield
        finally:
            with self._lock:
                self._given_now[by] -= 1
                self._given_now += Counter()  # forgets those at zero


class Bounds:
    """Middleware: a body that is too large is answered 413, one that does not arrive 408, too slow an answer 504.

    The body is read here, whole; the body of somebody unknown is not read at all.
    """

    def __init__(self, app: ASGIApp, most_bytes: int, seconds: float) -> None:
        self._app, self._most, self._seconds = app, most_bytes, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            taken = await self._take_in(scope, receive)
        except Problem as problem:
            await answer(problem, scope)(scope, receive, send)
            return
        if taken is None:
            return
        with leaving_if_gone(None if taken is receive else receive) as started:
            await self._answer_in_time(scope, taken, send, started)

    async def _take_in(self, scope: Scope, receive: Receive) -> Receive | None:
        """The source of the body for the application; None when the client has gone.

        Raises:
            Problem: the body is too large, or did not arrive in time.
        """
        declared = _declared(scope)
        if declared is None:
            return receive
        if not isinstance(scope["state"]["entrant"], Caller):
            return _replay(b"", receive)
        if declared > self._most:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._read(receive)
        except TimeoutError:
            raise Problem(
                HTTPStatus.REQUEST_TIMEOUT,
                "Body too slow",
                f"The body did not arrive in {self._seconds:g} seconds.",
                headers={"Connection": "close"},
            ) from None
        return None if body is None else _replay(body, receive)

    async def _read(self, receive: Receive) -> bytes | None:
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._most:
                raise self._too_large()
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _answer_in_time(self, scope: Scope, receive: Receive, send: Send, started: asyncio.Event) -> None:
        async def noted(message: Message) -> None:
            started.set()
            await send(message)

        try:
            async with asyncio.timeout(self._seconds) as limit:
                await self._app(scope, receive, noted)
        except TimeoutError:
            if not limit.expired():
                raise
            if not started.is_set():  # else the connection is closed in the middle, which is how a client can tell
                problem = Problem(
                    HTTPStatus.GATEWAY_TIMEOUT, "Too slow", f"There was no answer within {self._seconds:g} seconds."
                )
                await answer(problem, scope)(scope, receive, send)

    def _too_large(self) -> Problem:
        return Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "Body too large",
            f"A body may have {self._most:,} bytes (serve.max_body_mb): send the texts in several requests.",
        )


def _declared(scope: Scope) -> int | None:
    """Bytes of the body as its head has them, 0 where they are told in pieces; None: there is no body."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value) or None
        if name == b"transfer-encoding":
            return 0
    return None


def _replay(body: bytes, receive: Receive) -> Receive:
    """A source of exactly this body; afterwards whatever else comes from the client."""
    pending = [body]

    async def once() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return once
