"""What every request passes on its way in and out: the log line and the metrics, pages of other origins, who is
asking and how often, how large and how long. Nothing here asks a database or a disk.
"""

import math

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evertopic.config import ServeRule
from serving.addresses import client_of, group_of
from serving.limits import Bounds, Buckets, Level
from serving.logs import RequestLog
from serving.metrics import Metrics
from serving.problems import Problem, TooBusy, answer
from serving.security import LOCAL, Caller, Guard, key_of

PROBES = {"/health", "/ready"}
"""Asked by machines that restart what does not answer: they are never told to wait."""
WRONG_KEYS_PER_MINUTE = 30
LIMIT = "This caller asks too often (serve.requests_per_minute)"
MILLION = 1_000_000
HEADERS_IN = ["Authorization", "Content-Type", "X-API-Key", "X-Request-ID"]
HEADERS_OUT = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", "X-Request-ID"]


def put_doors(app: FastAPI, rule: ServeRule, guard: Guard, metrics: Metrics) -> None:
    """Puts everything in front of `app`; call it once, where the app is made.

    Afterwards each request has in `request.state` (`scope["state"]`):
        request_id: str, also in the answer's X-Request-ID;
        entrant: Caller or Problem, read by the dependencies of `serving.security`.
    A route that answers texts sets `request.state.texts = n` for its log line.
    """
    app.add_middleware(Bounds, most_bytes=int(rule.max_body_mb * MILLION), seconds=rule.timeout_seconds)
    app.add_middleware(Admission, guard=guard, per_minute=rule.requests_per_minute)
    if rule.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(rule.cors),
            allow_methods=["GET", "POST"],
            allow_headers=HEADERS_IN,
            expose_headers=HEADERS_OUT,
        )
    app.add_middleware(RequestLog, metrics=metrics)


class Admission:
    """Middleware: finds out who asks, and counts how often.

    A key that is known is let in however many wrong ones came from the same address: nobody can lock out others
    behind one proxy, and 256 bits are not guessed.
    """

    def __init__(self, app: ASGIApp, guard: Guard, per_minute: int) -> None:
        self._app, self._guard = app, guard
        self._keys, self._addresses = Buckets(per_minute), Buckets(per_minute)
        self._wrong = Buckets(WRONG_KEYS_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        entrant = scope["state"]["entrant"] = self._guard.admit(scope)
        if scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        try:
            told = self._count(scope, entrant)
        except TooBusy as problem:
            await answer(problem, scope)(scope, receive, send)
            return

        async def with_level(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *told]
            await send(message)

        await self._app(scope, receive, with_level)

    def _count(self, scope: Scope, entrant: Caller | Problem) -> list[tuple[bytes, bytes]]:
        """What the answer says of the level, as headers.

        Raises:
            TooBusy: this caller asked too often, or came with too many wrong keys.
        """
        if isinstance(entrant, Caller) and entrant is not LOCAL:
            level = self._keys.take(entrant.id)
        else:
            address = group_of(client_of(scope))
            if isinstance(entrant, Problem) and key_of(scope) is not None:
                self._check(self._wrong.take(address), "Too many wrong keys came from this address")
            level = self._addresses.take(address)
        return [(name.lower().encode(), value.encode()) for name, value in self._check(level, LIMIT).items()]

    @staticmethod
    def _check(level: Level, sentence: str) -> dict[str, str]:
        if level.wait_s:
            seconds = math.ceil(level.wait_s)
            raise TooBusy(f"{sentence}: try again in {seconds} s.", retry_after_s=seconds, headers=level.headers())
        return level.headers()
