"""A small application behind the real doors, for tests of the doors alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx
from fastapi import Body, Depends, FastAPI, Request
from starlette.types import Message, Scope

from evertopic.config import ServeRule
from evertopic.records import ApiKey, Role
from evertopic.storage.store.api_keys import digest_secret
from serving.doors import put_doors
from serving.metrics import Metrics
from serving.problems import add_handlers
from serving.security import Caller, Guard, admin, labeller, predictor, viewer

AT = datetime(2026, 3, 1, tzinfo=UTC)
HERE = "http://127.0.0.1:8000"


def make_app(rule: ServeRule | None = None, guard: Guard | None = None, metrics: Metrics | None = None) -> FastAPI:
    """The application: a route for each role, an open one, one that breaks, one that takes its time."""
    app = FastAPI()
    put_doors(app, rule or ServeRule(), guard or Guard(), metrics or Metrics())
    add_handlers(app)
    for role in (viewer, predictor, labeller, admin):
        app.get(f"/{role.role}")(_named(role))

    @app.get("/health")
    async def health() -> str:
        return "well"

    @app.post("/echo")
    async def echo(
        request: Request, caller: Annotated[Caller, Depends(predictor)], text: Annotated[str, Body(embed=True)]
    ) -> str:
        request.state.texts = 1
        return text

    @app.post("/break/{word}")
    async def broken(caller: Annotated[Caller, Depends(predictor)], text: Annotated[str, Body(embed=True)]) -> str:
        raise RuntimeError(f"cannot bear {text}")

    @app.get("/slow")
    async def slow(caller: Annotated[Caller, Depends(viewer)]) -> None:
        await asyncio.Event().wait()

    return app


def _named(role: Any) -> Callable[[Caller], Any]:
    async def name(caller: Annotated[Caller, Depends(role)]) -> str:
        return caller.name

    return name


def keys_of(**secrets: str) -> dict[str, ApiKey]:
    """Keys as the store gives them, one for each role: its secret."""
    return {
        digest_secret(secret): ApiKey(f"key-{role}", f"the {role}", _role(role), AT, None)
        for role, secret in secrets.items()
    }


def _role(word: str) -> Role:
    return word  # type: ignore[return-value]


def guard_with(**secrets: str) -> Guard:
    """A guard that knows these keys."""
    guard = Guard()
    guard.learn(keys_of(**secrets))
    return guard


@asynccontextmanager
async def client(app: FastAPI, address: str = "127.0.0.1", base: str = HERE) -> AsyncIterator[httpx.AsyncClient]:
    """A client of `app` that comes from `address`."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=base) as opened:
        yield opened


def bearer(secret: str) -> dict[str, str]:
    """The header that shows a key."""
    return {"Authorization": f"Bearer {secret}"}


def scope_of(path: str, method: str = "POST", **headers: str) -> Scope:
    """A request as a server hands it over, from this machine."""
    given = {"host": "127.0.0.1:8000", "content-type": "application/json", **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


class Wire:
    """The server's side of one request: gives the messages in turn, then nothing more; keeps what is sent."""

    def __init__(self, *messages: Message) -> None:
        self.coming, self.sent, self.asked = list(messages), list[Message](), 0

    async def receive(self) -> Message:
        """The next message; a client that says nothing more is waited for."""
        self.asked += 1
        if not self.coming:
            await asyncio.Event().wait()
        return self.coming.pop(0)

    async def send(self, message: Message) -> None:
        """Kept."""
        self.sent.append(message)

    @property
    def status(self) -> int:
        """Of the answer."""
        status: int = self.sent[0]["status"]
        return status

    @property
    def headers(self) -> dict[str, str]:
        """Of the answer."""
        return {name.decode().lower(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        """Of the answer."""
        return b"".join(message.get("body", b"") for message in self.sent[1:])


def part(body: bytes, *, more: bool = False) -> Message:
    """A piece of a body."""
    return {"type": "http.request", "body": body, "more_body": more}
